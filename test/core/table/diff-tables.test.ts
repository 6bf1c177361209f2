/** Row diffs by key and as bags, against a naive comparison of multisets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TableDiff } from '../../../src/core/model/diff';
import type { ITableSession } from '../../../src/core/port';
import { columnsOf, countRows } from '../../../src/core/table/columns';
import { diffTables } from '../../../src/core/table/diff-tables';
import type { TableDiffOptions } from '../../../src/core/table/diff-tables';
import type { KeyWish } from '../../../src/core/table/find-key';
import type { Relation } from '../../../src/core/table/shared-columns';
import { openSession } from '../../support/tables';

const ALL = { offset: 0, limit: 1000 };

/** A view of SQL in a session of its own. */
async function relation(session: ITableSession, view: string, sql: string): Promise<Relation> {
  await session.query(`CREATE VIEW ${view} AS ${sql}`);
  return { view, columns: await columnsOf(session, view), rows: await countRows(session, view) };
}

type Options = KeyWish & Partial<TableDiffOptions>;

async function diffIn(session: ITableSession, from: Relation, to: Relation, options: Options): Promise<TableDiff> {
  const { named, declared, index, ...rest } = options;
  const input = { from, to, wish: { named, declared, index }, broken: { from: 0, to: 0 }, notices: [] };
  return diffTables(session, async () => input, { rows: ALL, ...rest });
}

async function diff(from: string, to: string, options: Options = {}): Promise<TableDiff> {
  const session = await openSession();
  return diffIn(session, await relation(session, 'a', from), await relation(session, 'b', to), options);
}

const values = (names: string, ...rows: readonly string[]): string =>
  `SELECT * FROM (VALUES ${rows.map(row => `(${row})`).join(', ')}) t(${names})`;

describe('by key', () => {
  it('tells added, removed and changed rows, and which cells', async () => {
    const result = await diff(
      values('id, name, score', "1, 'a', 1.5", "2, 'b', 2.5", "3, 'c', 3.5"),
      values('id, name, score', "1, 'a', 1.5", "2, 'B', 9.5", "4, 'd', 4.5")
    );
    expect(result.key).toEqual({ columns: ['id'], source: 'found' });
    expect(result.counts).toEqual({ from: 3, to: 3, added: 1, removed: 1, changed: 1, unchanged: 1 });
    expect(result.rows).toEqual([
      { kind: 'changed', from: [2, 'b', '2.5'], to: [2, 'B', '9.5'], cells: [1, 2] },
      { kind: 'removed', from: [3, 'c', '3.5'], to: null, cells: [] },
      { kind: 'added', from: null, to: [4, 'd', '4.5'], cells: [] }
    ]);
    expect(result.changedCells).toEqual([
      { column: 'name', count: 1 },
      { column: 'score', count: 1 }
    ]);
    expect(result.total).toBe(3);
  });

  it('takes NaN for NaN, -0 for 0 and null for null, in lists too', async () => {
    const row =
      "'NaN'::DOUBLE, 0.0::DOUBLE, NULL::INTEGER, [0.0::DOUBLE, 'NaN'], {'a': NULL::INTEGER, 'b': 0.0::DOUBLE}";
    const other =
      "'NaN'::DOUBLE, '-0.0'::DOUBLE, NULL::INTEGER, ['-0.0'::DOUBLE, 'NaN'], {'a': NULL::INTEGER, 'b': '-0.0'::DOUBLE}";
    for (const named of [['id'], undefined]) {
      const result = await diff(values('id, n, z, e, l, s', `1, ${row}`), values('id, n, z, e, l, s', `1, ${other}`), {
        named
      });
      expect(result.counts).toMatchObject({ unchanged: 1, changed: 0 });
    }
    const result = await diff(
      values('id, x', '1, NULL::DOUBLE', "2, 'NaN'"),
      values('id, x', "1, 'NaN'::DOUBLE", '2, NULL'),
      { named: ['id'] }
    );
    expect(result.counts.changed).toBe(2);
    expect(result.rows.map(({ from, to }) => [from![1], to![1]])).toEqual([
      [null, 'NaN'],
      ['NaN', null]
    ]);
  });

  it('counts duplicate and null keys, and compares those rows as bags', async () => {
    const result = await diff(
      values('id, x', '1, 1', '1, 1', '1, 2', 'NULL, 1', 'NULL, 2', '5, 5', '6, 6'),
      values('id, x', '1, 1', '1, 3', 'NULL, 2', 'NULL, 2', '5, 50', '6, 6', '6, 6'),
      { named: ['id'] }
    );
    expect(result.duplicateKeys).toEqual({ from: 1, to: 2 });
    expect(result.nullKeys).toEqual({ from: 2, to: 2 });
    // Key 1 loses (1,1) and (1,2), gains (1,3); null loses (null,1), gains (null,2); 6 gains a copy; 5 changes.
    expect(result.counts).toEqual({ from: 7, to: 7, added: 3, removed: 3, changed: 1, unchanged: 3 });
    expect(result.rows.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['removed', [1, 1], null],
      ['removed', [1, 2], null],
      ['added', null, [1, 3]],
      ['changed', [5, 5], [5, 50]],
      ['added', null, [6, 6]],
      ['removed', [null, 1], null],
      ['added', null, [null, 2]]
    ]);
  });
});

