import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addColumns, findDifferences, newColumns, writeSchema } from '../../../src/core/format/schema-edit';
import { parseSchema } from '../../../src/core/format/schema-file';
import type { TableSchema } from '../../../src/core/model/table-schema';
import type { ITableSession } from '../../../src/core/port';
import type { TableFormat } from '../../../src/core/model/table';
import type { TableFacts } from '../../../src/core/table/check-table';
import { columnsOf, countRows } from '../../../src/core/table/columns';
import { findAnomalies } from '../../../src/core/table/find-anomalies';
import { domainCandidates, inferSchema, keyCandidate } from '../../../src/core/table/infer';
import { listDomains, isUnique, runProbes } from '../../../src/core/table/probe';
import { addNumbers } from '../../../src/core/table/row-numbers';
import { tableStatistics } from '../../../src/core/table/statistics';
import { factsOf, openDuckDb } from './anomaly-harness';
import type { Options } from './anomaly-harness';

async function infer(session: ITableSession, facts: TableFacts): Promise<TableSchema> {
  const key = keyCandidate(facts);
  return inferSchema(facts, {
    domains: await listDomains(session, 't', domainCandidates(facts)),
    keyIsUnique: key !== null && (await isUnique(session, 't', key))
  });
}

async function inferFrom(query: string, options: Options = {}): Promise<TableSchema> {
  const session = await openDuckDb();
  await session.query(`CREATE TABLE t AS ${query}`);
  return infer(session, await factsOf(session, 't', options));
}

/** What the program reads of it. */
async function readFacts(session: ITableSession, format: TableFormat): Promise<TableFacts> {
  await addNumbers(session, 't');
  const [rows, columns] = [await countRows(session, 't'), await columnsOf(session, 't')];
  return {
    format,
    rows,
    brokenCount: 0,
    columns: await tableStatistics(session, 't', { columns, rows, files: 1 }, {})
  };
}

