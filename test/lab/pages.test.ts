import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BranchbookError } from '../../src/core/error';
import type { Column } from '../../src/core/model/table';
import { type LoadedPage, Pages, type PageSource } from '../../src/lab/table/pages';
import { blockColumns, pageRows, type PageRange, type Viewport } from '../../src/lab/table/page-range';

const columns = (count: number): readonly Column[] =>
  Array.from({ length: count }, (_, index) => ({ name: `c${index}`, type: 'VARCHAR', kind: 'string' }));

/** A table whose every cell says where it stands, and a list of what was asked of it. */
class Table {
  readonly asked: { readonly range: PageRange; readonly signal: AbortSignal; finish(): void }[] = [];
  failing = false;

  constructor(
    readonly rows: number,
    readonly width: number
  ) {}

  readonly source: PageSource<string> = {
    columns: [],
    load: (range, signal) =>
      new Promise<LoadedPage<string>>((done, failed) => {
        const finish = (): void => {
          if (this.failing) {
            failed(new BranchbookError('IO', 'The disk is away.'));
          } else {
            done({ total: this.rows, rows: this.cells(range) });
          }
        };
        signal.addEventListener('abort', () => failed(new BranchbookError('CANCELLED', 'Cancelled.')));
        this.asked.push({ range, signal, finish });
      })
  };

  get shown(): PageSource<string> {
    return { ...this.source, columns: columns(this.width) };
  }

  cells({ offset, limit, firstColumn, columnCount }: PageRange): string[][] {
    const count = Math.max(Math.min(limit, this.rows - offset), 0);
    return Array.from({ length: count }, (_, row) =>
      Array.from({ length: columnCount }, (_, column) => `${offset + row}/${firstColumn + column}`)
    );
  }

  /** Answer everything that waits, and what that lets through. */
  async answer(): Promise<void> {
    for (let from = 0; from < this.asked.length; from = this.answered) {
      this.answered = this.asked.length;
      this.asked.slice(from).forEach(request => request.finish());
      await vi.advanceTimersByTimeAsync(100);
    }
  }

  private answered = 0;
}

let view: Viewport | null = null;
let model: Pages<string>;

/** What the grid does when it is scrolled to a row: it asks for all cells in view. */
function paint(firstRow: number, firstColumn = 0): void {
  view = { firstRow, lastRow: firstRow + 29, firstColumn, lastColumn: firstColumn + 5 };
  for (let row = firstRow; row <= view.lastRow; row++) {
    model.value(row, firstColumn);
  }
}

async function open(table: Table): Promise<void> {
  const shown = model.show(table.shown);
  await table.answer();
  await shown;
}

beforeEach(() => {
  vi.useFakeTimers();
  view = null;
  model = new Pages<string>(() => view);
});

afterEach(() => {
  model.dispose();
  vi.useRealTimers();
});

