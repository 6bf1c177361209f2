import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { BranchbookError } from '../../core/error';
import type { OperationRecord, SnapshotResult, StatusResult, UndoResult } from '../../core/model/result';
import type { IBranchbook, IProjectModel } from '../tokens';
import { type AssetSort, type VersionsState, versionsPage } from './rows';

/** The operation log, and where undo and redo go from here. */
type OperationLog = Pick<UndoResult, 'operations' | 'nextUndo' | 'nextRedo'>;

const emptyLog: OperationLog = { operations: [], nextUndo: null, nextRedo: null };

/** Where the panel keeps what it shows beyond the project's own state; one signal for all of it. */
export class PanelModel implements IDisposable {
  constructor(
    readonly branchbook: IBranchbook,
    private readonly _commands: CommandRegistry
  ) {
    branchbook.currentChanged.connect(this._onProjectChanged, this);
    this._onProjectChanged();
  }

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  get project(): IProjectModel | null {
    return this._project;
  }

  /** True when the project's state can be shown. */
  get isReady(): boolean {
    return this._project !== null && this._project.status !== null;
  }

  get filter(): string {
    return this._filter;
  }

  set filter(filter: string) {
    this._set(() => (this._filter = filter));
  }

  get sort(): AssetSort {
    return this._sort;
  }

  set sort(sort: AssetSort) {
    this._set(() => (this._sort = sort));
  }

  /** True when the versions of all branches are shown, not only of the current one. */
  get allBranches(): boolean {
    return this._allBranches;
  }

  set allBranches(all: boolean) {
    if (all !== this._allBranches) {
      this._set(() => (this._allBranches = all));
      this._reloadVersions();
    }
  }

  /** The message typed so far; kept while the panel is hidden. */
  get message(): string {
    return this._message;
  }

  set message(message: string) {
    this._set(() => (this._message = message));
  }

  /** What the last snapshot of this panel's project did; null when there is nothing to tell. */
  get result(): SnapshotResult | null {
    return this._result;
  }

  get expanded(): ReadonlySet<string> {
    return this._expanded;
  }

  get versions(): ReadonlyMap<string, VersionsState> {
    return this._versions;
  }

  /** The operation log, newest first. */
  get operations(): readonly OperationRecord[] {
    return [...this._log.operations].reverse();
  }

  /** What undo takes back next. */
  get nextUndo(): OperationRecord | null {
    return this._log.nextUndo;
  }

  /** What redo puts back next. */
  get nextRedo(): OperationRecord | null {
    return this._log.nextRedo;
  }

  /** The asset to bring into view; a new object for each wish. */
  get reveal(): { readonly id: string } | null {
    return this._reveal;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.branchbook.currentChanged.disconnect(this._onProjectChanged, this);
    this._disconnect();
    Signal.clearData(this);
  }

  run(command: string, args: ReadonlyPartialJSONObject = {}): Promise<unknown> {
    return this._commands.execute(command, args);
  }

  /** Look again, here and at the remote; what went wrong there is shown where the remote is. */
  async refresh(): Promise<void> {
    await this._project?.refresh();
    await this._project?.sharing.refresh().catch(() => undefined);
  }

  /** Snapshot everything that changed with the message in the box; the box is emptied when that worked. */
  async snapshot(): Promise<void> {
    const project = this._project;
    const result = (await this.run('branchbook:snapshot', { message: this._message })) as SnapshotResult | null;
    if (result && project === this._project) {
      this._set(() => {
        this._result = result;
        this._message = '';
      });
    }
  }

  toggle(path: string): void {
    const open = !this._expanded.has(path);
    this._set(() => (this._expanded = withMember(this._expanded, path, open)));
    if (open && this._versions.get(path)?.kind !== 'loaded') {
      void this._loadVersions(path, versionsPage);
    }
  }

  loadMore(path: string): void {
    const state = this._versions.get(path);
    void this._loadVersions(path, (state?.kind === 'loaded' ? state.versions.length : 0) + versionsPage);
  }

