/** Drift at its edges; test/python/test_diff.py checks the numbers against scipy. */
import { describe, expect, it } from 'vitest';
import type { ColumnDrift } from '../../../src/core/model/diff';
import { columnsOf, countRows } from '../../../src/core/table/columns';
import { measureDrift } from '../../../src/core/table/drift';
import { chiSquared, kolmogorov, psi, upperGamma } from '../../../src/core/table/drift-measures';
import { sharedColumns } from '../../../src/core/table/shared-columns';
import type { Relation } from '../../../src/core/table/shared-columns';
import { openSession } from '../../support/tables';

async function drift(from: string, to: string): Promise<ColumnDrift> {
  const session = await openSession();
  const relation = async (view: string, sql: string): Promise<Relation> => {
    await session.query(`CREATE VIEW ${view} AS ${sql}`);
    return { view, columns: await columnsOf(session, view), rows: await countRows(session, view) };
  };
  const [a, b] = [await relation('a', from), await relation('b', to)];
  const columns = await measureDrift(session, { from: a, to: b, shared: sharedColumns(a, b), key: [] });
  expect(columns).toHaveLength(1);
  return columns[0]!;
}

const valueOf = ({ measures }: ColumnDrift, name: string): number => measures.find(other => other.name === name)!.value;

describe('the mathematics', () => {
  it('is that of the textbooks', () => {
    // Tables of Kolmogorov's distribution and of chi-squared: 5 % and 1 %.
    expect(kolmogorov(1.3580986)).toBeCloseTo(0.05, 6);
    expect(kolmogorov(1.6276236)).toBeCloseTo(0.01, 6);
    expect(upperGamma(0.5, 3.841458820694124 / 2)).toBeCloseTo(0.05, 9);
    expect(upperGamma(5, 18.307038053275146 / 2)).toBeCloseTo(0.05, 9);
    expect(upperGamma(500, 1074.679449 / 2)).toBeCloseTo(0.05, 6);
    expect(psi([50, 50], [50, 50], 'bins').value).toBe(0);
    expect(chiSquared([10, 20], [20, 10], 'bins')).toMatchObject({ level: 'warn' });
  });
});

describe('columns at the edge', () => {
  it('of nothing but nulls, or of one side only, have no measures', async () => {
    const none = 'SELECT NULL::DOUBLE AS x FROM range(3)';
    expect(await drift(none, none)).toMatchObject({ n: [0, 0], nulls: [3, 3], level: 'none', measures: [], bins: [] });
    const half = await drift(none, 'SELECT i::DOUBLE AS x FROM range(3) t(i)');
    expect(half).toMatchObject({ n: [0, 3], measures: [] });
    expect(half.bins.reduce((sum, bin) => sum + bin.to, 0)).toBe(3);
    expect(await drift("SELECT 'a' AS x WHERE false", "SELECT 'a' AS x")).toMatchObject({ n: [0, 1], measures: [] });
  });

  it('of one value, and what moves away from it on either side', async () => {
    const constant = 'SELECT 5 AS x FROM range(1000)';
    const same = await drift(constant, constant);
    expect(same.bins).toEqual([{ bin: { low: 5, high: 5, count: 2000 }, value: null, from: 1000, to: 1000 }]);
    expect(same.measures.map(({ value }) => value)).toEqual([0, 0, 0]);
    for (const other of ['4', '6']) {
      const moved = await drift(
        constant,
        `SELECT CASE WHEN i < 500 THEN 5 ELSE ${other} END AS x FROM range(1000) t(i)`
      );
      expect(moved.level).toBe('fail');
      expect(valueOf(moved, 'psi')).toBeGreaterThan(1);
      expect(valueOf(moved, 'kolmogorov-smirnov')).toBe(0.5);
    }
  });

  it('with NaN, infinities and the largest numbers', async () => {
    const from = "SELECT unnest([1, 2, 'NaN'::DOUBLE, 'inf'::DOUBLE, 1.7e308, -1.7e308]) AS x";
    const result = await drift(from, 'SELECT unnest([1, 2, 3::DOUBLE, 4, 5, 6]) AS x');
    expect(result.n).toEqual([6, 6]);
    expect(result.bins.at(-1)).toEqual({ bin: null, value: 'NaN or infinite', from: 2, to: 0 });
    expect(result.bins.reduce((sum, bin) => sum + bin.from, 0)).toBe(6);
    expect(result.measures.every(({ value }) => Number.isFinite(value))).toBe(true);
  });

  it('of dates before 1900, as ISO 8601', async () => {
    const dates = (year: number): string => `SELECT DATE '${year}-01-01' + i::INTEGER AS x FROM range(200) t(i)`;
    const result = await drift(dates(1650), dates(1651));
    expect(result.bins[0]!.bin!.low).toBe('1650-01-01');
    expect(valueOf(result, 'kolmogorov-smirnov')).toBe(1);
    expect(valueOf(result, 'jensen-shannon')).toBeCloseTo(1, 12);
  });

  it('of many different texts, hostile ones too, the rest as one', async () => {
    const words = (from: number): string => `SELECT '<b>' || (i % 100 + ${from}) || ''';--' AS x FROM range(1000) t(i)`;
    const result = await drift(words(0), words(50));
    expect(result.bins).toHaveLength(20);
    expect(result.bins.at(-1)).toMatchObject({ value: 'other', rest: true });
    for (const side of ['from', 'to'] as const) {
      expect(result.bins.reduce((sum, bin) => sum + bin[side], 0)).toBe(1000);
    }
    expect(await drift('SELECT [1, 2] AS x', 'SELECT [1, 2] AS x')).toMatchObject({ level: 'none', kind: 'list' });
  });

  it('of more than a million rows, nearly exactly', async () => {
    const rows = 1_000_100;
    const uniform = (shift: number): string =>
      `SELECT (i * 7919 % ${rows}) / ${rows} + ${shift} AS x FROM range(${rows}) t(i)`;
    const result = await drift(uniform(0), uniform(0.15));
    expect(Math.abs(valueOf(result, 'kolmogorov-smirnov') - 0.15)).toBeLessThan(0.004);
    // 1.5 of ten deciles are empty, and what left them is above the last one.
    expect(result.level).toBe('fail');
  });
});
