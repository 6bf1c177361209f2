import type { ITableSession } from '../port/tables';
import { cellSql, toCell } from './cell';
import type { Comparison } from './compare-rows';
import type { Distribution } from './distribution';
import { chiSquared, jensenShannon, psi } from './drift-measures';
import { quoteName } from './sql';
import { fromValue, toValue } from './shared-columns';
import type { SharedColumn } from './shared-columns';

const MAX_VALUES = 20;
const BINS = `the ${MAX_VALUES - 1} most frequent values of both sides together, and the rest as one`;

/** Strings, booleans and everything that is no number: by value. */
export async function categoryDrift(
  session: ITableSession,
  { from, to }: Comparison,
  column: SharedColumn
): Promise<Distribution> {
  const values =
    `SELECT ${fromValue(column)} AS v, 1 AS f, 0 AS t FROM ${quoteName(from.view)} UNION ALL ` +
    `SELECT ${toValue(column)} AS v, 0 AS f, 1 AS t FROM ${quoteName(to.view)}`;
  const { rows } = await session.query(
    `WITH counted AS (SELECT v, sum(f)::BIGINT AS f, sum(t)::BIGINT AS t FROM (${values}) WHERE v IS NOT NULL GROUP BY v) ` +
      `SELECT ${cellSql({ name: 'v', type: column.type })}, f, t, (SELECT sum(f) FROM counted)::BIGINT, (SELECT sum(t) FROM counted)::BIGINT, ` +
      `(SELECT count(*) FROM counted) FROM counted ORDER BY f + t DESC, CAST(v AS VARCHAR) LIMIT ${MAX_VALUES}`
  );
  const [n, m, distinct] = rows.length === 0 ? [0, 0, 0] : rows[0]!.slice(3).map(Number);
  const shown = distinct! > MAX_VALUES ? rows.slice(0, MAX_VALUES - 1) : rows;
  const bins: Distribution['bins'][number][] = shown.map(([value, before, after]) => ({
    bin: null,
    value: toCell(value!),
    from: Number(before),
    to: Number(after)
  }));
  if (distinct! > shown.length) {
    const rest = (side: 'from' | 'to', all: number): number => bins.reduce((left, bin) => left - bin[side], all);
    bins.push({ bin: null, value: 'other', rest: true, from: rest('from', n!), to: rest('to', m!) });
  }
  const counts = [bins.map(bin => bin.from), bins.map(bin => bin.to)] as const;
  const words = distinct! > shown.length ? BINS : 'all values';
  return {
    n: [n!, m!],
    nulls: [from.rows - n!, to.rows - m!],
    measures:
      n! > 0 && m! > 0 ? [psi(...counts, words), jensenShannon(...counts, words), chiSquared(...counts, words)] : [],
    bins
  };
}
