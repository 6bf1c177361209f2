import type { ColumnStatistics } from '../../core/model/table';

/** How a column's values are spread, as something to draw: heights of bars (the highest is 1), or shares of a whole. */
export type Distribution = { readonly kind: 'bars' | 'shares'; readonly parts: readonly number[] };

/** Most frequent values that are told apart. */
const told = 6;

export function shape({ histogram, top, count }: ColumnStatistics): Distribution {
  if (histogram.length > 0) {
    const most = Math.max(...histogram.map(bin => bin.count), 1);
    return { kind: 'bars', parts: histogram.map(bin => bin.count / most) };
  }
  return { kind: 'shares', parts: top.slice(0, told).map(value => value.count / Math.max(count, 1)) };
}

/** A line through the values from left to right, as points of an SVG polyline; gaps are left out. */
export function linePoints(values: readonly (number | null)[], width: number, height: number, margin = 2): string {
  const known = values.filter((value): value is number => value !== null);
  const low = Math.min(...known);
  const range = Math.max(...known) - low;
  const step = values.length > 1 ? (width - 2 * margin) / (values.length - 1) : 0;
  return values
    .flatMap((value, index) => {
      if (value === null) {
        return [];
      }
      // What never changes is a line through the middle.
      const part = range === 0 ? 0.5 : (value - low) / range;
      const x = margin + index * step;
      return [`${round(x)},${round(height - margin - part * (height - 2 * margin))}`];
    })
    .join(' ');
}

const round = (value: number): number => Math.round(value * 100) / 100;
