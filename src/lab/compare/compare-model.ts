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
      this.project.stateChanged.disconnect(this._onProject, this);
      Signal.clearData(this);
    }
  }

  async load(): Promise<void> {
    const revisions = this._revisions;
    this._stateChanged.emit();
    const state = await this._fetch(revisions);
    // A later choice may have been answered first.
    if (revisions === this._revisions && !this._isDisposed) {
      this._state = state;
      this._stateChanged.emit();
    }
  }

  private async _fetch(revisions: readonly string[]): Promise<CompareState> {
    try {
      const paths = this.file === null ? {} : { paths: [this.file] };
      return { kind: 'loaded', result: await this.project.run('compare', { revisions, ...paths }) };
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
  private _branches = '';
  private _revisions: readonly string[];
  private _isDisposed = false;
  private readonly _stateChanged = new Signal<this, void>(this);
}
