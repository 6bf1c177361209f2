import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ColumnStatistics, TableInfo } from '../../../src/core/model/table';
import type { ITableSession } from '../../../src/core/port';
import { columnsOf } from '../../../src/core/table/columns';
import { addNumbers } from '../../../src/core/table/row-numbers';
import { attachTable } from '../../../src/core/table/source';
import { tableStatistics } from '../../../src/core/table/statistics';
import { temporaryDirectory } from '../../support/temporary-directory';
import { openSession } from '../../support/tables';

/** Statistics of a query's result, by column. */
async function statisticsOf(query: string): Promise<Map<string, ColumnStatistics>> {
  const session = await openSession();
  await session.query(`CREATE TABLE t AS ${query}`);
  await addNumbers(session, 't');
  return byName(session, {
    columns: await columnsOf(session, 't'),
    rows: Number((await session.query('SELECT count(*) FROM t')).rows[0]![0])
  });
}

async function byName(
  session: ITableSession,
  info: Pick<TableInfo, 'columns' | 'rows'>
): Promise<Map<string, ColumnStatistics>> {
  const all = await tableStatistics(session, 't', { ...info, files: 1 }, {});
  expect(all.map(({ name }) => name)).toEqual(info.columns.map(({ name }) => name));
  return new Map(all.map(one => [one.name, one]));
}

/** As pandas interpolates. */
function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}

describe('statistics of a file', () => {
  it('are what plain TypeScript computes of the same rows', async () => {
    const numbers = Array.from({ length: 3000 }, (_, i) => (i % 13 === 0 ? null : (((i * 7919) % 3001) - 1500) / 8));
    const words = numbers.map((_, i) => (i % 17 === 0 ? null : 'abcdefg'.slice(0, 1 + (i % 7))));
    const file = join(temporaryDirectory(), 'a.csv');
    const lines = numbers.map((number, i) => `${i},${number ?? ''},${words[i] ?? ''}`);
    writeFileSync(file, `id,number,word\n${lines.join('\n')}\n`);
    const session = await openSession(file);
    const all = await byName(session, await attachTable(session, { file, path: 'a.csv', name: 't' }));

    const present = numbers.filter(number => number !== null).sort((a, b) => a - b);
    const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
    const variance = present.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (present.length - 1);
    const number = all.get('number')!;
    expect(number).toMatchObject({
      kind: 'number',
      count: present.length,
      nulls: 3000 - present.length,
      distinct: new Set(present).size,
      approximate: false,
      minimum: present[0],
      maximum: present.at(-1),
      zeros: present.filter(value => value === 0).length,
      nans: 0,
      infinities: 0,
      top: []
    });
    expect(number.mean).toBeCloseTo(mean, 9);
    expect(number.standardDeviation).toBeCloseTo(Math.sqrt(variance), 9);
    expect(number.quantiles).toEqual([0.05, 0.25, 0.5, 0.75, 0.95].map(q => expect.closeTo(quantile(present, q), 9)));

    const low = present[0]!;
    const width = (present.at(-1)! - low) / 20;
    const bins = new Array<number>(20).fill(0);
    present.forEach(value => (bins[Math.min(19, Math.floor((value - low) / width))]! += 1));
    expect(number.histogram.map(bin => bin.count)).toEqual(bins);
    expect(number.histogram[0]!.low).toBe(low);
    expect(number.histogram.at(-1)!.high).toBeCloseTo(present.at(-1)!, 9);

    const counts = new Map<string, number>();
    words.forEach(word => word !== null && counts.set(word, (counts.get(word) ?? 0) + 1));
    const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    expect(all.get('word')!.top).toEqual(sorted.map(([value, count]) => ({ value, count })));
    expect(all.get('word')).toMatchObject({ minimum: 1, maximum: 7, quantiles: null, zeros: null, histogram: [] });
  });
});

