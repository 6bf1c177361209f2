import type { Column, HistogramBin } from '../model/table';
import type { Basic } from './basic-statistics';
import { numberSql } from './basic-statistics';
import { quoteName } from './sql';
import type { Scope } from './scope';

const BINS = 20;
const MICROSECONDS_A_DAY = 86_400_000_000;

type Bins = { readonly low: number; readonly width: number; readonly count: number };

/** Bins of equal width from the least to the greatest value; empty where there are no two different ones. */
export async function histogramOf(
  scope: Scope,
  columns: readonly Column[],
  basic: readonly Basic[]
): Promise<readonly (readonly HistogramBin[])[]> {
  const all = columns.map((column, i) => binsOf(column, basic[i]!));
  const parts = all.flatMap((bins, i) => (bins ? [querySql(scope.sample, columns[i]!, bins, i)] : []));
  if (parts.length === 0) {
    return columns.map(() => []);
  }
  const { rows } = await scope.session.query(parts.join(' UNION ALL '));
  return columns.map((column, i) => {
    const bins = all[i];
    if (!bins) {
      return [];
    }
    const counts = new Array<number>(bins.count).fill(0);
    for (const [, bin, count] of rows.filter(row => Number(row[0]) === i)) {
      counts[Number(bin)] = Number(count);
    }
    const { count, nans, infinities } = basic[i]!;
    return toHistogram(column, bins, spread(counts, count - (nans ?? 0) - (infinities ?? 0)));
  });
}

/** Whole numbers and days that lie close together have a bin each. */
function binsOf({ kind, type }: Column, { low, high }: Basic): Bins | null {
  if (low === null || high === null || !(low < high) || (kind !== 'number' && kind !== 'time')) {
    return null;
  }
  const step = /^U?(TINY|SMALL|BIG|HUGE)?INT/.test(type) ? 1 : type === 'DATE' ? MICROSECONDS_A_DAY : 0;
  if (step > 0 && (high - low) / step < BINS) {
    return { low, width: step, count: Math.round((high - low) / step) + 1 };
  }
  return { low, width: high / BINS - low / BINS, count: BINS };
}

function querySql(from: string, column: Column, { low, width, count }: Bins, i: number): string {
  const value = numberSql(column);
  // Divided first: the difference of very large numbers would be infinite.
  const place = Number.isFinite(width * BINS)
    ? `(${value} - ${literal(low)}) / ${literal(width)}`
    : `${value} / ${literal(width)} - ${literal(low / width)}`;
  return `SELECT ${i} AS i, CAST(greatest(0, least(${count - 1}, floor(${place}))) AS INTEGER) AS bin, count(*) AS n
    FROM ${quoteName(from)} WHERE ${value} IS NOT NULL GROUP BY bin`;
}

function literal(number: number): string {
  return `CAST('${number}' AS DOUBLE)`;
}

/** Counts of a sample, scaled so that they add up to `total`. */
function spread(counts: readonly number[], total: number): readonly number[] {
  const sum = counts.reduce((all, count) => all + count, 0);
  if (sum === total || sum === 0) {
    return counts;
  }
  let before = 0;
  let given = 0;
  return counts.map(count => {
    before += count;
    const upTo = Math.round((before / sum) * total);
    const own = upTo - given;
    given = upTo;
    return own;
  });
}

function toHistogram(
  { kind, type }: Column,
  { low, width, count }: Bins,
  counts: readonly number[]
): readonly HistogramBin[] {
  const edge = (i: number): number | string => {
    const value = low + i * width;
    return kind === 'number' ? value : timeText(value, type);
  };
  return counts.slice(0, count).map((own, i) => ({ low: edge(i), high: edge(i + 1), count: own }));
}

/** ISO 8601; of days without, and of times of the day with nothing but, the hours. */
function timeText(microseconds: number, type: string): string {
  const text = new Date(Math.round(microseconds / 1000)).toISOString();
  if (type === 'DATE') {
    return text.endsWith('T00:00:00.000Z') ? text.slice(0, -'T00:00:00.000Z'.length) : text;
  }
  return /^TIME($|_NS| WITH)/.test(type) ? text.slice('1970-01-01T'.length, -1) : text;
}
