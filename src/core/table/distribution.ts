import type { ColumnDrift, DriftMeasure } from '../model/diff';
import type { SharedColumn } from './shared-columns';

/** What a kind of column's measures and bins are; the rest of `ColumnDrift` follows. */
export type Distribution = Pick<ColumnDrift, 'n' | 'nulls' | 'bins'> & { readonly measures: readonly DriftMeasure[] };

/** Numbers and times are put into bins; all else is counted by value. */
export function isContinuous({ kind, type }: SharedColumn): boolean {
  return kind === 'number' || (kind === 'time' && type !== 'INTERVAL');
}
