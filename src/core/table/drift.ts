/** How the distribution of every column changed between two tables: from aggregates only, rows are never loaded. */
import type { ColumnDrift } from '../model/diff';
import type { ITableSession } from '../port/tables';
import { categoryDrift } from './category-drift';
import type { Comparison } from './compare-rows';
import { isContinuous } from './distribution';
import { worst } from './drift-measures';
import { NumberDrift } from './number-drift';

/** For every column that both have, in the order of the second. */
export async function measureDrift(session: ITableSession, comparison: Comparison): Promise<readonly ColumnDrift[]> {
  const numbers = await NumberDrift.read(session, comparison);
  const drift: ColumnDrift[] = [];
  for (const column of comparison.shared) {
    const distribution = isContinuous(column)
      ? await numbers.distribution(column)
      : await categoryDrift(session, comparison, column);
    const level = worst(distribution.measures.map(measure => measure.level));
    drift.push({ column: column.name, kind: column.kind, level, ...distribution });
  }
  return drift;
}
