import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { BranchbookError } from '../../core/error';
import type { Column } from '../../core/model/table';
import { PageCache } from './page-cache';
import { blocksOf, keyOf, neighbours, pageRows, type PageRange, type Viewport } from './page-range';

/** Rows as they came, and how many there are in all. */
export type LoadedPage<V> = { readonly total: number; readonly rows: readonly (readonly V[])[] };

/** Where rows come from: one sorted and filtered table. Another sort is another source. */
export type PageSource<V> = {
  readonly columns: readonly Column[];
  /** Rejects with a BranchbookError, CANCELLED when `signal` was aborted. */
  readonly load: (range: PageRange, signal: AbortSignal) => Promise<LoadedPage<V>>;
};

/** Pages kept in memory. */
const keptPages = 48;
/** Requests under way at a time: what the user sees now goes before what comes next. */
const concurrency = 3;
/** Milliseconds that a fast scroll may rest before pages on its way are asked for. */
const rest = 40;

/**
 * The rows of a grid, of which only the pages in view are in memory. `show` gives a source; pages are asked for when the
 * grid paints them, ahead in the direction of scrolling, and given up when they are out of view before they came.
 */
export class Pages<V> implements IDisposable {
  /** @param viewport - what the grid shows now; null while it shows nothing. */
  constructor(public viewport: () => Viewport | null = () => null) {}

  /** Emitted when rows came: those of a range, or of another source (null). */
  get arrived(): ISignal<this, PageRange | null> {
    return this._arrived;
  }

  /** Emitted when `total`, `loading` or `problem` is another. */
  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  get columns(): readonly Column[] {
    return this._source?.columns ?? [];
  }

  /** Rows in all, of the source on show. */
  get total(): number {
    return this._total;
  }

  /** True while rows that the user waits for are on their way. */
  get loading(): boolean {
    return this._opening !== null || this._running.size > 0;
  }

  /** Why rows are missing; null when none are. */
  get problem(): BranchbookError | null {
    return this._problem;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      clearTimeout(this._timer);
      this._abortAll();
      Signal.clearData(this);
    }
  }

  /**
   * Show another source. What is on show stays until the first page is here. Resolves when it is, or when a later call
   * took over; a failure is told by `problem`.
   */
  async show(source: PageSource<V>, first?: LoadedPage<V>): Promise<void> {
    this._abortAll();
    const controller = new AbortController();
    this._opening = controller;
    this._problem = null;
    this._stateChanged.emit();
    try {
      const range = { offset: 0, limit: pageRows, ...blocksOf(source.columns.length)[0]! };
      const page = first ?? (await source.load(range, controller.signal));
      if (this._opening === controller) {
        this._opening = null;
        this._accept(source, page);
      }
    } catch (error) {
      if (this._opening === controller) {
        this._opening = null;
        this._fail(error);
      }
    }
  }

  /** Ask again for what failed. */
  retry(): void {
    this._failed.clear();
    this._problem = null;
    this._schedule();
    this._stateChanged.emit();
  }

  /** Stop what is under way; rows not here stay empty until they are scrolled into view again. */
  cancel(): void {
    this._abortAll();
    this._stateChanged.emit();
  }

  /** Any rows, loaded for the purpose where they are not here: for copying. At most `limit` rows from `offset`. */
  async rows(range: PageRange, signal: AbortSignal): Promise<readonly (readonly V[])[]> {
    const source = this._source;
    const rows: (readonly V[])[] = [];
    for (let offset = range.offset; source && offset < range.offset + range.limit; offset += pageRows) {
      const limit = Math.min(pageRows, range.offset + range.limit - offset);
      rows.push(...(await source.load({ ...range, offset, limit }, signal)).rows);
    }
    return rows;
  }

  /** A value; undefined while it is not here, which asks for it. */
  value(row: number, column: number): V | undefined {
    const { key, range } = keyOf(row, column, this.columns.length);
    const page = this._cache.get(key);
    if (!page) {
      this._schedule();
      return undefined;
    }
    return page[row - range.offset]?.[column - range.firstColumn];
  }

  private _accept(source: PageSource<V>, page: LoadedPage<V>): void {
    this._source = source;
    this._total = page.total;
    this._cache = new PageCache(keptPages);
    this._failed.clear();
    this._cache.set(keyOf(0, 0, source.columns.length).key, page.rows);
    this._arrived.emit(null);
    this._stateChanged.emit();
  }

  private _schedule(): void {
    if (this._timer === undefined && !this._isDisposed) {
      this._timer = setTimeout(() => {
        this._timer = undefined;
        this._request();
      }, rest);
    }
  }

  /** Ask for the pages in view, then for those next to them; give up the others. */
  private _request(): void {
    const source = this._source;
    const view = this.viewport();
    if (!source || !view || this._isDisposed) {
      return;
    }
    const { visible, ahead } = neighbours(view, this._lastTop, this._total, source.columns.length);
    this._lastTop = view.firstRow;
    this._cache.touch(visible.keys());
    this._needed = new Set(visible.keys());
    for (const [key, controller] of this._running) {
      if (!visible.has(key) && !ahead.has(key)) {
        controller.abort();
        this._running.delete(key);
      }
    }
    for (const [key, range] of [...visible, ...ahead]) {
      if (this._running.size >= concurrency) {
        break;
      }
      if (!this._cache.has(key) && !this._running.has(key) && !this._failed.has(key)) {
        void this._load(source, key, range);
      }
    }
    this._stateChanged.emit();
  }

  private async _load(source: PageSource<V>, key: string, range: PageRange): Promise<void> {
    const controller = new AbortController();
    this._running.set(key, controller);
    try {
      const { rows } = await source.load(range, controller.signal);
      if (!controller.signal.aborted) {
        this._cache.set(key, rows, this._needed);
        this._arrived.emit({ ...range, limit: rows.length });
      }
    } catch (error) {
      if (!controller.signal.aborted) {
        this._failed.add(key);
        this._fail(error);
      }
    }
    if (this._running.get(key) === controller) {
      this._running.delete(key);
      // What did not fit before may go now.
      this._schedule();
      this._stateChanged.emit();
    }
  }

  private _fail(cause: unknown): void {
    const error = BranchbookError.from(cause);
    if (error.code !== 'CANCELLED' && !this._isDisposed) {
      this._problem = error;
      this._stateChanged.emit();
    }
  }

  private _abortAll(): void {
    this._opening?.abort();
    this._opening = null;
    for (const controller of this._running.values()) {
      controller.abort();
    }
    this._running.clear();
  }

  private _source: PageSource<V> | null = null;
  private _total = 0;
  private _cache = new PageCache<V>(keptPages);
  private _needed: ReadonlySet<string> = new Set();
  private _lastTop = 0;
  private _opening: AbortController | null = null;
  private _problem: BranchbookError | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
  private readonly _running = new Map<string, AbortController>();
  private readonly _failed = new Set<string>();
  private readonly _arrived = new Signal<this, PageRange | null>(this);
  private readonly _stateChanged = new Signal<this, void>(this);
}