const text = (value: string | null): string => (value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`);

/** A column's SQL type and its values as SQL spells them. */
const column = fc.oneof(
  fc.constantFrom('BIGINT', 'UTINYINT', 'HUGEINT').chain(type => values(type, fc.nat(200).map(String))),
  fc.constantFrom('DOUBLE', 'FLOAT').chain(type =>
    values(
      type,
      fc.double().map(value => `'${Number.isFinite(value) ? Math.fround(value) : String(value)}'`)
    )
  ),
  values(
    'DECIMAL(9,2)',
    fc.integer({ min: -9999, max: 9999 }).map(value => String(value / 100))
  ),
  values(
    'VARCHAR',
    fc
      .string({ unit: 'grapheme', maxLength: 3 })
      .filter(value => !value.includes('\0'))
      .map(text)
  ),
  values('BOOLEAN', fc.boolean().map(String)),
  values(
    'DATE',
    fc.integer({ min: -100_000, max: 100_000 }).map(days => `DATE '1970-01-01' + ${days}`)
  ),
  values(
    'TIMESTAMP',
    fc.integer({ min: -1e9, max: 1e9 }).map(seconds => `make_timestamp(${seconds}000000)`)
  ),
  values(
    'INTEGER[]',
    fc.nat(3).map(length => `range(${length})`)
  ),
  values(
    'STRUCT(a INTEGER)',
    fc.nat(3).map(value => `{'a': ${value}}`)
  )
);

function values(type: string, value: fc.Arbitrary<string>) {
  return fc.record({
    type: fc.constant(type),
    name: fc.constantFrom('id', '__proto__', 'a "b"', 'user_id', '1', 'constructor', 'x'),
    values: fc.array(fc.option(value, { nil: 'NULL', freq: 8 }), { minLength: 40, maxLength: 40 })
  });
}

const table = fc.record({
  columns: fc.uniqueArray(column, { minLength: 1, maxLength: 5, selector: ({ name }) => name.toLowerCase() }),
  rows: fc.integer({ min: 0, max: 40 }),
  format: fc.constantFrom('parquet' as const, 'csv' as const)
});

describe('an inferred schema', () => {
  it('finds nothing in the table it was inferred from, written to a file and read again', async () => {
    const session = await openDuckDb();
    await fc.assert(
      fc.asyncProperty(table, async ({ columns, rows, format }) => {
        const names = columns.map(({ name }) => `"${name.replaceAll('"', '""')}"`);
        const types = columns.map(({ type }, index) => `${names[index]} ${type}`).join(', ');
        await session.query(`CREATE OR REPLACE TABLE t (${types})`);
        const lines = Array.from({ length: rows }, (_, row) => `(${columns.map(each => each.values[row]).join(', ')})`);
        if (lines.length > 0) {
          await session.query(`INSERT INTO t VALUES ${lines.join(', ')}`);
        }
        const facts = await readFacts(session, format);
        const schema = await infer(session, facts);
        const { schema: again, unknown } = parseSchema(writeSchema(schema), 'schemas/t.json');
        expect(again).toEqual(schema);
        expect(unknown).toEqual([]);
        const found = await findAnomalies('t', again, facts, { previous: facts, drift: [] }, (probes, wanted) =>
          runProbes(session, 't', probes, wanted)
        );
        expect(found).toEqual([]);
      }),
      { numRuns: 60 }
    );
  }, 120_000);

  it('says what the table surely is', async () => {
    const schema = await inferFrom(
      `SELECT range AS id, range % 7 - 3 AS shift, range / 100 AS share, range * 1.5::DOUBLE AS price,
       ['low', 'high'][1 + range % 2] AS level, 'customer ' || range AS name,
       CASE WHEN range % 10 > 0 THEN DATE '2026-01-01' END AS day, NULL::DOUBLE AS unused FROM range(100)`
    );
    expect(schema).toEqual({
      key: ['id'],
      severity: 'warn',
      rows: { min: 1 },
      newColumns: 'warn',
      columns: [
        { name: 'id', type: 'integer', required: true, maxNullShare: 0, min: 0 },
        { name: 'shift', type: 'integer', required: true, maxNullShare: 0 },
        { name: 'share', type: 'float', required: true, maxNullShare: 0, min: 0, max: 1, finite: true },
        { name: 'price', type: 'float', required: true, maxNullShare: 0, min: 0, finite: true },
        { name: 'level', type: 'string', required: true, maxNullShare: 0, domain: ['high', 'low'] },
        { name: 'name', type: 'string', required: true, maxNullShare: 0 },
        { name: 'day', type: 'date', required: true, maxNullShare: 0.15 },
        { name: 'unused', required: true }
      ]
    });
  });

  it('asks for all values of a domain, and whether the key is unique, where statistics only estimate', async () => {
    const query = `SELECT range AS id, 'v' || (range % 60) AS level, 'w' || (range % 101) AS word FROM range(1000)`;
    for (const approximate of [undefined, 0.95, 1.05]) {
      const { key, columns } = await inferFrom(query, { approximate });
      expect(key).toEqual(['id']);
      expect(columns[1]!.domain).toEqual(Array.from({ length: 60 }, (_, n) => `v${n}`).sort());
      expect(columns[2]!.domain).toBeUndefined();
    }
    const doubled = await inferFrom('SELECT range % 999 AS id FROM range(1000)', { approximate: 1 });
    expect(doubled.key).toBeUndefined();
  });

  it('of no rows says only which columns there are', async () => {
    const schema = await inferFrom('SELECT 1 AS a, 2 AS b LIMIT 0');
    expect(schema.columns).toEqual([
      { name: 'a', required: true },
      { name: 'b', required: true }
    ]);
    expect(schema.rows).toBeUndefined();
  });
});

describe('an edited schema', () => {
  const edited = `{
  "format": "branchbook-schema/1",
  "note": "ours",
  "columns": {
    "2": {
      "max": 1.50,
      "colour": "red"
    },
    "level": {
      "domain": ["low"],
      "type": "string",
      "maxNullShare": 0
    },
    "gone": {}
  }
}
`;
  const inferred = parseSchema(
    `{"format": "branchbook-schema/1", "columns": {"1": {"type": "integer"}, "2": {"type": "float", "min": 0},
      "level": {"type": "integer", "domain": ["low", "high"], "maxNullShare": 0.1}}}`,
    'new'
  ).schema;
  const file = parseSchema(edited, 'old');

  it('only gains columns', () => {
    const columns = newColumns(file, inferred);
    expect(columns).toEqual([{ name: '1', type: 'integer' }]);
    const written = addColumns(file, columns);
    const added = '    "gone": {},\n    "1": {\n      "type": "integer"\n    }\n';
    expect(written).toBe(edited.replace('    "gone": {}\n', added));
    expect(addColumns(parseSchema('{"format": "branchbook-schema/1"}', 'x'), columns)).toContain('"1": {');
  });

  it('is told where the data say otherwise', () => {
    expect(findDifferences(file, inferred)).toEqual([
      { where: 'columns.level.type', file: '"string"', data: '"integer"' },
      { where: 'columns.level.maxNullShare', file: '0', data: '0.1' },
      { where: 'columns.level.domain', file: '1 values', data: '["high"]' },
      { where: 'columns.gone', file: 'there', data: 'no such column' }
    ]);
  });
});
