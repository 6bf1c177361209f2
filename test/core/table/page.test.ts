import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PageArgs, TableInfo, TablePage } from '../../../src/core/model/table';
import type { ITableSession } from '../../../src/core/port';
import { readPage } from '../../../src/core/table/page';
import { attachTable } from '../../../src/core/table/source';
import { temporaryDirectory } from '../../support/temporary-directory';
import { openSession, openTables } from '../../support/tables';

type Row = { readonly id: number; readonly group: string | null; readonly value: number };

/** The same numbers on every run, spread over 0 … 1. */
const values = Array.from({ length: 20_000 }, (_, i) => ((i * 7919) % 20_011) / 20_011);
const rows: readonly Row[] = values.map((value, id) => ({ id, group: id % 10 === 0 ? null : `g${id % 7}`, value }));

async function csv(): Promise<{ session: ITableSession; info: TableInfo }> {
  const file = join(temporaryDirectory(), 'a.csv');
  writeFileSync(file, `id,group,value\n${rows.map(row => `${row.id},${row.group ?? ''},${row.value}`).join('\n')}\n`);
  const session = await openSession(file);
  return { session, info: await attachTable(session, { file, path: 'a.csv', name: 't' }) };
}

async function parquet(): Promise<{ session: ITableSession; info: TableInfo }> {
  const { session: from } = await csv();
  const file = join(temporaryDirectory(), 'a.parquet');
  const writer = await (await openTables()).open({ files: [], writes: [file] }, {});
  await writer.query('CREATE TABLE t (id BIGINT, "group" VARCHAR, value DOUBLE)');
  const { rows: all } = await from.query('SELECT id, "group", value FROM t');
  for (let at = 0; at < all.length; at += 5000) {
    const list = all
      .slice(at, at + 5000)
      .map(([id, group, value]) => `(${id}, ${group === null ? 'NULL' : `'${group}'`}, '${value}'::DOUBLE)`);
    await writer.query(`INSERT INTO t VALUES ${list.join(', ')}`);
  }
  await writer.query(`COPY t TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 4096)`);
  await writer.close();
  const session = await openSession(file);
  return { session, info: await attachTable(session, { file, path: 'a.parquet', name: 't' }) };
}

const cells = (page: TablePage): unknown[] => page.rows.map(([id, group, value]) => ({ id, group, value }));

describe.each([
  ['CSV', csv],
  ['Parquet', parquet]
])('a page of %s', (_, attach) => {
  it('is found anywhere, in the order of the file', async () => {
    const { session, info } = await attach();
    for (const [offset, limit] of [
      [0, 5],
      [12_345, 1000],
      [19_998, 500],
      [30_000, 5]
    ] as const) {
      const page = await readPage(session, 't', info, { offset, limit });
      expect(page.total).toBe(20_000);
      expect(cells(page)).toEqual(rows.slice(offset, offset + limit));
    }
  });

  it('is sorted and filtered as the same rows are in plain TypeScript', async () => {
    const { session, info } = await attach();
    const wanted = rows
      .filter(row => row.value >= 0.25 && row.group !== null && row.group.includes('3'))
      .sort((a, b) => b.value - a.value);
    const args: Omit<PageArgs, 'offset'> = {
      limit: 300,
      sort: [{ column: 'value', descending: true }],
      filter: [
        { column: 'value', operator: '>=', value: 0.25 },
        { column: 'group', operator: 'contains', value: 'G3' }
      ]
    };
    for (const offset of [0, 700, wanted.length - 10]) {
      const page = await readPage(session, 't', info, { ...args, offset });
      expect(page.total).toBe(wanted.length);
      expect(cells(page)).toEqual(wanted.slice(offset, offset + 300));
    }
  });

  it('keeps equal rows in the order of the file, and those without a value at the end', async () => {
    const { session, info } = await attach();
    const sorted = [...rows].sort((a, b) => (a.group ?? 'z').localeCompare(b.group ?? 'z') || a.id - b.id);
    for (const offset of [3900, 4100, 19_500]) {
      const page = await readPage(session, 't', info, { offset, limit: 200, sort: [{ column: 'group' }] });
      expect(cells(page)).toEqual(sorted.slice(offset, offset + 200));
    }
  });

  it('compares as people mean it', async () => {
    const { session, info } = await attach();
    const count = async (column: string, operator: string, value?: string | number): Promise<number> => {
      const filter = [{ column, operator, ...(value !== undefined && { value }) }] as PageArgs['filter'];
      return (await readPage(session, 't', info, { offset: 0, limit: 0, filter: filter! })).total;
    };
    expect(await count('id', '<', 3.5)).toBe(4);
    expect(await count('id', '=', '17')).toBe(1);
    expect(await count('group', '!=', 'g1')).toBe(rows.filter(row => row.group !== 'g1').length);
    expect(await count('group', 'is-null')).toBe(2000);
    await expect(count('nothing', '=', 1)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(count('id', '=', "1' OR true --")).rejects.toMatchObject({ code: 'USAGE' });
    expect(await count('group', '=', "' OR true --")).toBe(0);
  });

  it('has the columns that were asked for, and no more than a page', async () => {
    const { session, info } = await attach();
    const page = await readPage(session, 't', info, { offset: 1, limit: 1, columns: ['value', 'id'] });
    expect(page.columns.map(column => column.name)).toEqual(['value', 'id']);
    expect(page.rows).toEqual([[rows[1]!.value, 1]]);
    await expect(readPage(session, 't', info, { offset: 0, limit: 1001 })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('cells', () => {
  it('lose nothing that a double cannot hold', async () => {
    const file = join(temporaryDirectory(), 'a.jsonl');
    writeFileSync(file, '{"big": 9007199254740993, "list": [1, null], "text": "<b>=1+1</b>"}\n');
    const session = await openSession(file);
    const info = await attachTable(session, { file, path: 'a.jsonl', name: 't' });
    await session.query(
      "CREATE OR REPLACE TABLE t AS SELECT *, 12.50::DECIMAL(9,2) AS d, 'nan'::DOUBLE AS n, '-inf'::DOUBLE AS i, DATE '1815-12-10' AS old, TIMESTAMPTZ '2020-01-01 00:00:00+02' AS at, repeat('x', 5000) AS long FROM t"
    );
    const all = {
      ...info,
      columns: [
        ...info.columns,
        ...['d DECIMAL(9,2)', 'n DOUBLE', 'i DOUBLE', 'old DATE', 'at TIMESTAMP WITH TIME ZONE', 'long VARCHAR'].map(
          text => ({ name: text.split(' ')[0]!, type: text.slice(text.indexOf(' ') + 1), kind: 'other' as const })
        )
      ]
    };
    const {
      rows: [row]
    } = await readPage(session, 't', all, { offset: 0, limit: 1 });
    expect(row!.slice(0, 8)).toEqual([
      '9007199254740993',
      '[1, NULL]',
      '<b>=1+1</b>',
      '12.50',
      'NaN',
      '-Infinity',
      '1815-12-10',
      '2019-12-31 22:00:00+00'
    ]);
    expect(row![8]).toBe(`${'x'.repeat(4095)}…`);
  });
});
