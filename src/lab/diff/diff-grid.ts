import {
  BasicKeyHandler,
  BasicMouseHandler,
  BasicSelectionModel,
  CellRenderer,
  DataGrid,
  type GraphicsContext,
  TextRenderer
} from '@lumino/datagrid';
import type { RowChange } from '../../core/model/diff';
import type { TranslationBundle } from '@jupyterlab/translation';
import { cellText } from '../table/cell-text';
import { PageDataModel } from '../table/page-data-model';
import { Pages } from '../table/pages';
import { followTheme, gridStyle, type GridTheme, readTheme } from '../table/theme';
import { type DiffCell, diffCellText, signs } from './diff-cell';

const rowHeight = 24;
const padding = 8;
const arrow = ' → ';

/** Rows that differ, by pages: changed cells read `old → new`, every row says by a sign and a word what happened to it. */
export class DiffGrid extends DataGrid {
  constructor(private readonly _trans: TranslationBundle) {
    super({
      defaultSizes: { rowHeight, columnWidth: 150, rowHeaderWidth: 96, columnHeaderHeight: 44 },
      minimumSizes: { rowHeight, columnWidth: 48, rowHeaderWidth: 48, columnHeaderHeight: 44 }
    });
    this.addClass('bb-Grid');
    this.pages = new Pages<DiffCell>(() => this.currentViewport ?? null);
    this.dataModel = new PageDataModel(this.pages);
    this.selectionModel = new BasicSelectionModel({ dataModel: this.dataModel });
    this.keyHandler = new BasicKeyHandler();
    this.mouseHandler = new BasicMouseHandler();
    this.copyConfig = { ...DataGrid.defaultCopyConfig, format: ({ value }) => diffCellText(value as DiffCell) };
    const { node } = this.viewport;
    node.tabIndex = 0;
    node.setAttribute('role', 'application');
    node.setAttribute('aria-label', _trans.__('Rows that differ. Arrow keys move, Ctrl+C copies.'));
  }

  readonly pages: Pages<DiffCell>;

  override dispose(): void {
    if (!this.isDisposed) {
      this._theming?.dispose();
      super.dispose();
      this.pages.dispose();
    }
  }

  /** The cell that the cursor is on; null without one. */
  get cursor(): { readonly row: number; readonly column: number } | null {
    const { cursorRow: row, cursorColumn: column } = this.selectionModel as BasicSelectionModel;
    return row < 0 || column < 0 ? null : { row, column };
  }

  /** Wide enough for what the first rows say. */
  fitColumns(): void {
    const gc = document.createElement('canvas').getContext('2d');
    if (!gc || !this._theme) {
      return;
    }
    gc.font = this._theme.valueFont;
    for (let column = 0; column < Math.min(this.pages.columns.length, 200); column++) {
      const texts = Array.from({ length: Math.min(this.pages.total, 60) }, (_, row) =>
        diffCellText(this.pages.value(row, column))
      );
      const { name, type } = this.pages.columns[column]!;
      const widest = Math.max(...[name, type, ...texts].map(text => gc.measureText(text.slice(0, 60)).width));
      this.resizeColumn('body', column, Math.min(Math.max(widest + 2 * padding + 6, 72), 340));
    }
  }

  protected override onBeforeAttach(msg: Parameters<DataGrid['onBeforeAttach']>[0]): void {
    super.onBeforeAttach(msg);
    // The node is in the page only after this message.
    requestAnimationFrame(() => !this.isDisposed && this._applyTheme());
    this._theming ??= followTheme(() => this._applyTheme());
  }

  private _applyTheme(): void {
    const first = this._theme === null;
    const theme = (this._theme = readTheme(this.node));
    this.style = gridStyle(theme);
    const words: Record<RowChange, string> = {
      added: this._trans.__('added'),
      removed: this._trans.__('removed'),
      changed: this._trans.__('changed')
    };
    const kindOf = (row: number): RowChange | undefined => this.pages.value(row, 0)?.row;
    const rows = new TextRenderer({
      font: theme.smallFont,
      textColor: theme.text,
      backgroundColor: ({ row }) => washOf(kindOf(row), theme),
      horizontalAlignment: 'left',
      format: ({ row }) => {
        const kind = kindOf(row);
        return kind === undefined ? '' : `${signs[kind]} ${words[kind]}`;
      }
    });
    const corner = new TextRenderer({ backgroundColor: 'transparent', format: () => '' });
    this.cellRenderers.update({
      body: new DiffCellRenderer(theme),
      'column-header': new NameRenderer(theme, column => this.pages.columns[column]),
      'row-header': rows,
      'corner-header': corner
    });
    if (first) {
      this.fitColumns();
    }
  }