describe('rows by pages', () => {
  it('show the first page at once, and count all rows', async () => {
    await open(new Table(10_000_000, 3));
    expect(model.total).toBe(10_000_000);
    expect(model.columns).toHaveLength(3);
    expect(model.value(499, 2)).toBe('499/2');
  });

  it('are asked for where the grid is, and ahead of it', async () => {
    const table = new Table(10_000_000, 3);
    await open(table);
    paint(7_654_321);
    expect(model.value(7_654_321, 0)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(100);
    expect(table.asked.map(({ range }) => range.offset)).toEqual([0, 7_654_000, 7_654_500]);
    await table.answer();
    expect(model.value(7_654_321, 2)).toBe('7654321/2');
    expect(model.loading).toBe(false);
  });

  it('are asked for upwards while scrolling up', async () => {
    const table = new Table(100_000, 1);
    await open(table);
    paint(60_100);
    await table.answer();
    await vi.advanceTimersByTimeAsync(100);
    await table.answer();
    paint(50_100);
    await vi.advanceTimersByTimeAsync(100);
    expect(table.asked.slice(-2).map(({ range }) => range.offset)).toEqual([50_000, 49_500]);
  });

  it('are given up when they left the view before they came', async () => {
    const table = new Table(1_000_000, 1);
    await open(table);
    paint(100_000);
    await vi.advanceTimersByTimeAsync(100);
    paint(900_000);
    await vi.advanceTimersByTimeAsync(100);
    const gone = table.asked.filter(({ signal }) => signal.aborted).map(({ range }) => range.offset);
    expect(gone).toEqual([100_000, 100_500]);
    expect(model.problem).toBeNull();
    await table.answer();
    expect(model.value(900_000, 0)).toBe('900000/0');
  });

  it('pass by unasked during a fast scroll', async () => {
    const table = new Table(1_000_000, 1);
    await open(table);
    for (let row = 10_000; row < 500_000; row += 10_000) {
      paint(row);
    }
    await vi.advanceTimersByTimeAsync(100);
    expect(table.asked.map(({ range }) => range.offset)).toEqual([0, 490_000, 490_500]);
  });

  it('stay few in memory', async () => {
    const table = new Table(1_000_000, 1);
    await open(table);
    for (let row = pageRows; row < 60 * pageRows; row += pageRows) {
      paint(row);
      await vi.advanceTimersByTimeAsync(100);
      await table.answer();
    }
    const here = Array.from({ length: 60 }, (_, page) => model.value(page * pageRows, 0)).filter(Boolean);
    expect(here.length).toBeLessThanOrEqual(48);
    expect(model.value(59 * pageRows, 0)).toBe(`${59 * pageRows}/0`);
  });

  it('come in blocks of columns when there are thousands', async () => {
    const table = new Table(1000, 5000);
    await open(table);
    expect(table.asked[0]!.range.columnCount).toBe(blockColumns);
    paint(0, 4990);
    await table.answer();
    await vi.advanceTimersByTimeAsync(100);
    await table.answer();
    expect(model.value(3, 4999)).toBe('3/4999');
    expect(table.asked.every(({ range }) => range.columnCount <= blockColumns)).toBe(true);
    const last = table.asked.find(({ range }) => range.firstColumn === 4992);
    expect(last?.range.columnCount).toBe(8);
  });
});

describe('another sort or filter', () => {
  it('keeps what is on show until its first page is here', async () => {
    await open(new Table(1000, 1));
    const filtered = new Table(7, 1);
    const shown = model.show(filtered.shown);
    expect(model.loading).toBe(true);
    expect(model.total).toBe(1000);
    expect(model.value(999 - 600, 0)).toBe('399/0');
    await filtered.answer();
    await shown;
    expect(model.total).toBe(7);
  });

  it('wins over one asked for before it', async () => {
    const slow = new Table(1, 1);
    const fast = new Table(2, 1);
    const first = model.show(slow.shown);
    const second = model.show(fast.shown);
    await fast.answer();
    await slow.answer();
    await Promise.all([first, second]);
    expect(slow.asked[0]!.signal.aborted).toBe(true);
    expect(model.total).toBe(2);
    expect(model.problem).toBeNull();
  });
});

describe('a failure', () => {
  it('is told, and asked for again only on request', async () => {
    const table = new Table(10_000, 1);
    await open(table);
    table.failing = true;
    paint(5000);
    await table.answer();
    expect(model.problem?.message).toBe('The disk is away.');
    const before = table.asked.length;
    paint(5000);
    await vi.advanceTimersByTimeAsync(100);
    expect(table.asked.length).toBe(before);
    table.failing = false;
    model.retry();
    expect(model.problem).toBeNull();
    await vi.advanceTimersByTimeAsync(100);
    await table.answer();
    expect(model.value(5000, 0)).toBe('5000/0');
  });

  it('of the first page leaves what is on show', async () => {
    await open(new Table(10, 1));
    const broken = new Table(5, 1);
    broken.failing = true;
    const shown = model.show(broken.shown);
    await broken.answer();
    await shown;
    expect(model.problem?.code).toBe('IO');
    expect(model.total).toBe(10);
    expect(model.loading).toBe(false);
  });

  it('after disposal is nobody’s', async () => {
    const table = new Table(10, 1);
    const shown = model.show(table.shown);
    model.dispose();
    await table.answer();
    await shown;
    expect(table.asked[0]!.signal.aborted).toBe(true);
    expect(model.problem).toBeNull();
  });
});

it('rows to copy are loaded page by page', async () => {
  const table = new Table(2000, 4);
  await open(table);
  const copied = model.rows({ offset: 400, limit: 700, firstColumn: 1, columnCount: 2 }, new AbortController().signal);
  await table.answer();
  const rows = await copied;
  expect(rows).toHaveLength(700);
  expect(rows[0]).toEqual(['400/1', '400/2']);
  expect(rows[699]).toEqual(['1099/1', '1099/2']);
});
