/** Values as they travel to people. */
import { CELL_MAX_CHARACTERS } from '../model/table';
import type { Cell, Column } from '../model/table';
import type { SqlValue } from '../port';
import { quoteName } from './sql';

/** Types that the engine gives as JavaScript's own values. */
const DIRECT = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|BOOLEAN)$/;

/** SQL of a column's value for `toCell`: never more text than is shown. */
export function cellSql({ name, type }: Pick<Column, 'name' | 'type'>): string {
  const column = quoteName(name);
  if (DIRECT.test(type)) {
    return column;
  }
  return `left(${type === 'VARCHAR' ? column : `CAST(${column} AS VARCHAR)`}, ${CELL_MAX_CHARACTERS + 1})`;
}

export function toCell(value: SqlValue | undefined): Cell {
  switch (typeof value) {
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'string':
      return value.length > CELL_MAX_CHARACTERS ? `${value.slice(0, CELL_MAX_CHARACTERS - 1)}…` : value;
    default:
      return value ?? null;
  }
}

/** A finite number, or null: for aggregates that may be NaN, or have nothing to be of. */
export function toNumber(value: SqlValue | undefined): number | null {
  const number = value === null || value === undefined ? NaN : Number(value);
  return Number.isFinite(number) ? number : null;
}
