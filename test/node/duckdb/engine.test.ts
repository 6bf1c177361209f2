import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTableEngine } from '../../../src/node/duckdb/engine';
import { disk } from '../../../src/node/fs/disk';
import { openProcesses } from '../../../src/node/process/processes';
import { temporaryDirectory } from '../../support/temporary-directory';
import { openTables } from '../../support/tables';

function twoFiles(): { folder: string; mine: string; other: string } {
  const folder = temporaryDirectory();
  const [mine, other] = [join(folder, "it's [1]*.csv"), join(folder, 'other.csv')];
  writeFileSync(mine, 'a\n1\n2\n');
  writeFileSync(other, 'a\n3\n');
  return { folder, mine, other };
}

const read = (file: string): string => `SELECT sum(a)::BIGINT FROM read_csv('${file.replaceAll("'", "''")}')`;

describe('a session', () => {
  it('reads its own files, whatever they are called, and nothing else of the disk or the network', async () => {
    const { folder, mine, other } = twoFiles();
    const session = await (await openTables()).open({ files: [mine] }, {});
    expect((await session.query(read(mine))).rows).toEqual([[3n]]);
    const denied = [
      read(other),
      `SELECT * FROM glob('${folder}/*')`,
      `COPY (SELECT 1) TO '${folder}/new.csv'`,
      "SELECT * FROM read_csv('https://example.org/a.csv')",
      "ATTACH '/tmp/a.db'",
      'INSTALL httpfs',
      'LOAD httpfs',
      'SET enable_external_access = true',
      "SET allowed_paths = ['/etc/passwd']"
    ];
    for (const sql of denied) {
      const outcome = await session.query(sql).then(
        ({ rows }) => rows,
        error => error.code
      );
      // A glob finds nothing where nothing may be seen.
      expect(typeof outcome === 'string' || outcome.length === 0, sql).toBe(true);
    }
    expect(readdirSync(folder)).toHaveLength(2);
    await session.close();
  });

  it('writes where it may', async () => {
    const { folder, other } = twoFiles();
    const to = join(folder, 'out.csv');
    const session = await (await openTables()).open({ files: [], writes: [to] }, {});
    await session.query(`COPY (SELECT 7 AS a) TO '${to}'`);
    await expect(session.query(`COPY (SELECT 7 AS a) TO '${other}.2'`)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED'
    });
    expect(readdirSync(folder).sort()).toContain('out.csv');
    await session.close();
  });

  it('gives values without a loss', async () => {
    const session = await (await openTables()).open({ files: [] }, {});
    const { columns, rows } = await session.query(
      "SELECT $1::BIGINT AS big, 1::INTEGER, 0.1::DOUBLE, 1.50::DECIMAL(9, 2), 'x', true, NULL, DATE '1815-12-10', TIMESTAMPTZ '2020-01-01 00:00:00+02', [1, 2], $2 AS text",
      [9007199254740993n, "'; DROP TABLE t; --"]
    );
    expect(rows).toEqual([
      [
        9007199254740993n,
        1,
        0.1,
        '1.50',
        'x',
        true,
        null,
        '1815-12-10',
        '2019-12-31 22:00:00+00',
        '[1, 2]',
        "'; DROP TABLE t; --"
      ]
    ]);
    expect(columns.slice(0, 4).map(({ type }) => type)).toEqual(['BIGINT', 'INTEGER', 'DOUBLE', 'DECIMAL(9,2)']);
    await session.close();
  });

  it('is interrupted by its signal, and goes on for the next one', async () => {
    const engine = await openTables();
    const controller = new AbortController();
    const session = await engine.open({ files: [], keep: 'x' }, { signal: controller.signal });
    await session.query('CREATE TABLE kept AS SELECT 1 AS a');
    const long = session.query(
      'SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE hash(a.range + b.range) = 1'
    );
    setTimeout(() => controller.abort(), 50);
    await expect(long).rejects.toMatchObject({ code: 'CANCELLED' });
    await session.close();
    const again = await engine.open({ files: [], keep: 'x' }, {});
    expect((await again.query('SELECT a FROM kept')).rows).toEqual([[1]]);
    await again.close();
    await expect(engine.open({ files: [] }, { signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED'
    });
  });

  it('is kept for the same files only, and by one user at a time', async () => {
    const { mine, other } = twoFiles();
    const engine = await openTables();
    const first = await engine.open({ files: [mine], keep: 'x' }, {});
    await first.query('CREATE TABLE kept AS SELECT 1');
    const meanwhile = await engine.open({ files: [mine], keep: 'x' }, {});
    await expect(meanwhile.query('FROM kept')).rejects.toMatchObject({ code: 'INTERNAL' });
    await meanwhile.close();
    await first.close();
    const elsewhere = await engine.open({ files: [other], keep: 'x' }, {});
    await expect(elsewhere.query('FROM kept')).rejects.toMatchObject({ code: 'INTERNAL' });
    await elsewhere.close();
  });

  it('spills what does not fit in memory, and leaves nothing behind', async () => {
    const spill = join(temporaryDirectory(), 'spill');
    const engine = await openTables({ spill, memory: 40 * 1024 * 1024 });
    const session = await engine.open({ files: [] }, {});
    const { rows } = await session.query(
      'SELECT count(*), sum(x) FROM (SELECT x, hash(x)::VARCHAR AS t FROM range(2000000) r(x) ORDER BY t)'
    );
    expect(String(rows[0]![1])).toBe(String((1_999_999n * 2_000_000n) / 2n));
    await session.query('CREATE TABLE big AS SELECT hash(x)::VARCHAR AS t FROM range(3000000) r(x)');
    const [own] = readdirSync(spill);
    expect(readdirSync(join(spill, own!))).not.toEqual([]);
    await session.close();
    expect(readdirSync(join(spill, own!))).toEqual([]);
  });
});

describe('the engine', () => {
  it('removes what a dead process spilled, and only that', async () => {
    const spill = join(temporaryDirectory(), 'spill');
    const processes = await openProcesses();
    const dead = [processes.host, '999999999', 'boot/1'].map(encodeURIComponent).join('~');
    const elsewhere = ['another-machine', '1', 'boot/1'].map(encodeURIComponent).join('~');
    for (const name of [dead, elsewhere]) {
      mkdirSync(join(spill, name, '1'), { recursive: true });
    }
    const session = await (await openTables({ spill })).open({ files: [] }, {});
    await session.close();
    expect(existsSync(join(spill, dead))).toBe(false);
    expect(existsSync(join(spill, elsewhere))).toBe(true);
  });

  it('says so where there is no DuckDB, and works once there is', async () => {
    let broken = true;
    const engine = createTableEngine({
      spill: join(temporaryDirectory(), 'spill'),
      files: disk,
      processes: await openProcesses(),
      load: () => (broken ? Promise.reject(new Error('Cannot find module')) : import('@duckdb/node-api'))
    });
    await expect(engine.open({ files: [] }, {})).rejects.toMatchObject({
      code: 'TABLES_UNAVAILABLE',
      hint: expect.stringContaining('Install')
    });
    broken = false;
    const session = await engine.open({ files: [] }, {});
    expect((await session.query('SELECT 1')).rows).toEqual([[1]]);
    await session.close();
    await engine.close();
  });
});
