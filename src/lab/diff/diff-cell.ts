import type { RowChange, RowDiff, TableDiff } from '../../core/model/diff';
import type { Cell, Column } from '../../core/model/table';
import { cellText } from '../table/cell-text';

/** One cell of a row that differs: what stood there and what stands there now. */
export type DiffCell = {
  readonly row: RowChange;
  readonly changed: boolean;
  readonly from: Cell | undefined;
  readonly to: Cell | undefined;
};

/** Signs that say what colours say too. */
export const signs: Readonly<Record<RowChange, string>> = { added: '+', removed: '−', changed: '~' };

/** The columns of the grid: those of either side, keys first. */
export const columnsOf = (table: TableDiff): readonly Column[] => table.columns;

/** Some columns of a row as cells of the grid. */
export function rowCells(row: RowDiff, first: number, last: number): readonly DiffCell[] {
  const changed = new Set(row.cells);
  return Array.from({ length: last - first }, (_, index) => {
    const column = first + index;
    return {
      row: row.kind,
      changed: row.kind === 'changed' && changed.has(column),
      from: row.from?.[column],
      to: row.to?.[column]
    };
  });
}

/** What a cell says on one line: `old → new` where it changed, else the value. */
export function diffCellText(cell: DiffCell | undefined): string {
  if (cell === undefined) {
    return cellText(undefined);
  }
  const now = cell.row === 'removed' ? cell.from : cell.to;
  return cell.changed ? `${cellText(cell.from ?? null)} → ${cellText(cell.to ?? null)}` : cellText(now ?? null);
}
