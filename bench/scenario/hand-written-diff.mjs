// What somebody who knows DuckDB writes by hand for the same answer, with the same bound of memory: as fast as we could make it.
// `generate BEFORE AFTER ROWS` writes the two tables; `diff BEFORE AFTER` prints the counts.
import { DuckDBInstance } from '@duckdb/node-api';
import { dirname } from 'node:path';

const COLUMNS = ['a', 'b', 'price', 'customer', 'color', 'at', 'flag', 'n', 'amount'].map(name => `"${name}"`);

const [verb, before, after, rows] = process.argv.slice(2);
const database = await DuckDBInstance.create(':memory:', {
  memory_limit: '1536MiB',
  temp_directory: `${dirname(before)}/spill`
});
const connection = await database.connect();
const query = async sql => (await connection.runAndReadAll(sql)).getRows();

async function generate(count) {
  const columns = amount => `
    i AS id, (hash(i) % 1000)::INTEGER AS a, hash(i * 3) / 1e10 AS b, (hash(i * 5) % 100000) / 100.0::DOUBLE AS price,
    'customer-' || (hash(i * 7) % 200000) AS customer, ['red', 'green', 'blue', 'white'][1 + (hash(i * 11) % 4)::INTEGER] AS color,
    TIMESTAMP '2020-01-01' + to_seconds((hash(i * 13) % 100000000)::BIGINT) AS "at", hash(i * 17) % 2 = 0 AS flag,
    (hash(i * 19) % 1000000)::BIGINT AS n, ${amount} AS amount`;
  const amount = '(hash(i * 23) % 1000000) / 7.0';
  await query(`COPY (SELECT ${columns(amount)} FROM range(${count}) t(i)) TO '${before}'`);
  await query(
    `COPY (SELECT ${columns(`CASE WHEN i % 1000 = 7 THEN -1.0 ELSE ${amount} END`)} FROM range(${count + count / 1000}) t(i)
     WHERE i % 1000 <> 13 OR i >= ${count}) TO '${after}'`
  );
}

async function diff() {
  const hashed = file => `(SELECT id, hash(${COLUMNS}) AS h FROM '${file}')`;
  await query(
    `CREATE TEMP TABLE differing AS SELECT coalesce(x.id, y.id) AS id,
       CASE WHEN x.h IS NULL THEN 'added' WHEN y.h IS NULL THEN 'removed' ELSE 'changed' END AS kind
     FROM ${hashed(before)} x FULL JOIN ${hashed(after)} y ON x.id = y.id WHERE x.h IS DISTINCT FROM y.h`
  );
  await query(`CREATE TEMP TABLE x AS SELECT * FROM '${before}' SEMI JOIN differing USING (id)`);
  await query(`CREATE TEMP TABLE y AS SELECT * FROM '${after}' SEMI JOIN differing USING (id)`);
  const cells = COLUMNS.map(name => `count(*) FILTER (x.${name} IS DISTINCT FROM y.${name})`);
  await query(`SELECT ${cells} FROM x JOIN y USING (id)`);
  await query('SELECT * FROM differing LEFT JOIN x USING (id) LEFT JOIN y USING (id) ORDER BY id LIMIT 20');
  const counts = await query('SELECT kind, count(*) FROM differing GROUP BY kind');
  console.log(JSON.stringify(Object.fromEntries(counts.map(([kind, count]) => [kind, Number(count)]))));
}

await (verb === 'generate' ? generate(Number(rows)) : diff());
