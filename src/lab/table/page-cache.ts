/** Pages of rows kept in memory: so many, those used last. A page is one block of columns of some rows. */
export class PageCache<V> {
  /** @param kept - pages kept at most, at least 1. */
  constructor(private readonly kept: number) {}

  get(key: string): readonly (readonly V[])[] | undefined {
    return this._pages.get(key);
  }

  has(key: string): boolean {
    return this._pages.has(key);
  }

  /** Add a page; those that were not used for the longest time go, never one of `needed`. */
  set(key: string, rows: readonly (readonly V[])[], needed: ReadonlySet<string> = new Set()): void {
    this._pages.delete(key);
    this._pages.set(key, rows);
    for (const oldest of this._pages.keys()) {
      if (this._pages.size <= this.kept) {
        return;
      }
      if (oldest !== key && !needed.has(oldest)) {
        this._pages.delete(oldest);
      }
    }
  }

  /** These are in use: they go last. */
  touch(keys: Iterable<string>): void {
    for (const key of keys) {
      const rows = this._pages.get(key);
      if (rows) {
        this._pages.delete(key);
        this._pages.set(key, rows);
      }
    }
  }

  private readonly _pages = new Map<string, readonly (readonly V[])[]>();
}
