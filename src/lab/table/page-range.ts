/** Rows that one request asks for. */
export const pageRows = 500;
/** Columns that one request asks for: a page of a table with thousands of them must not be megabytes. */
export const blockColumns = 64;

export type PageRange = {
  /** First row, from 0. */
  readonly offset: number;
  readonly limit: number;
  readonly firstColumn: number;
  readonly columnCount: number;
};

/** What a grid shows; last ones included. */
export type Viewport = {
  readonly firstRow: number;
  readonly lastRow: number;
  readonly firstColumn: number;
  readonly lastColumn: number;
};

type Block = Pick<PageRange, 'firstColumn' | 'columnCount'>;

/** The blocks that so many columns are asked for in; one empty block for none. */
export function blocksOf(columns: number): readonly Block[] {
  const blocks: Block[] = [];
  for (let firstColumn = 0; firstColumn < columns || firstColumn === 0; firstColumn += blockColumns) {
    blocks.push({ firstColumn, columnCount: Math.min(blockColumns, columns - firstColumn) });
  }
  return blocks;
}

/** The page that holds a cell. */
export function keyOf(
  row: number,
  column: number,
  columns: number
): { readonly key: string; readonly range: PageRange } {
  const page = Math.floor(row / pageRows);
  const block = Math.floor(column / blockColumns);
  const firstColumn = block * blockColumns;
  return {
    key: `${page}:${block}`,
    range: {
      offset: page * pageRows,
      limit: pageRows,
      firstColumn,
      columnCount: Math.min(blockColumns, columns - firstColumn)
    }
  };
}

/** Pages in view by their key, and those that scrolling on in the same direction comes to. */
export function neighbours(
  view: Viewport,
  lastTop: number,
  rows: number,
  columns: number
): { readonly visible: ReadonlyMap<string, PageRange>; readonly ahead: ReadonlyMap<string, PageRange> } {
  const visible = new Map<string, PageRange>();
  const ahead = new Map<string, PageRange>();
  if (rows === 0 || columns === 0) {
    return { visible, ahead };
  }
  const lastRow = view.lastRow < 0 ? rows - 1 : Math.min(view.lastRow, rows - 1);
  const lastColumn = view.lastColumn < 0 ? columns - 1 : Math.min(view.lastColumn, columns - 1);
  const step = view.firstRow < lastTop ? -pageRows : pageRows;
  const beyond = (step < 0 ? view.firstRow : lastRow) + step;
  const firstPage = Math.floor(Math.max(view.firstRow, 0) / pageRows) * pageRows;
  const firstBlock = Math.floor(Math.max(view.firstColumn, 0) / blockColumns) * blockColumns;
  for (let column = firstBlock; column <= lastColumn; column += blockColumns) {
    for (let row = firstPage; row <= lastRow; row += pageRows) {
      const { key, range } = keyOf(row, column, columns);
      visible.set(key, range);
    }
    if (beyond >= 0 && beyond < rows) {
      const { key, range } = keyOf(beyond, column, columns);
      ahead.set(key, range);
    }
  }
  return { visible, ahead };
}
