import {
  BasicKeyHandler,
  BasicMouseHandler,
  BasicSelectionModel,
  type CellRenderer,
  DataGrid,
  type DataModel,
  TextRenderer
} from '@lumino/datagrid';
import { Message, MessageLoop } from '@lumino/messaging';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Cell, Column } from '../../core/model/table';
import { cellText } from './cell-text';
import { type HeaderFacts, headerHeight, HeaderRenderer } from './header-renderer';
import { PageDataModel } from './page-data-model';
import type { PageRange } from './page-range';
import type { Pages } from './pages';
import { followTheme, type GridTheme, gridStyle, readTheme } from './theme';

export type TableGridOptions = {
  /** What the grid is, for screen readers. */
  readonly label: string;
  readonly headerOf: (column: number) => HeaderFacts | null;
  /** Copy what is selected: rows may have to be loaded first. */
  readonly onCopy: () => void;
  /** A header was clicked; `add` with Shift: the column joins those that sort already. */
  readonly onHeader: (column: number, add: boolean) => void;
  /** The rows; the grid tells them what it shows. Whoever made them disposes of them. */
  readonly pages: Pages<Cell>;
};

const rowHeight = 24;

/** A grid over pages of rows, in the theme's colours, for people with a mouse, a keyboard or a screen reader. */
export class TableGrid extends DataGrid {
  constructor(private readonly _options: TableGridOptions) {
    super({
      defaultSizes: { rowHeight, columnWidth: 132, rowHeaderWidth: 72, columnHeaderHeight: headerHeight },
      minimumSizes: { rowHeight, columnWidth: 48, rowHeaderWidth: 48, columnHeaderHeight: headerHeight }
    });
    this.addClass('bb-Grid');
    const { pages } = this._options;
    pages.viewport = () => this.currentViewport ?? null;
    this.dataModel = new PageDataModel(pages);
    pages.arrived.connect(this._onArrived, this);
    this.selectionModel = new BasicSelectionModel({ dataModel: this.dataModel });
    this.selectionModel.changed.connect(() => this._cursorMoved.emit());
    this.keyHandler = new KeyHandler(this._options);
    this.mouseHandler = new MouseHandler({
      ...this._options,
      onHover: at => this._hovered.emit(at),
      onResized: column => this._widths.set(this._nameOf(column), this.columnSize('body', column))
    });
    this._describe();
  }

  /** Emitted when another cell or range is selected. */
  get cursorMoved(): ISignal<this, void> {
    return this._cursorMoved;
  }

  /** Emitted when the pointer comes to a header, or leaves it (null). */
  get hovered(): ISignal<this, HeaderHover | null> {
    return this._hovered;
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._theming?.dispose();
      Signal.clearData(this);
      this._options.pages.viewport = () => null;
      super.dispose();
    }
  }

  /**
   * Scrolls at once. Lumino only moves the scroll bars, and reads them when the request's turn comes: a column or the room that
   * gets another size before that puts them back, and the request is lost.
   */
  override scrollToCell(row: number, column: number): void {
    super.scrollToCell(row, column);
    MessageLoop.sendMessage(this.viewport, new Message('scroll-request'));
  }

  /** Draw the headers again: their facts changed. */
  repaintHeaders(): void {
    this.repaintRegion('column-header', 0, 0, 0, this.columnCount('body') - 1);
  }

  protected override onBeforeAttach(msg: Parameters<DataGrid['onBeforeAttach']>[0]): void {
    super.onBeforeAttach(msg);
    // The node is in the page only after this message.
    requestAnimationFrame(() => !this.isDisposed && this._applyTheme());
    this._theming ??= followTheme(() => this._applyTheme());
  }

  private _applyTheme(): void {
    this._theme = readTheme(this.node);
    this.style = gridStyle(this._theme);
    const theme = (): GridTheme => this._theme!;
    const header = new HeaderRenderer(theme, this._options.headerOf);
    const body = bodyRenderer(this._theme);
    const rows = new TextRenderer({
      font: this._theme.smallFont,
      textColor: this._theme.dim,
      backgroundColor: 'transparent',
      horizontalAlignment: 'right',
      format: ({ value }) => Number(value).toLocaleString()
    });
    const corner = new TextRenderer({ backgroundColor: 'transparent', format: () => '' });
    this.cellRenderers.update({ body, 'column-header': header, 'row-header': rows, 'corner-header': corner });
  }

  private _describe(): void {
    const { node } = this.viewport;
    node.tabIndex = 0;
    node.setAttribute('role', 'application');
    node.setAttribute('aria-label', this._options.label);
  }

  /** Another source: columns have the width they had, or one that fits the first rows. */
  private _onArrived(pages: Pages<Cell>, range: PageRange | null): void {
    if (range === null) {
      pages.columns.slice(0, measured).forEach((column, index) => {
        const width = this._widths.get(column.name) ?? fittingWidth(pages, column, index);
        this._widths.set(column.name, width);
        this.resizeColumn('body', index, width);
      });
    }
  }

  private _nameOf(column: number): string {
    return this._options.pages.columns[column]?.name ?? '';
  }

  private _theme: GridTheme | null = null;
  private readonly _widths = new Map<string, number>();
  private _theming: ReturnType<typeof followTheme> | null = null;
  private readonly _cursorMoved = new Signal<this, void>(this);
  private readonly _hovered = new Signal<this, HeaderHover | null>(this);
}

/** Columns whose width follows their values; beyond, all have the same. */
const measured = 64;
/** Rows looked at for it. */
const sampled = 40;