describe('columns', () => {
  it('that were added, removed, retyped, renamed and put in another order', async () => {
    const result = await diff(
      `SELECT i AS id, i * 2 AS price, i % 3 AS kind, i % 7 AS gone, 'x' AS note FROM range(100) t(i)`,
      `SELECT 'x' AS note, i::INTEGER AS id, (i % 3)::DOUBLE AS kind, i * 2 + (i // 95) AS cost, i * 11 AS fresh FROM range(100) t(i)`
    );
    expect(result.schema.added.map(({ name }) => name)).toEqual(['cost', 'fresh']);
    expect(result.schema.removed.map(({ name }) => name)).toEqual(['price', 'gone']);
    expect(result.schema.retyped).toEqual([
      { name: 'id', from: 'BIGINT', to: 'INTEGER' },
      { name: 'kind', from: 'BIGINT', to: 'DOUBLE' }
    ]);
    expect(result.schema.renamed).toEqual([{ from: 'price', to: 'cost', similarity: 0.95 }]);
    expect(result.schema.reordered).toBe(true);
    expect(result.counts).toMatchObject({ unchanged: 100, changed: 0 });
    expect(result.columns.map(({ name }) => name)).toEqual(['id', 'note', 'kind', 'cost', 'fresh', 'price', 'gone']);
  });

  it('of other types are compared by value', async () => {
    const result = await diff(
      values('id, n, d, t', "1, 1::BIGINT, 1.10::DECIMAL(4,2), DATE '2020-01-01'", "2, 2, 2.20, DATE '1850-01-01'"),
      values(
        'id, n, d, t',
        "1, 1.0::DOUBLE, 1.1::DECIMAL(9,1), TIMESTAMP '2020-01-01'",
        "2, 2.5, 2.2, TIMESTAMP '1850-01-01 00:00:01'"
      )
    );
    expect(result.changedCells).toEqual([
      { column: 'n', count: 1 },
      { column: 't', count: 1 }
    ]);
  });
});