  private _theme: GridTheme | null = null;
  private _theming: ReturnType<typeof followTheme> | null = null;
}

function washOf(kind: RowChange | undefined, theme: GridTheme): string {
  return kind === 'added' ? theme.added : kind === 'removed' ? theme.removed : 'transparent';
}

/** A column's name, and its type below it. */
class NameRenderer extends CellRenderer {
  constructor(
    private readonly _theme: GridTheme,
    private readonly _columnOf: (column: number) => { readonly name: string; readonly type: string } | undefined
  ) {
    super();
  }

  override paint(gc: GraphicsContext, config: CellRenderer.CellConfig): void {
    const facts = this._columnOf(config.column);
    if (facts) {
      inside(gc, config, () => this._paint(gc, config, facts));
    }
  }

  private _paint(
    gc: GraphicsContext,
    { x, y }: CellRenderer.CellConfig,
    facts: { readonly name: string; readonly type: string }
  ): void {
    gc.textBaseline = 'middle';
    gc.textAlign = 'left';
    gc.font = this._theme.nameFont;
    gc.fillStyle = this._theme.text;
    gc.fillText(cellText(facts.name), x + padding, y + 15);
    gc.font = this._theme.smallFont;
    gc.fillStyle = this._theme.dim;
    gc.fillText(facts.type.slice(0, 100), x + padding, y + 32);
  }
}

/** A value; where it changed, the old one struck through, an arrow, and the new one. */
class DiffCellRenderer extends CellRenderer {
  constructor(private readonly _theme: GridTheme) {
    super();
  }

  override paint(gc: GraphicsContext, config: CellRenderer.CellConfig): void {
    inside(gc, config, () => this._paint(gc, config));
  }

  private _paint(gc: GraphicsContext, config: CellRenderer.CellConfig): void {
    const theme = this._theme;
    const cell = config.value as DiffCell | undefined;
    const { x, y, width, height } = config;
    const background = cell?.changed ? theme.changed : washOf(cell?.row, theme);
    if (background !== 'transparent') {
      gc.fillStyle = background;
      gc.fillRect(x, y, width, height - 1);
    }
    gc.textBaseline = 'middle';
    gc.textAlign = 'left';
    gc.font = theme.valueFont;
    const middle = y + height / 2;
    if (cell?.changed) {
      drawChange(gc, cell, { x: x + padding, y: middle }, theme);
      return;
    }
    const value = cell?.row === 'removed' ? cell.from : cell?.to;
    const isValue = value !== null && value !== undefined;
    gc.font = isValue ? theme.valueFont : theme.nullFont;
    gc.fillStyle = isValue ? theme.text : theme.dim;
    const number = config.metadata['kind'] === 'number';
    gc.textAlign = number ? 'right' : 'left';
    gc.fillText(diffCellText(cell), number ? x + width - padding : x + padding, middle);
  }
}

/** Draw nothing outside the cell: a canvas has no cells. */
function inside(gc: GraphicsContext, { x, y, width, height }: CellRenderer.CellConfig, draw: () => void): void {
  gc.save();
  gc.beginPath();
  gc.rect(x, y, width - 1, height - 1);
  gc.clip();
  draw();
  gc.restore();
}

function drawChange(
  gc: GraphicsContext,
  cell: DiffCell,
  { x, y }: { readonly x: number; readonly y: number },
  theme: GridTheme
): void {
  const old = cellText(cell.from ?? null);
  const width = gc.measureText(old).width;
  gc.fillStyle = theme.text;
  gc.fillText(old, x, y);
  gc.fillRect(x, Math.round(y), width, 1);
  gc.fillText(arrow, x + width, y);
  gc.fillText(cellText(cell.to ?? null), x + width + gc.measureText(arrow).width, y);
}