describe('statistics of a column', () => {
  it('leave NaN and the infinities out, and count them', async () => {
    const all = await statisticsOf(
      "FROM (VALUES (1.0::DOUBLE), (3.0), (0.0), ('nan'), ('inf'), ('-inf'), (NULL)) v(x)"
    );
    expect(all.get('x')).toMatchObject({
      count: 6,
      nulls: 1,
      minimum: 0,
      maximum: 3,
      zeros: 1,
      nans: 1,
      infinities: 2
    });
    expect(all.get('x')!.mean).toBeCloseTo(4 / 3, 12);
    expect(all.get('x')!.histogram.reduce((sum, bin) => sum + bin.count, 0)).toBe(3);
  });

  it('hold up with nothing but nulls, no rows, and one value', async () => {
    const nothing = { count: 0, distinct: 0, minimum: null, maximum: null, mean: null, top: [], histogram: [] };
    const nulls = await statisticsOf('SELECT NULL::DOUBLE AS d, NULL::VARCHAR AS s, NULL::DATE AS t FROM range(5)');
    nulls.forEach(column => expect(column).toMatchObject({ ...nothing, nulls: 5, quantiles: null }));
    const none = await statisticsOf("SELECT 1 AS a, 'x' AS b, [1] AS c, {'d': 1} AS e LIMIT 0");
    none.forEach(column => expect(column).toMatchObject({ ...nothing, nulls: 0 }));
    const one = (await statisticsOf('SELECT 7 AS x')).get('x');
    expect(one).toMatchObject({ minimum: 7, maximum: 7, standardDeviation: null, top: [{ value: 7, count: 1 }] });
  });

  it('of times before 1900, with zones, and of days', async () => {
    const all = await statisticsOf(
      `SELECT DATE '1815-12-10' + i::INTEGER AS day, TIMESTAMPTZ '2020-01-01 00:00:00+02' + INTERVAL (i) HOUR AS at,
              TIME '10:00:00' + INTERVAL (i) MINUTE AS clock FROM range(5) r(i)`
    );
    expect(all.get('day')).toMatchObject({ minimum: '1815-12-10', maximum: '1815-12-14', mean: null, distinct: 5 });
    expect(all.get('day')!.histogram[0]).toEqual({ low: '1815-12-10', high: '1815-12-11', count: 1 });
    expect(all.get('day')!.quantiles![2]).toBe('1815-12-12');
    expect(all.get('at')).toMatchObject({ minimum: '2019-12-31 22:00:00+00', maximum: '2020-01-01 02:00:00+00' });
    expect(all.get('at')!.histogram[0]!.low).toBe('2019-12-31T22:00:00.000Z');
    expect(all.get('clock')).toMatchObject({ minimum: '10:00:00', maximum: '10:04:00' });
  });

  it('of decimals, large whole numbers, booleans, lists, structs and bytes', async () => {
    const all = await statisticsOf(
      `SELECT (i + 0.25)::DECIMAL(18, 2) AS price, 9007199254740993 + i AS big, i % 3 = 0 AS flag, range(i) AS list,
              {'a': i} AS struct, 'x'::BLOB AS bytes, MAP {'k': i} AS map, UUID '00000000-0000-0000-0000-000000000000' AS id
       FROM range(6) r(i)`
    );
    expect(all.get('price')).toMatchObject({ kind: 'number', minimum: '0.25', maximum: '5.25', mean: 2.75 });
    expect(all.get('big')).toMatchObject({ minimum: '9007199254740993', maximum: '9007199254740998', distinct: 6 });
    expect(all.get('flag')!.top).toEqual([
      { value: 'false', count: 4 },
      { value: 'true', count: 2 }
    ]);
    expect(all.get('list')).toMatchObject({ kind: 'list', minimum: 0, maximum: 5, mean: 2.5 });
    expect(all.get('struct')).toMatchObject({ kind: 'struct', distinct: 6, minimum: null, top: [] });
    expect(all.get('bytes')).toMatchObject({ kind: 'binary', distinct: 1, count: 6 });
    expect(all.get('id')).toMatchObject({ kind: 'string', distinct: 1 });
  });

  it('do not fail on the greatest doubles and on 1,000 columns', async () => {
    const huge = (await statisticsOf('FROM (VALUES (1.7e308::DOUBLE), (-1.7e308), (0)) v(x)')).get('x')!;
    expect(huge.histogram.map(bin => bin.count).reduce((a, b) => a + b, 0)).toBe(3);
    const list = Array.from({ length: 1000 }, (_, i) => `${i} AS c${i}`).join(', ');
    expect((await statisticsOf(`SELECT ${list}`)).size).toBe(1000);
  });

  it('of a million rows and more come close, and say that they do', async () => {
    const all = await statisticsOf(
      `SELECT i AS id, sqrt(i::DOUBLE) AS root, CASE WHEN i % 4 = 0 THEN 'many' ELSE 'v' || i % 5 END AS word
       FROM range(1200000) r(i)`
    );
    const root = all.get('root')!;
    expect(root).toMatchObject({ approximate: true, count: 1_200_000, minimum: 0, zeros: 1 });
    expect(root.mean! / ((2 / 3) * Math.sqrt(1_200_000))).toBeCloseTo(1, 4);
    expect(Math.abs(root.distinct / 1_200_000 - 1)).toBeLessThan(0.1);
    expect(Number(root.quantiles![2]) / Math.sqrt(600_000)).toBeCloseTo(1, 1);
    expect(root.histogram.reduce((sum, bin) => sum + bin.count, 0)).toBe(1_200_000);
    expect(all.get('word')!.top[0]).toEqual({ value: 'many', count: 300_000 });
  });
});