describe('the key', () => {
  const table = "SELECT i AS id, i % 10 AS a, i // 10 AS b, 'x' || i AS name, i / 7.0 AS x FROM range(100) t(i)";

  it('is named, declared, the index, or found', async () => {
    expect((await diff(table, table, { named: ['b', 'a'] })).key).toEqual({ columns: ['b', 'a'], source: 'named' });
    expect((await diff(table, table, { declared: ['name'] })).key).toEqual({ columns: ['name'], source: 'declared' });
    expect((await diff(table, table, { index: ['name'] })).key).toEqual({ columns: ['name'], source: 'index' });
    expect((await diff(table, table, { index: ['a'] })).key).toEqual({ columns: ['id'], source: 'found' });
    expect((await diff(table, table, { declared: ['missing'] })).key?.source).toBe('found');
    const pair = 'SELECT * EXCLUDE (id, name) FROM (' + table + ')';
    expect((await diff(pair, pair)).key).toEqual({ columns: ['a', 'b'], source: 'found' });
    const none = 'SELECT a, a + 1 AS b FROM (' + table + ')';
    expect((await diff(none, none)).key).toBeNull();
  });

  it('is refused when a side lacks it', async () => {
    await expect(diff(table, table, { named: ['nope'] })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('is no column that is unique by chance', async () => {
    const result = await diff(
      'SELECT i * 7 AS amount, chr((65 + i)::INTEGER) AS city FROM range(10) t(i)',
      'SELECT i * 7 + 1 AS amount, chr((65 + i)::INTEGER) AS city FROM range(10) t(i)'
    );
    expect(result.key?.columns).toEqual(['city']);
    expect(result.counts.changed).toBe(10);
  });
});

describe('edges', () => {
  it('empty tables, no shared columns, hostile names and strings', async () => {
    const empty = 'SELECT 1 AS id, 2 AS x WHERE false';
    expect((await diff(empty, empty)).counts).toMatchObject({ from: 0, to: 0, added: 0, unchanged: 0 });
    expect((await diff(empty, 'SELECT 1 AS id, 2 AS x')).counts).toMatchObject({ added: 1, removed: 0 });
    expect((await diff('SELECT 1 AS a', 'SELECT 1 AS b')).counts).toMatchObject({ added: 1, removed: 1, unchanged: 0 });
    const hostile = (text: string): string =>
      `SELECT 1 AS "k0", '${text}' AS "f0"";--", 3 AS r, 4 AS kind, 5 AS n, 6 AS h`;
    const result = await diff(hostile("=cmd|''/C calc''!A0"), hostile('<img src=x onerror=alert(1)>'), {
      named: ['k0']
    });
    expect(result.rows).toMatchObject([
      { kind: 'changed', cells: [1], to: [1, '<img src=x onerror=alert(1)>', 3, 4, 5, 6] }
    ]);
  });

  it('pages in the order of the key, of one kind or of all', async () => {
    const from = 'SELECT i AS id, 0 AS x FROM range(50) t(i)';
    const to = 'SELECT i AS id, CASE WHEN i % 2 = 0 THEN 1 ELSE 0 END AS x FROM range(10, 60) t(i)';
    const page = async (rows: TableDiffOptions['rows']): Promise<readonly unknown[]> =>
      (await diff(from, to, { rows })).rows.map(row => (row.to ?? row.from)![0]);
    expect(await page({ offset: 8, limit: 5 })).toEqual([8, 9, 10, 12, 14]);
    expect(await page({ offset: 3, limit: 2, kind: 'added' })).toEqual([53, 54]);
    expect((await diff(from, to, { rows: { offset: 0, limit: 1, kind: 'changed' } })).total).toBe(20);
  });
});

describe('large differences', () => {
  it('of more rows than are kept are read again for each page', async () => {
    const rows = (value: string): string => `SELECT i AS id, ${value} AS x, 'n' || i AS name FROM range(600000) t(i)`;
    const result = await diff(rows('i'), rows('CASE WHEN i < 599000 THEN i + 1 ELSE i END'), {
      rows: { offset: 598_998, limit: 10 }
    });
    expect(result.counts).toMatchObject({ changed: 599_000, unchanged: 1000 });
    expect(result.changedCells).toEqual([{ column: 'x', count: 599_000 }]);
    expect(result.rows.map(({ from, to }) => [from, to])).toEqual(
      [598_998, 598_999].map(id => [
        [id, id, `n${id}`],
        [id, id + 1, `n${id}`]
      ])
    );
  });

  it('hundreds of columns, and cells of megabytes', async () => {
    const columns = Array.from({ length: 300 }, (_, index) => `i + ${index} AS c${index}`).join(', ');
    const wide = (last: string): string => `SELECT i AS id, ${columns}, ${last} AS last FROM range(5) t(i)`;
    const result = await diff(wide("repeat('a', 1000000)"), wide("repeat('a', 1000000) || i"));
    expect(result.counts).toMatchObject({ changed: 5, unchanged: 0 });
    expect(result.rows[0]!.cells).toEqual([301]);
    expect(String(result.rows[0]!.to![301])).toHaveLength(4096);
  });
});

describe('against a naive comparison', () => {
  type Row = { readonly id: number | null; readonly x: number | null; readonly s: string | null };
  const row: fc.Arbitrary<Row> = fc.record({
    id: fc.option(fc.integer({ min: 0, max: 6 }), { freq: 5 }),
    x: fc.option(fc.constantFrom(NaN, 0, -0, 1, Infinity), { freq: 5 }),
    s: fc.option(fc.constantFrom('', 'a', "'", '=1+1'), { freq: 5 })
  });

  const sqlOf = (rows: readonly Row[]): string =>
    rows.length === 0
      ? 'SELECT NULL::INTEGER AS id, NULL::DOUBLE AS x, NULL::VARCHAR AS s WHERE false'
      : rows
          .map(({ id, x, s }) => {
            const text = x === null ? 'NULL' : `'${Object.is(x, -0) ? '-0.0' : x}'`;
            return `SELECT ${id ?? 'NULL'}::INTEGER AS id, ${text}::DOUBLE AS x, ${s === null ? 'NULL' : `'${s.replaceAll("'", "''")}'`}::VARCHAR AS s`;
          })
          .join(' UNION ALL ');

  const textOf = ({ id, x, s }: Row): string => JSON.stringify([id, x === null ? null : String(x + 0), s]);

  function countBag(from: readonly Row[], to: readonly Row[]): { readonly removed: number; readonly added: number } {
    const rest = to.map(textOf);
    let removed = 0;
    for (const text of from.map(textOf)) {
      const at = rest.indexOf(text);
      if (at < 0) {
        removed += 1;
      } else {
        rest.splice(at, 1);
      }
    }
    return { removed, added: rest.length };
  }

  function oracle(from: readonly Row[], to: readonly Row[], keyed: boolean): object {
    const single = (rows: readonly Row[], id: number | null): boolean =>
      rows.filter(other => other.id === id).length <= 1;
    const isRegular = ({ id }: Row): boolean => keyed && id !== null && single(from, id) && single(to, id);
    const bag = countBag(
      from.filter(other => !isRegular(other)),
      to.filter(other => !isRegular(other))
    );
    let [changed, removed] = [0, bag.removed];
    for (const before of from.filter(isRegular)) {
      const after = to.find(({ id }) => id === before.id);
      changed += after && textOf(after) !== textOf(before) ? 1 : 0;
      removed += after ? 0 : 1;
    }
    const added = bag.added + to.filter(other => isRegular(other) && !from.some(({ id }) => id === other.id)).length;
    return { from: from.length, to: to.length, added, removed, changed, unchanged: from.length - removed - changed };
  }

  it('the counts are the same, and the rows are as many', async () => {
    const session = await openSession();
    const rows = fc.array(row, { maxLength: 12 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(rows, rows, fc.boolean(), async (from, to, keyed) => {
        run += 1;
        await session.query('DROP TABLE IF EXISTS diff_summary');
        const [a, b] = [await relation(session, `a${run}`, sqlOf(from)), await relation(session, `b${run}`, sqlOf(to))];
        const result = await diffIn(session, a, b, { named: keyed ? ['id'] : [] });
        expect(result.counts).toEqual(oracle(from, to, keyed));
        expect(result.rows).toHaveLength(result.total);
        for (const kind of ['added', 'removed', 'changed'] as const) {
          expect(result.rows.filter(other => other.kind === kind)).toHaveLength(result.counts[kind]);
        }
        expect(result.rows.every(({ kind, cells }) => kind !== 'changed' || cells.length > 0)).toBe(true);
      }),
      { numRuns: 60 }
    );
  });
});
