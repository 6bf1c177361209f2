import type { TranslationBundle } from '@jupyterlab/translation';
import type { Cell, ColumnStatistics, HistogramBin } from '../../core/model/table';
import { cellText } from '../table/cell-text';
import { numberInWords } from '../panel/words';

/** A number in the user's language, any other value as it is. */
export const valueInWords = (value: Cell): string =>
  typeof value === 'number' ? numberInWords(value) : cellText(value);

/** Whole numbers with all their digits. */
export const countInWords = (count: number): string => count.toLocaleString(document.documentElement.lang || undefined);

/** `3.2 %`; what rounds to nothing but is not says so. */
export function shareInWords(part: number, whole: number): string {
  if (whole === 0 || part === 0) {
    return '0%';
  }
  const percent = (part / whole) * 100;
  return percent < 0.1 ? '<0.1%' : `${Number(percent.toPrecision(percent > 99.9 && part < whole ? 5 : 3))}%`;
}

/** The edge of a bin: a number, or a time without what is zero of it. */
export function edgeInWords(edge: number | string): string {
  return typeof edge === 'number'
    ? numberInWords(edge)
    : edge
        .replace('T', ' ')
        .replace(/(\.\d+)?Z$/, '')
        .replace(/ 00:00:00$/, '');
}

export function binInWords({ low, high, count }: HistogramBin, trans: TranslationBundle): string {
  return trans.__('%1 – %2: %3', edgeInWords(low), edgeInWords(high), countInWords(count));
}

/** Names and numbers of a column, in the order in which people read them. */
export function figures(
  statistics: ColumnStatistics,
  trans: TranslationBundle
): readonly { readonly name: string; readonly value: string }[] {
  const { count, nulls, distinct, approximate, kind } = statistics;
  const lengths = kind === 'string' || kind === 'list';
  const rows = [
    { name: trans.__('Values'), value: countInWords(count) },
    {
      name: trans.__('Nulls'),
      value: nulls === 0 ? '0' : trans.__('%1 (%2)', countInWords(nulls), shareInWords(nulls, count + nulls))
    },
    {
      name: trans.__('Distinct'),
      value: approximate ? trans.__('≈ %1', countInWords(distinct)) : countInWords(distinct)
    }
  ];
  const add = (name: string, value: Cell): void => {
    if (value !== null) {
      rows.push({ name, value: valueInWords(value) });
    }
  };
  add(lengths ? trans.__('Shortest') : trans.__('Minimum'), statistics.minimum);
  const names = [
    trans.__('5% quantile'),
    trans.__('25% quantile'),
    trans.__('Median'),
    trans.__('75% quantile'),
    trans.__('95% quantile')
  ];
  names.forEach((name, index) => add(name, statistics.quantiles?.[index] ?? null));
  add(lengths ? trans.__('Longest') : trans.__('Maximum'), statistics.maximum);
  add(lengths ? trans.__('Mean length') : trans.__('Mean'), statistics.mean);
  add(trans.__('Standard deviation'), statistics.standardDeviation);
  add(trans.__('Zeros'), statistics.zeros);
  add(trans.__('NaN'), statistics.nans || null);
  add(trans.__('Infinite'), statistics.infinities || null);
  return rows;
}
