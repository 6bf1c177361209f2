import type { Contents } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';
import { BranchbookError } from '../../core/error';
import type { AssetInfo, BranchArgs, BranchInfo, StatusResult, UndoArgs, Verb, Verbs } from '../../core/model/result';
import type { LocatedProject, ProgressLine } from '../../service/protocol';
import type { Client } from '../client';
import type { IProjectModel, RunOptions } from '../tokens';
import { toContentsPath, toProjectPath } from './paths';
import { ProjectSharing } from './project-sharing';

type Activity = NonNullable<IProjectModel['activity']>;
type HeadChange = { readonly from: string | null; readonly to: string };

/** Verbs after which status, branches or assets may be different. */
const changing: ReadonlySet<Verb> = new Set([
  'init',
  'track',
  'snapshot',
  'branch',
  'switch',
  'merge',
  'restore',
  'undo',
  'push',
  'pull'
]);

/** One project, kept up to date by its own verbs and by `refresh`, which whoever hears of a change calls. */
export class ProjectModel implements IProjectModel {
  constructor(
    readonly located: LocatedProject,
    private readonly _client: Client,
    private readonly _contents: Contents.IManager
  ) {
    this.sharing.changed.connect(() => this._set(() => undefined));
  }

  readonly sharing = new ProjectSharing(this);

  get status(): StatusResult | null {
    return this._status;
  }

  get branches(): readonly BranchInfo[] {
    return this._branches;
  }

  get assets(): readonly AssetInfo[] {
    return this._assets;
  }

  get activity(): Activity | null {
    return this._activity;
  }

  get problem(): string | null {
    return this._problem;
  }

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  get headChanged(): ISignal<this, HeadChange> {
    return this._headChanged;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._activity?.cancel();
    this.sharing.dispose();
    Signal.clearData(this);
  }

  /** The state is refreshed after the verb, not within it: tabs must not wait for a status to follow a switch. */
  async run<V extends Verb>(verb: V, args: Verbs[V]['args'], options: RunOptions = {}): Promise<Verbs[V]['result']> {
    const listing = (args as BranchArgs).action === 'list' || (args as UndoArgs).list === true;
    const changes = changing.has(verb) && !listing;
    const controller = new AbortController();
    const cancel = (): void => controller.abort();
    if (options.signal?.aborted) {
      cancel();
    }
    options.signal?.addEventListener('abort', cancel);
    const activity = (progress: ProgressLine | null): Activity => ({ verb, progress, cancel });
    // Reading must not flash in every widget: only what changes the project is shown as activity.
    const show = (next: Activity | null): void => {
      if (changes) {
        this._set(() => (this._activity = next));
      }
    };
    show(activity(null));
    try {
      return await this._client.runVerb(this._anchor, verb, args, {
        signal: controller.signal,
        onProgress: progress => {
          show(activity(progress));
          options.onProgress?.(progress);
        }
      });
    } finally {
      options.signal?.removeEventListener('abort', cancel);
      show(null);
      if (changes) {
        void this.refresh();
      }
    }
  }

  file(address: string, signal: AbortSignal): Promise<ArrayBuffer> {
    return this._client.file(this._anchor, address, signal);
  }

  /** Load everything again. Calls during a running refresh share one that starts after it. Never rejects. */
  refresh(): Promise<void> {
    if (!this._running) {
      this._running = this._load().finally(() => (this._running = null));
      return this._running;
    }
    this._next ??= this._running.then(() => {
      this._next = null;
      return this.refresh();
    });
    return this._next;
  }

  toProjectPath(contentsPath: string): string | null {
    const drive = this._contents.driveName(contentsPath);
    // Real-time collaboration prefixes paths of the default drive; any other drive holds other files.
    return drive === '' || drive === 'RTC' ? toProjectPath(this.located, this._contents.localPath(contentsPath)) : null;
  }

  toContentsPath(projectPath: string): string | null {
    return toContentsPath(this.located, projectPath);
  }

  /** A contents path that lies inside the project whatever Jupyter's root is. */
  private get _anchor(): string {
    return this.located.contentsPath ?? '';
  }

  private async _load(): Promise<void> {
    try {
      const [status, branch, assets] = await Promise.all([
        this._client.runVerb(this._anchor, 'status', {}),
        this._client.runVerb(this._anchor, 'branch', { action: 'list' }),
        this._client.runVerb(this._anchor, 'assets', {})
      ]);
      this._accept(status, branch.branches, assets.assets);
    } catch (error) {
      const failure = BranchbookError.from(error);
      this._set(() => (this._problem = [failure.message, failure.hint].filter(Boolean).join(' ')));
    }
  }

  private _accept(status: StatusResult, branches: readonly BranchInfo[], assets: readonly AssetInfo[]): void {
    const before = this._status;
    this._set(() => {
      this._status = status;
      this._branches = branches;
      this._assets = assets;
      this._problem = null;
    });
    const moved = before?.branch !== status.branch || before.head.commit !== status.head.commit;
    if (before && moved && !this._isDisposed) {
      this._headChanged.emit({ from: before.branch, to: status.branch });
    }
  }

  private _set(change: () => void): void {
    if (this._isDisposed) {
      return;
    }
    change();
    this._stateChanged.emit();
  }

  private _status: StatusResult | null = null;
  private _branches: readonly BranchInfo[] = [];
  private _assets: readonly AssetInfo[] = [];
  private _activity: Activity | null = null;
  private _problem: string | null = null;
  private _running: Promise<void> | null = null;
  private _next: Promise<void> | null = null;
  private _isDisposed = false;
  private readonly _stateChanged = new Signal<this, void>(this);
  private readonly _headChanged = new Signal<this, HeadChange>(this);
}
