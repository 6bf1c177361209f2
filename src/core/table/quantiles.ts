import type { Cell, Column } from '../model/table';
import type { Basic } from './basic-statistics';
import { finiteSql, numberSql } from './basic-statistics';
import { toCell, toNumber } from './cell';
import { quoteName } from './sql';
import type { Scope } from './scope';

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95];

/** Interpolated for numbers, as pandas does it; of times the nearest that there is. null for other kinds. */
export async function quantilesOf(
  { session, sample }: Scope,
  columns: readonly Column[],
  basic: readonly Basic[]
): Promise<readonly (readonly Cell[] | null)[]> {
  const parts = columns.map((column, i) => (basic[i]!.low === null ? null : expression(column)));
  const wanted = parts.filter(part => part !== null);
  if (wanted.length === 0) {
    return columns.map(() => null);
  }
  const { rows } = await session.query(`SELECT ${wanted.join(', ')} FROM ${quoteName(sample)}`);
  const values = [...rows[0]!];
  return columns.map((column, i) => {
    if (parts[i] === null) {
      return null;
    }
    const own = values.splice(0, QUANTILES.length);
    return own.every(value => value === null) ? null : own.map(column.kind === 'number' ? toNumber : toCell);
  });
}

/** One value for each: lists would come back as text. The values are sorted once. */
function expression(column: Column): string {
  const list = `[${QUANTILES.join(', ')}]`;
  return QUANTILES.map((_, i) =>
    column.kind === 'number'
      ? `quantile_cont(${numberSql(column)}, ${list})[${i + 1}]`
      : `CAST(quantile_disc(${finiteSql(column)}, ${list})[${i + 1}] AS VARCHAR)`
  ).join(', ');
}
