import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { BranchbookError } from '../../core/error';
import type { ColumnDrift, DiffArgs, DiffResult, FileDiff, RowChange, TableDiff } from '../../core/model/diff';
import type { AssetVersion } from '../../core/model/result';
import type { PageSource } from '../table/pages';
import type { IProjectModel } from '../tokens';
import { columnsOf, type DiffCell, rowCells } from './diff-cell';

/** What is compared: two revisions, or one and the work tree (null). No path = the list of files that differ. */
export type DiffTarget = {
  readonly from: string;
  readonly to: string | null;
  readonly path: string | null;
  /** Columns that name a row; null = found. */
  readonly key: readonly string[] | null;
};

export type DiffState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'problem'; readonly message: string }
  | { readonly kind: 'loaded'; readonly result: DiffResult };

export type DriftState =
  | { readonly kind: 'none' | 'loading' }
  | { readonly kind: 'problem'; readonly message: string }
  | { readonly kind: 'loaded'; readonly columns: readonly ColumnDrift[] };

/** Rows of the first answer: the grid's first page, so that it needs no second request. */
const firstRows = 500;
/** Versions offered as a side. */
const offeredVersions = 50;

/** One comparison of two versions, and what the core found. Follows the project's changes. */
export class DiffModel implements IDisposable {
  constructor(
    readonly project: IProjectModel,
    target: DiffTarget
  ) {
    this._target = target;
    project.stateChanged.connect(this._onProject, this);
    this._onProject();
    void this._loadVersions();
  }

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  get target(): DiffTarget {
    return this._target;
  }

  get state(): DiffState {
    return this._state;
  }

  /** True while another answer is on its way; the one before it stays on show. */
  get busy(): boolean {
    return this._loading !== null;
  }

  get drift(): DriftState {
    return this._drift;
  }

  /** Versions of the file, newest first. */
  get versions(): readonly AssetVersion[] {
    return this._versions;
  }

  get kind(): RowChange | null {
    return this._kind;
  }

  /** Rows on show; null = all that differ. */
  set kind(kind: RowChange | null) {
    this._kind = kind;
    this._stateChanged.emit();
  }

  get file(): FileDiff | null {
    const { state, target } = this;
    return state.kind === 'loaded' && target.path !== null ? (state.result.files[0] ?? null) : null;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._loading?.abort();
      this._drifting?.abort();
      this.project.stateChanged.disconnect(this._onProject, this);
      Signal.clearData(this);
    }
  }

  set(change: Partial<DiffTarget>): void {
    const other = change.path !== undefined && change.path !== this._target.path;
    this._target = { ...this._target, ...change };
    if (other) {
      this._versions = [];
      this._state = { kind: 'loading' };
      void this._loadVersions();
    }
    this._kind = null;
    this.load();
  }

  /** The work tree is always the later side. */
  get canSwap(): boolean {
    return this._target.to !== null;
  }

  swap(): void {
    const { from, to } = this._target;
    if (to !== null) {
      this.set({ from: to, to: from });
    }
  }

  load(): void {
    this._loading?.abort();
    this._drifting?.abort();
    this._drift = { kind: 'none' };
    const controller = new AbortController();
    this._loading = controller;
    this._stateChanged.emit();
    void this._fetch(controller.signal).then(state => {
      if (this._loading === controller && !this._isDisposed) {
        this._loading = null;
        this._state = state;
        this._stateChanged.emit();
      }
    });
  }

  /** Stop a long comparison. */
  cancel(): void {
    this._loading?.abort();
    this._drifting?.abort();
  }

  /** Compare distributions; once, when they are first looked at. */
  loadDrift(): void {
    if (this._drift.kind !== 'none' || this.file === null) {
      return;
    }
    const controller = new AbortController();
    this._drifting = controller;
    this._setDrift({ kind: 'loading' });
    this.project.run('diff', { ...this.args(), rows: { offset: 0, limit: 0 }, drift: true }, controller).then(
      ({ files }) => {
        const content = files[0]?.content;
        this._answerDrift(controller, {
          kind: 'loaded',
          columns: content?.kind === 'table' ? (content.drift ?? []) : []
        });
      },
      (error: unknown) => this._answerDrift(controller, { kind: 'problem', message: messageOf(error) })
    );
  }

  /** Pages of the rows that differ, of the kind on show. */
  source(table: TableDiff): PageSource<DiffCell> {
    const kind = this._kind;
    const args = this.args();
    return {
      columns: columnsOf(table),
      load: async ({ offset, limit, firstColumn, columnCount }, signal) => {
        const rows = { offset, limit, ...(kind === null ? {} : { kind }) };
        const { files } = await this.project.run('diff', { ...args, rows }, { signal });
        const content = files[0]?.content;
        if (content?.kind !== 'table') {
          return { total: 0, rows: [] };
        }
        const last = firstColumn + columnCount;
        return { total: content.total, rows: content.rows.map(row => rowCells(row, firstColumn, last)) };
      }
    };
  }

  /** Write all rows that differ to a file. @param file - absolute path of a .csv or .parquet file */
  async export(file: string): Promise<void> {
    await this.project.run('diff', { ...this.args(), rows: { offset: 0, limit: 0 }, export: file });
  }

  args(): DiffArgs {
    const { from, to, path, key } = this._target;
    return {
      from,
      ...(to === null ? {} : { to }),
      ...(path === null ? {} : { path }),
      ...(key === null ? {} : { key })
    };
  }

  private async _fetch(signal: AbortSignal): Promise<DiffState> {
    try {
      const args = { ...this.args(), rows: { offset: 0, limit: firstRows } };
      return { kind: 'loaded', result: await this.project.run('diff', args, { signal }) };
    } catch (error) {
      return { kind: 'problem', message: messageOf(error) };
    }
  }

  private async _loadVersions(): Promise<void> {
    const { path } = this._target;
    if (path === null) {
      return;
    }
    try {
      const { versions } = await this.project.run('versions', { path, limit: offeredVersions });
      if (path === this._target.path && !this._isDisposed) {
        this._versions = versions;
        this._stateChanged.emit();
      }
    } catch {
      // A file without versions yet: the branches are still there to choose from.
    }
  }

  private _setDrift(state: DriftState): void {
    this._drift = state;
    this._stateChanged.emit();
  }

  private _answerDrift(controller: AbortController, state: DriftState): void {
    if (this._drifting === controller && !this._isDisposed) {
      this._drifting = null;
      this._setDrift(controller.signal.aborted ? { kind: 'none' } : state);
    }
  }

  /** Moved branches change a comparison, and so does what is on disk; other refreshes do not. */
  private _onProject(): void {
    const { branches, status } = this.project;
    const { path, to } = this._target;
    const files = status?.changes.filter(change => path === null || change.path === path) ?? [];
    const state = JSON.stringify([branches.map(branch => [branch.name, branch.commit]), to === null ? files : []]);
    if (state !== this._seen) {
      this._seen = state;
      this.load();
    }
  }

  private _state: DiffState = { kind: 'loading' };
  private _drift: DriftState = { kind: 'none' };
  private _versions: readonly AssetVersion[] = [];
  private _kind: RowChange | null = null;
  private _seen = '';
  private _target: DiffTarget;
  private _loading: AbortController | null = null;
  private _drifting: AbortController | null = null;
  private _isDisposed = false;
  private readonly _stateChanged = new Signal<this, void>(this);
}

export function messageOf(error: unknown): string {
  const failure = BranchbookError.from(error);
  return [failure.message, failure.hint].filter(Boolean).join(' ');
}
