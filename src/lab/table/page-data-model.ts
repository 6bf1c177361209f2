import { DataModel } from '@lumino/datagrid';
import type { PageRange } from './page-range';
import type { Pages } from './pages';

/** What a grid draws: the values of pages, names and kinds of columns, numbers of rows. */
export class PageDataModel<V> extends DataModel {
  constructor(readonly pages: Pages<V>) {
    super();
    pages.arrived.connect((_, range) => this._onArrived(range));
  }

  override rowCount(region: DataModel.RowRegion): number {
    return region === 'body' ? this.pages.total : 1;
  }

  override columnCount(region: DataModel.ColumnRegion): number {
    return region === 'body' ? this.pages.columns.length : 1;
  }

  /** Body: the value, undefined while it is not here. Row header: the row's number, from 1. Column header: the name. */
  override data(region: DataModel.CellRegion, row: number, column: number): V | string | number | undefined {
    switch (region) {
      case 'body':
        return this.pages.value(row, column);
      case 'column-header':
        return this.pages.columns[column]?.name ?? '';
      case 'row-header':
        return row + 1;
      case 'corner-header':
        return '';
    }
  }

  override metadata(region: DataModel.CellRegion, _row: number, column: number): DataModel.Metadata {
    const kind = region === 'body' ? this.pages.columns[column]?.kind : undefined;
    return kind === undefined ? DataModel.emptyMetadata : { kind };
  }

  private _onArrived(range: PageRange | null): void {
    if (range === null) {
      this.emitChanged({ type: 'model-reset' });
    } else {
      const { offset: row, limit: rowSpan, firstColumn: column, columnCount: columnSpan } = range;
      this.emitChanged({ type: 'cells-changed', region: 'body', row, column, rowSpan, columnSpan });
    }
  }
}
