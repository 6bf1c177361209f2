import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { BranchbookError } from '../../core/error';
import type { Cell, Column, ColumnStatistics, RowFilter, SortKey, TableInfo } from '../../core/model/table';
import type { HeaderFacts } from '../table/header-renderer';
import { Pages, type PageSource } from '../table/pages';
import type { IProjectModel } from '../tokens';
import { nextSort } from './filters';

/** What is asked of a table. */
type TableView = {
  readonly sort: readonly SortKey[];
  readonly filter: readonly RowFilter[];
  /** Columns not on show. */
  readonly hidden: ReadonlySet<string>;
};

export type StatisticsState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'problem'; readonly error: BranchbookError }
  | { readonly kind: 'loaded' };

/** One version of a table as it is looked at: sort, filter, columns, the rows in view, statistics. */
export class TableModel implements IDisposable {
  constructor(
    private readonly _project: IProjectModel,
    private readonly _address: string,
    readonly info: TableInfo
  ) {
    this._selected = info.columns[0]?.name ?? null;
    this.pages.stateChanged.connect(() => this._stateChanged.emit());
    this.pages.arrived.connect((_, range) => range === null && (this._shown = this._wanted));
    if (info.columns.length > 0) {
      void this.pages.show(this._source());
      void this.loadStatistics();
    }
  }

  readonly pages = new Pages<Cell>();

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  get sort(): readonly SortKey[] {
    return this._wanted.sort;
  }

  get filter(): readonly RowFilter[] {
    return this._wanted.filter;
  }

  get hidden(): ReadonlySet<string> {
    return this._wanted.hidden;
  }

  get statistics(): ReadonlyMap<string, ColumnStatistics> {
    return this._statistics;
  }

  get statisticsState(): StatisticsState {
    return this._statisticsState;
  }

  /** The column whose statistics are shown; null when there are no columns. */
  get selected(): string | null {
    return this._selected;
  }

  set selected(column: string | null) {
    this._selected = column;
    this._stateChanged.emit();
  }

  /** True while another sort, filter or choice of columns is on its way. */
  get changing(): boolean {
    return this._wanted !== this._shown && this.pages.loading;
  }

  get isDisposed(): boolean {
    return this.pages.isDisposed;
  }

  dispose(): void {
    this._statisticsAbort?.abort();
    this.pages.dispose();
    Signal.clearData(this);
  }

  /** Something beside this model, but shown with it, is another. */
  touch(): void {
    this._stateChanged.emit();
  }

  columnNamed(name: string | null): Column | null {
    return this.info.columns.find(column => column.name === name) ?? null;
  }

  sortBy(column: string, add: boolean): void {
    this._selected = column;
    this._show({ ...this._wanted, sort: nextSort(this.sort, column, add) });
  }

  setSort(sort: readonly SortKey[]): void {
    this._show({ ...this._wanted, sort });
  }

  setFilter(filter: readonly RowFilter[]): void {
    this._show({ ...this._wanted, filter });
  }

  setHidden(hidden: ReadonlySet<string>): void {
    this._show({ ...this._wanted, hidden });
  }

  /** Give up the change on its way: what is on show stays. */
  cancel(): void {
    this._wanted = this._shown;
    this.pages.cancel();
    this._stateChanged.emit();
  }

  /** After a failure: ask for the same again. */
  retry(): void {
    if (this._wanted === this._shown) {
      this.pages.retry();
    } else {
      this._show(this._wanted);
    }
  }

  headerOf(index: number): HeaderFacts | null {
    const column = this.pages.columns[index];
    const key = column && this._shown.sort.find(candidate => candidate.column === column.name);
    return column
      ? {
          column,
          statistics: this._statistics.get(column.name) ?? null,
          sorted: key ? (key.descending ? 'descending' : 'ascending') : null
        }
      : null;
  }

  async loadStatistics(): Promise<void> {
    const abort = new AbortController();
    this._statisticsAbort = abort;
    this._setStatistics({ kind: 'loading' });
    try {
      const result = await this._project.run(
        'show',
        { address: this._address, statistics: true },
        { signal: abort.signal }
      );
      const content = result.kind === 'version' ? result.content : undefined;
      const columns = content?.kind === 'table' ? (content.statistics ?? []) : [];
      this._statistics = new Map(columns.map(column => [column.name, column]));
      this._setStatistics({ kind: 'loaded' });
    } catch (error) {
      this._setStatistics({ kind: 'problem', error: BranchbookError.from(error) });
    }
  }

  cancelStatistics(): void {
    this._statisticsAbort?.abort();
  }

  private _show(view: TableView): void {
    this._wanted = view;
    void this.pages.show(this._source());
  }

  /** The rows as they are wanted now. */
  private _source(): PageSource<Cell> {
    const { sort, filter, hidden } = this._wanted;
    const columns = this.info.columns.filter(column => !hidden.has(column.name));
    return {
      columns,
      load: async ({ offset, limit, firstColumn, columnCount }, signal) => {
        const names = columns.slice(firstColumn, firstColumn + columnCount).map(column => column.name);
        const page = { offset, limit, sort, filter, columns: names };
        const result = await this._project.run('show', { address: this._address, page }, { signal });
        const content = result.kind === 'version' ? result.content : undefined;
        if (content?.kind !== 'table' || !content.page) {
          const message = `The answer about ${this._address} holds no rows.`;
          throw new BranchbookError('VERSION_MISMATCH', message, {}, 'Restart Jupyter Server.');
        }
        return content.page;
      }
    };
  }

  private _setStatistics(state: StatisticsState): void {
    if (!this.isDisposed) {
      this._statisticsState = state;
      this._stateChanged.emit();
    }
  }

  private _wanted: TableView = { sort: [], filter: [], hidden: new Set() };
  private _shown: TableView = this._wanted;
  private _selected: string | null;
  private _statistics: ReadonlyMap<string, ColumnStatistics> = new Map();
  private _statisticsState: StatisticsState = { kind: 'loading' };
  private _statisticsAbort: AbortController | null = null;
  private readonly _stateChanged = new Signal<this, void>(this);
}
