import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { BranchbookError } from '../../core/error';
import type { CompareResult } from '../../core/model/result';
import type { IProjectModel } from '../tokens';

export type CompareState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'problem'; readonly message: string }
  | { readonly kind: 'loaded'; readonly result: CompareResult };

/** One comparison: which revisions, restricted to which file, and what the core found. Follows the project's changes. */
export class CompareModel implements IDisposable {
  constructor(
    readonly project: IProjectModel,
    revisions: readonly string[],
    readonly file: string | null
  ) {
    this._revisions = revisions;
    project.stateChanged.connect(this._onProject, this);
    this._onProject();
  }

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  get state(): CompareState {
    return this._state;
  }

  /** The first is the baseline. */
  get revisions(): readonly string[] {
    return this._revisions;
  }

  set revisions(revisions: readonly string[]) {
    this._revisions = revisions;
    void this.load();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._running?.abort();
      this.project.stateChanged.disconnect(this._onProject, this);
      Signal.clearData(this);
    }
  }

  /** True while datasets and models are being read: the rest is on show already. */
  get describing(): boolean {
    return this._describing;
  }

  /** Why datasets and models could not be read; null when they were. */
  get unread(): string | null {
    return this._unread;
  }

  /** Files and metrics come at once; what is inside datasets and models takes as long as reading them, and follows. */
  async load(): Promise<void> {
    this._running?.abort();
    const running = new AbortController();
    this._running = running;
    this._describing = true;
    this._unread = null;
    this._stateChanged.emit();
    const quick = await this._fetch(running.signal, false);
    this._accept(running, quick, quick.kind === 'loaded');
    if (quick.kind === 'loaded' && this._running === running) {
      const whole = await this._fetch(running.signal, true);
      // A dataset that cannot be read must not take away what is known of all else.
      this._unread = whole.kind === 'problem' ? whole.message : null;
      this._accept(running, whole.kind === 'loaded' ? whole : quick, false);
    }
  }

  private _accept(running: AbortController, state: CompareState, describing: boolean): void {
    // A later choice may have been answered first.
    if (this._running === running && !this._isDisposed) {
      this._state = state;
      this._describing = describing;
      this._stateChanged.emit();
    }
  }

  private async _fetch(signal: AbortSignal, content: boolean): Promise<CompareState> {
    try {
      const args = { revisions: this._revisions, ...(this.file !== null && { paths: [this.file] }) };
      const result = await this.project.run('compare', content ? { ...args, content, drift: true } : args, { signal });
      return { kind: 'loaded', result };
    } catch (error) {
      const failure = BranchbookError.from(error);
      return { kind: 'problem', message: [failure.message, failure.hint].filter(Boolean).join(' ') };
    }
  }

  /** Only moved branches change a comparison, not every refresh. */
  private _onProject(): void {
    const state = this.project.branches.map(branch => `${branch.name} ${branch.commit}`).join('\n');
    if (state !== this._branches || this._state.kind === 'loading') {
      this._branches = state;
      void this.load();
    }
  }

  private _state: CompareState = { kind: 'loading' };
  private _describing = false;
  private _unread: string | null = null;
  private _running: AbortController | null = null;
  private _branches = '';
  private _revisions: readonly string[];
  private _isDisposed = false;
  private readonly _stateChanged = new Signal<this, void>(this);
}
