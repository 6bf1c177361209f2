/** Values as they travel. */
import { CELL_MAX_CHARACTERS } from '../model/table';
import type { Cell } from '../model/table';
import type { SqlValue } from '../port/tables';

export function toCell(value: SqlValue): Cell {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return String(value);
  }
  if (typeof value === 'string' && value.length > CELL_MAX_CHARACTERS) {
    return `${value.slice(0, CELL_MAX_CHARACTERS - 1)}…`;
  }
  return value;
}