  /** Expand an asset and bring it into view, whatever the filter was; once the project is loaded if it is not yet. */
  show(path: string): void {
    if (!this.isReady) {
      this._wanted = path;
      return;
    }
    this._set(() => {
      this._filter = '';
      this._reveal = { id: path };
    });
    if (!this._expanded.has(path)) {
      this.toggle(path);
    }
  }

  private async _loadVersions(path: string, limit: number): Promise<void> {
    const project = this._project;
    if (!project) {
      return;
    }
    // Versions on show stay until the new ones are here: no flash, no jump.
    if (this._versions.get(path)?.kind !== 'loaded') {
      this._setVersions(path, { kind: 'loading' });
    }
    const all = this._allBranches;
    const state = await fetchVersions(project, path, limit, all);
    if (project === this._project && all === this._allBranches) {
      this._setVersions(path, state);
    }
  }

  private _setVersions(path: string, state: VersionsState): void {
    this._set(() => (this._versions = new Map(this._versions).set(path, state)));
  }

  private async _loadOperations(): Promise<void> {
    const project = this._project;
    try {
      const log = await project?.run('undo', { list: true });
      if (log && project === this._project) {
        this._set(() => (this._log = log));
      }
    } catch {
      // The project's own problem is shown at the top; an empty history beside it says no more.
      this._set(() => (this._log = emptyLog));
    }
  }

  private _onProjectChanged(): void {
    this._disconnect();
    this._project = this.branchbook.current;
    this._project?.stateChanged.connect(this._onStateChanged, this);
    this._status = null;
    this._expanded = new Set();
    this._versions = new Map();
    this._log = emptyLog;
    this._result = null;
    this._filter = '';
    this._onStateChanged();
  }

  private _onStateChanged(): void {
    const status = this._project?.status ?? null;
    if (status !== this._status) {
      this._onStatus(this._status, status);
      this._status = status;
    }
    this._set(() => undefined);
    if (this._wanted !== null && this.isReady) {
      const path = this._wanted;
      this._wanted = null;
      this.show(path);
    }
  }

  /** A new commit or branch makes the loaded versions stale; those on show are fetched again. */
  private _onStatus(before: StatusResult | null, after: StatusResult | null): void {
    if (after) {
      void this._loadOperations();
    }
    if (before && after && before.branch !== after.branch) {
      this._result = null;
    }
    if (before && after && before.head.commit !== after.head.commit) {
      this._reloadVersions();
    }
  }

  private _reloadVersions(): void {
    for (const path of this._versions.keys()) {
      if (!this._expanded.has(path)) {
        this._versions = withoutKey(this._versions, path);
      }
    }
    for (const path of this._expanded) {
      const state = this._versions.get(path);
      void this._loadVersions(path, Math.max(state?.kind === 'loaded' ? state.versions.length : 0, versionsPage));
    }
  }

  private _disconnect(): void {
    this._project?.stateChanged.disconnect(this._onStateChanged, this);
  }

  private _set(change: () => void): void {
    if (!this._isDisposed) {
      change();
      this._stateChanged.emit();
    }
  }

  private _project: IProjectModel | null = null;
  private _status: StatusResult | null = null;
  private _filter = '';
  private _sort: AssetSort = 'name';
  private _message = '';
  private _allBranches = false;
  private _result: SnapshotResult | null = null;
  private _expanded: ReadonlySet<string> = new Set();
  private _versions: ReadonlyMap<string, VersionsState> = new Map();
  private _log: OperationLog = emptyLog;
  private _wanted: string | null = null;
  private _reveal: { readonly id: string } | null = null;
  private _isDisposed = false;
  private readonly _stateChanged = new Signal<this, void>(this);
}

async function fetchVersions(
  project: IProjectModel,
  path: string,
  limit: number,
  all: boolean
): Promise<VersionsState> {
  try {
    const { versions } = await project.run('versions', all ? { path, limit, all } : { path, limit });
    return { kind: 'loaded', versions, more: versions.length >= limit };
  } catch (error) {
    return { kind: 'problem', message: BranchbookError.from(error).message };
  }
}

function withMember(set: ReadonlySet<string>, member: string, present: boolean): ReadonlySet<string> {
  const copy = new Set(set);
  if (present) {
    copy.add(member);
  } else {
    copy.delete(member);
  }
  return copy;
}

function withoutKey<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
