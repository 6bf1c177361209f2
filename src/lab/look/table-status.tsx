import type { TranslationBundle } from '@jupyterlab/translation';
import { countInWords } from './column-words';
import { Waiting } from './look-state';
import type { TableModel } from './table-model';

export type TableStatusProps = {
  readonly model: TableModel;
  /** The cell that is selected. */
  readonly cell: { readonly row: number; readonly column: string; readonly value: string } | null;
  readonly trans: TranslationBundle;
};

/** How many rows there are, which cell one is in, and what is on its way. */
export function TableStatus({ model, cell, trans }: TableStatusProps): JSX.Element {
  const { pages, info, filter } = model;
  const shown = countInWords(pages.total);
  const all = countInWords(info.rows);
  return (
    <div className="bb-TableStatus">
      <span role="status">
        {filter.length === 0
          ? trans._n('%2 row', '%2 rows', info.rows, all)
          : trans._n('%2 of %3 row', '%2 of %3 rows', info.rows, shown, all)}
      </span>
      {pages.loading && (
        <Waiting
          label={model.changing ? trans.__('Sorting and filtering…') : trans.__('Loading rows…')}
          onCancel={() => model.cancel()}
          trans={trans}
        />
      )}
      {/* Said by screen readers while the arrow keys move. */}
      <span className="bb-TableStatus-cell" aria-live="polite">
        {cell && trans.__('Row %1, %2: %3', countInWords(cell.row + 1), cell.column, cell.value)}
      </span>
    </div>
  );
}
