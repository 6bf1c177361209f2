import { CellRenderer, type GraphicsContext } from '@lumino/datagrid';
import type { Column, ColumnStatistics } from '../../core/model/table';
import { shape } from './distribution';
import type { GridTheme } from './theme';

/** What a column's header shows beside its name. */
export type HeaderFacts = {
  readonly column: Column;
  readonly statistics: ColumnStatistics | null;
  readonly sorted: 'ascending' | 'descending' | null;
};

export const headerHeight = 88;
const padding = 8;
const chart = { top: 44, height: 30, gap: 1 } as const;
const nullBar = { top: 78, height: 4 } as const;

/** Draws a column's header: name, type, how its values are distributed, and the share of nulls. */
export class HeaderRenderer extends CellRenderer {
  constructor(
    private readonly theme: () => GridTheme,
    private readonly facts: (column: number) => HeaderFacts | null
  ) {
    super();
  }

  override paint(gc: GraphicsContext, config: CellRenderer.CellConfig): void {
    const facts = this.facts(config.column);
    if (facts) {
      const theme = this.theme();
      this._drawNames(gc, config, facts, theme);
      if (facts.statistics) {
        drawDistribution(gc, config, facts.statistics, theme);
        drawNulls(gc, config, facts.statistics, theme);
      }
    }
  }

  private _drawNames(
    gc: GraphicsContext,
    { x, y, width }: CellRenderer.CellConfig,
    { column, sorted }: HeaderFacts,
    theme: GridTheme
  ): void {
    const arrow = sorted === null ? '' : sorted === 'ascending' ? '▲' : '▼';
    gc.textBaseline = 'middle';
    gc.textAlign = 'left';
    gc.font = theme.nameFont;
    gc.fillStyle = theme.text;
    gc.fillText(elided(gc, column.name, width - 2 * padding - (arrow ? 16 : 0)), x + padding, y + 16);
    gc.font = theme.smallFont;
    gc.fillStyle = theme.dim;
    gc.fillText(elided(gc, column.type, width - 2 * padding), x + padding, y + 33);
    if (arrow) {
      gc.textAlign = 'right';
      gc.fillStyle = theme.accent;
      gc.fillText(arrow, x + width - padding, y + 16);
    }
  }
}

function drawDistribution(
  gc: GraphicsContext,
  { x, y, width }: CellRenderer.CellConfig,
  statistics: ColumnStatistics,
  theme: GridTheme
): void {
  const { kind, parts } = shape(statistics);
  const room = width - 2 * padding;
  gc.fillStyle = theme.bar;
  if (kind === 'bars') {
    const step = room / parts.length;
    parts.forEach((part, index) => {
      const height = part === 0 ? 0 : Math.max(part * chart.height, 1);
      const left = Math.round(x + padding + index * step);
      const right = Math.round(x + padding + (index + 1) * step) - (step > 3 ? chart.gap : 0);
      gc.fillRect(left, y + chart.top + chart.height - height, Math.max(right - left, 1), height);
    });
  } else {
    // The most frequent values as shares of one bar; what is left is all the others.
    let left = x + padding;
    parts.forEach((part, index) => {
      gc.globalAlpha = Math.max(1 - index * 0.14, 0.3);
      const span = part * room;
      gc.fillRect(left, y + chart.top + 12, Math.max(span - chart.gap, 0.5), 12);
      left += span;
    });
    gc.globalAlpha = 1;
    gc.fillStyle = theme.track;
    gc.fillRect(left, y + chart.top + 12, Math.max(x + padding + room - left, 0), 12);
  }
}

/** A line below the chart: the part of it that is coloured is not null. Nothing without nulls. */
function drawNulls(
  gc: GraphicsContext,
  { x, y, width }: CellRenderer.CellConfig,
  { count, nulls }: ColumnStatistics,
  theme: GridTheme
): void {
  if (nulls > 0) {
    const room = width - 2 * padding;
    const missing = Math.max((nulls / (count + nulls)) * room, 2);
    gc.fillStyle = theme.track;
    gc.fillRect(x + padding, y + nullBar.top, room, nullBar.height);
    gc.fillStyle = theme.missing;
    gc.fillRect(x + padding + room - missing, y + nullBar.top, missing, nullBar.height);
  }
}

/** The text, cut to a width with `…` at its end. */
function elided(gc: GraphicsContext, text: string, width: number): string {
  const whole = text.slice(0, 200);
  if (gc.measureText(whole).width <= width) {
    return whole;
  }
  let low = 0;
  let high = whole.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (gc.measureText(`${whole.slice(0, middle)}…`).width <= width) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return `${whole.slice(0, low)}…`;
}