function fittingWidth(pages: Pages<Cell>, column: Column, index: number): number {
  let longest = Math.max(column.name.length, Math.min(column.type.length, 16));
  for (let row = 0; row < Math.min(sampled, pages.total); row++) {
    longest = Math.max(longest, cellText(pages.value(row, index)).length);
  }
  return Math.min(Math.max(longest * 7.6 + 24, 96), 280);
}

/** The header the pointer is on, and where it is in the page. */
export type HeaderHover = { readonly column: number; readonly left: number; readonly bottom: number };

/** Values by their kind: numbers to the right, nulls in another voice. */
export function bodyRenderer(theme: GridTheme): TextRenderer {
  const isNumber = ({ metadata }: CellRenderer.CellConfig): boolean => metadata['kind'] === 'number';
  const isValue = ({ value }: CellRenderer.CellConfig): boolean => value !== null && value !== undefined;
  return new TextRenderer({
    font: config => (isValue(config) ? theme.valueFont : theme.nullFont),
    textColor: config => (isValue(config) ? theme.text : theme.dim),
    backgroundColor: 'transparent',
    horizontalAlignment: config => (isNumber(config) ? 'right' : 'left'),
    horizontalPadding: 8,
    elideDirection: 'right',
    format: ({ value }) => cellText(value as Cell | undefined)
  });
}

class KeyHandler extends BasicKeyHandler {
  constructor(private readonly _options: TableGridOptions) {
    super();
  }

  override onKeyDown(grid: DataGrid, event: KeyboardEvent): void {
    const column = (grid.selectionModel as BasicSelectionModel).cursorColumn;
    if (event.key === 'Home' || event.key === 'End') {
      event.preventDefault();
      moveToEnd(grid, event.key === 'Home', event.ctrlKey || event.metaKey);
    } else if (event.key === 'Enter' && column >= 0) {
      event.preventDefault();
      this._options.onHeader(column, event.shiftKey);
    } else {
      super.onKeyDown(grid, event);
    }
  }

  protected override onKeyC(_grid: DataGrid, event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      this._options.onCopy();
    }
  }
}

/** Home and End go to the first and last column; with Ctrl, to the first and last row. */
function moveToEnd(grid: DataGrid, first: boolean, rows: boolean): void {
  const selection = grid.selectionModel as BasicSelectionModel;
  const last = (count: number): number => (first ? 0 : count - 1);
  const row = rows ? last(grid.rowCount('body')) : Math.max(selection.cursorRow, 0);
  const column = rows ? Math.max(selection.cursorColumn, 0) : last(grid.columnCount('body'));
  selectCell(grid, row, column);
}

/** Make a cell the cursor and bring it into view. */
export function selectCell(grid: DataGrid, row: number, column: number): void {
  grid.selectionModel?.select({
    r1: row,
    c1: column,
    r2: row,
    c2: column,
    cursorRow: row,
    cursorColumn: column,
    clear: 'all'
  });
  grid.scrollToCell(row, column);
}

type MouseOptions = Pick<TableGridOptions, 'onHeader'> & {
  readonly onHover: (at: HeaderHover | null) => void;
  /** The user made a column wider or narrower. */
  readonly onResized: (column: number) => void;
};

/** A click on a header sorts; pointing at one tells about its column; dragging its edge makes it wider. */
class MouseHandler extends BasicMouseHandler {
  constructor(private readonly _options: MouseOptions) {
    super();
  }

  override onMouseHover(grid: DataGrid, event: MouseEvent): void {
    super.onMouseHover(grid, event);
    const hit = grid.hitTest(event.clientX, event.clientY);
    const column = hit.region === 'column-header' ? hit.column : -1;
    if (column !== this._column) {
      this._column = column;
      const bounds = grid.viewport.node.getBoundingClientRect();
      const left = bounds.left + grid.headerWidth + grid.columnOffset('body', Math.max(column, 0)) - grid.scrollX;
      this._options.onHover(column < 0 ? null : { column, left, bottom: bounds.top + grid.headerHeight });
    }
  }

  override onMouseLeave(grid: DataGrid, event: MouseEvent): void {
    super.onMouseLeave(grid, event);
    this._column = -1;
    this._options.onHover(null);
  }

  override onMouseDown(grid: DataGrid, event: MouseEvent): void {
    super.onMouseDown(grid, event);
    const hit = grid.hitTest(event.clientX, event.clientY);
    this._pressed = this.pressData?.type === 'select' && hit.region === 'column-header' ? hit.column : -1;
  }

  override onMouseUp(grid: DataGrid, event: MouseEvent): void {
    const press = this.pressData;
    super.onMouseUp(grid, event);
    if (press?.type === 'column-resize' && press.region === 'body') {
      this._options.onResized(press.index);
    }
    const hit = grid.hitTest(event.clientX, event.clientY);
    if (this._pressed >= 0 && hit.region === 'column-header' && hit.column === this._pressed) {
      this._options.onHeader(hit.column, event.shiftKey);
    }
    this._pressed = -1;
  }

  private _column = -1;
  private _pressed = -1;
}

/** Rectangles that are selected, inside the table; none without a selection. */
export function selectedRanges(
  model: DataModel,
  selection: BasicSelectionModel
): readonly { readonly row: number; readonly rows: number; readonly column: number; readonly columns: number }[] {
  const maxRow = model.rowCount('body') - 1;
  const maxColumn = model.columnCount('body') - 1;
  return [...selection.selections()].map(({ r1, r2, c1, c2 }) => {
    const row = Math.max(Math.min(r1, r2), 0);
    const column = Math.max(Math.min(c1, c2), 0);
    return {
      row,
      rows: Math.min(Math.max(r1, r2), maxRow) - row + 1,
      column,
      columns: Math.min(Math.max(c1, c2), maxColumn) - column + 1
    };
  });
}
