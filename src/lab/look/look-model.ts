import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { BranchbookError } from '../../core/error';
import type { ShowResult } from '../../core/model/result';
import type { ProgressLine } from '../../service/protocol';
import type { IProjectModel } from '../tokens';

/** One version of a file, and what is in it. */
export type LookResult = ShowResult & { readonly kind: 'version' };

export type LookState =
  | { readonly kind: 'loading'; readonly progress: ProgressLine | null }
  | { readonly kind: 'problem'; readonly message: string; readonly hint: string }
  | { readonly kind: 'loaded'; readonly result: LookResult };

/** A version that somebody looks at. */
export class LookModel implements IDisposable {
  constructor(
    readonly project: IProjectModel,
    readonly address: string,
    /** Notebooks: id of the cell to bring into view. */
    readonly cell: string | null
  ) {
    void this.load();
  }

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  get state(): LookState {
    return this._state;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._abort?.abort();
      Signal.clearData(this);
    }
  }

  async load(): Promise<void> {
    const abort = new AbortController();
    this._abort = abort;
    this._set({ kind: 'loading', progress: null });
    try {
      const result = await this.project.run(
        'show',
        { address: this.address, content: true, used: true },
        {
          signal: abort.signal,
          onProgress: progress => this._set({ kind: 'loading', progress })
        }
      );
      if (result.kind === 'version') {
        this._set({ kind: 'loaded', result });
      } else {
        throw new BranchbookError('USAGE', `'${this.address}' names a snapshot, not a file in it.`);
      }
    } catch (cause) {
      const { message, hint } = BranchbookError.from(cause);
      this._set({ kind: 'problem', message, hint: hint ?? '' });
    }
  }

  cancel(): void {
    this._abort?.abort();
  }

  private _set(state: LookState): void {
    if (!this._isDisposed) {
      this._state = state;
      this._stateChanged.emit();
    }
  }

  private _state: LookState = { kind: 'loading', progress: null };
  private _abort: AbortController | null = null;
  private _isDisposed = false;
  private readonly _stateChanged = new Signal<this, void>(this);
}
