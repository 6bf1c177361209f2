import { Clipboard, Notification } from '@jupyterlab/apputils';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { BasicSelectionModel } from '@lumino/datagrid';
import { MessageLoop } from '@lumino/messaging';
import { Panel, SplitPanel, Widget } from '@lumino/widgets';
import { BranchbookError } from '../../core/error';
import type { Cell } from '../../core/model/table';
import { cellText, tabSeparated } from '../table/cell-text';
import { headerHeight } from '../table/header-renderer';
import { type HeaderHover, selectCell, selectedRanges, TableGrid } from '../table/table-grid';
import { HeaderCard } from './header-card';
import { Failure } from './look-state';
import { StatisticsDrawer } from './statistics-drawer';
import type { TableModel } from './table-model';
import { TableNotices } from './table-notices';
import { TableStatus } from './table-status';
import { TableToolbar } from './table-toolbar';

/** Cells that one copy may take: more do not belong on a clipboard. */
const copyLimit = 500_000;
/** Pixels below which the drawer is closed at first. */
const narrow = 720;

/** A table: toolbar, grid, statistics beside it, and a line that tells where one is. */
export class TableLook extends Panel {
  constructor(
    private readonly _model: TableModel,
    path: string,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('bb-TableLook');
    const trans = this._trans;
    this._grid = new TableGrid({
      pages: _model.pages,
      label: trans.__('Rows of %1. Arrow keys move, Enter sorts by the column.', path),
      headerOf: column => _model.headerOf(column),
      onCopy: () => void this._copy(),
      onHeader: (column, add) => this._sort(column, add)
    });
    this._drawer = this._section(() => <StatisticsDrawer model={_model} trans={trans} />, 'bb-TableLook-drawer');
    this._split.addClass('bb-TableLook-split');
    this._split.addWidget(this._grid);
    this._split.addWidget(this._drawer);
    this._split.setRelativeSizes([3, 1]);
    SplitPanel.setStretch(this._grid, 1);
    this.addWidget(this._section(() => this._renderTop(), 'bb-TableLook-top'));
    this.addWidget(this._split);
    this.addWidget(this._section(() => this._renderStatus(), 'bb-TableLook-status'));
    this.addWidget(this._section(() => this._renderCard(), 'bb-TableLook-card'));
    this._grid.cursorMoved.connect(this._onCursor, this);
    this._grid.hovered.connect((_, at) => this._onHover(at));
    _model.stateChanged.connect(() => this._grid.repaintHeaders());
    _model.stateChanged.connect(() => this._awaited !== null && this._goTo(this._awaited));
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._resized.disconnect();
      super.dispose();
      this._model.dispose();
    }
  }

  protected override onActivateRequest(): void {
    this._grid.activate();
  }

  /** In a narrow window the drawer would leave no room for the rows. */
  protected override onAfterAttach(): void {
    // What React draws above changes the room that is left, and no layout tells the split of it.
    this._resized.observe(this._split.node);
    requestAnimationFrame(() => {
      if (!this.isDisposed && this.node.clientWidth < narrow) {
        this._drawer.hide();
        this._model.touch();
      }
    });
  }

  private _section(render: () => JSX.Element, className: string): ReactWidget {
    const widget = ReactWidget.create(<UseSignal signal={this._model.stateChanged}>{render}</UseSignal>);
    widget.addClass(className);
    return widget;
  }

  private _renderTop(): JSX.Element {
    const trans = this._trans;
    const model = this._model;
    const { problem } = model.pages;
    const toggle = (): void => {
      this._drawer.setHidden(this._drawer.isVisible);
      model.touch();
    };
    return (
      <>
        <TableNotices info={model.info} trans={trans} />
        <TableToolbar
          model={model}
          trans={trans}
          drawer={{ open: !this._drawer.isHidden, toggle }}
          onGoTo={row => this._goTo(row)}
        />
        {problem && (
          <Failure message={problem.message} hint={problem.hint ?? ''} onRetry={() => model.retry()} trans={trans} />
        )}
      </>
    );
  }

  private _renderStatus(): JSX.Element {
    const { pages } = this._model;
    const column = this._cell && pages.columns[this._cell.index];
    const cell =
      this._cell && column
        ? { row: this._cell.row, column: column.name, value: cellText(pages.value(this._cell.row, this._cell.index)) }
        : null;
    return <TableStatus model={this._model} cell={cell} trans={this._trans} />;
  }

  private _renderCard(): JSX.Element {
    const facts = this._hover && this._model.headerOf(this._hover.column);
    if (!facts || !this._hover) {
      return this._renderEmpty();
    }
    const bounds = this.node.getBoundingClientRect();
    const at = { left: this._hover.left - bounds.left, top: this._hover.bottom - bounds.top };
    return <HeaderCard facts={facts} at={at} room={bounds.width} trans={this._trans} />;
  }

  /** Said where the rows would be. */
  private _renderEmpty(): JSX.Element {
    const { info, pages, filter } = this._model;
    if (pages.total > 0 || pages.loading || pages.problem) {
      return <></>;
    }
    const trans = this._trans;
    return (
      <div className="bb-TableLook-empty" style={{ top: this._split.node.offsetTop + headerHeight + 40 }}>
        {filter.length === 0 || info.rows === 0 ? (
          <p>{info.columns.length === 0 ? trans.__('This file is empty.') : trans.__('This table has no rows.')}</p>
        ) : (
          <>
            <p>{trans.__('No row matches the filters.')}</p>
            <button type="button" className="bb-LinkButton" onClick={() => this._model.setFilter([])}>
              {trans.__('Clear the filters')}
            </button>
          </>
        )}
      </div>
    );
  }

  private _sort(index: number, add: boolean): void {
    const column = this._model.pages.columns[index];
    if (column) {
      this._model.sortBy(column.name, add);
    }
  }

  private _goTo(row: number): void {
    const last = this._model.pages.total;
    // Before the first rows are here nobody knows how many there are.
    this._awaited = last > 0 ? null : row;
    if (last > 0) {
      selectCell(this._grid, Math.min(row, last) - 1, Math.max(this._selection.cursorColumn, 0));
      this._grid.activate();
    }
  }

  private _onHover(at: HeaderHover | null): void {
    this._hover = at;
    this._model.touch();
  }

  private _onCursor(): void {
    const { cursorRow: row, cursorColumn: index } = this._selection;
    const column = this._model.pages.columns[index];
    if (row < 0 || !column) {
      this._cell = null;
      this._model.touch();
      return;
    }
    this._cell = { row, index };
    this._model.selected = column.name;
  }

  private async _copy(): Promise<void> {
    const trans = this._trans;
    const range = selectedRanges(this._grid.dataModel!, this._selection)[0];
    if (!range) {
      return;
    }
    if (range.rows * range.columns > copyLimit) {
      Notification.warning(trans.__('Too many cells to copy. Use “Get a copy…” for the whole file.'), {
        autoClose: 6000
      });
      return;
    }
    const { pages } = this._model;
    const columns = pages.columns.slice(range.column, range.column + range.columns);
    try {
      const rows = await pages.rows(
        { offset: range.row, limit: range.rows, firstColumn: range.column, columnCount: range.columns },
        new AbortController().signal
      );
      Clipboard.copyToSystem(
        tabSeparated(
          columns.map(column => column.name),
          rows as readonly (readonly Cell[])[]
        )
      );
      Notification.info(trans._n('Copied %1 row', 'Copied %1 rows', rows.length), { autoClose: 3000 });
    } catch (error) {
      Notification.error(BranchbookError.from(error).message, { autoClose: 6000 });
    }
  }

  private get _selection(): BasicSelectionModel {
    return this._grid.selectionModel as BasicSelectionModel;
  }

  private readonly _grid: TableGrid;
  private readonly _drawer: ReactWidget;
  private readonly _split = new SplitPanel({ orientation: 'horizontal', spacing: 1 });
  private readonly _resized = new ResizeObserver(() =>
    MessageLoop.sendMessage(this._split, Widget.ResizeMessage.UnknownSize)
  );
  private _hover: HeaderHover | null = null;
  /** The row that somebody asked for, until there are rows. */
  private _awaited: number | null = null;
  /** The one with the cursor; its value may come later. */
  private _cell: { readonly row: number; readonly index: number } | null = null;
}
