import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { BranchbookError } from '../../core/error';
import type { RemoteCheck, RemoteInfo } from '../../core/model/sharing';
import type { IProjectModel, IProjectSharing } from '../tokens';

/** What is asked of a project, and what the answers are good for. */
type Asked = Pick<IProjectModel, 'run' | 'status'>;

/** Keeps the last answers of `remote`. An answer about another branch than the one checked out is none. */
export class ProjectSharing implements IProjectSharing, IDisposable {
  constructor(private readonly _project: Asked) {}

  get remotes(): readonly RemoteInfo[] | null {
    return this._remotes;
  }

  get check(): RemoteCheck | null {
    return this._branch === this._project.status?.branch ? this._check : null;
  }

  get problem(): BranchbookError | null {
    return this._problem;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  async refresh(document = this._document): Promise<void> {
    this._document = document;
    const branch = this._project.status?.branch ?? null;
    try {
      const { remotes } = await this._project.run('remote', { action: 'list' });
      if (remotes.length > 0 && this.check === null) {
        // Who may only look must not be let change something until the place answers, which it may never do.
        this._accept({ remotes, check: await this._ask({ offline: true }), branch, problem: this._problem });
      }
      const check = remotes.length > 0 ? await this._ask(document === null ? {} : { document }) : null;
      this._accept({ remotes, check, branch, problem: null });
    } catch (cause) {
      const problem = BranchbookError.from(cause);
      // Who is there now, nobody knows: somebody may have gone, or the user may no longer be told.
      const check = this._check && { ...this._check, people: [] };
      this._accept({ remotes: this._remotes, check, branch: this._branch, problem });
      throw problem;
    }
  }

  private async _ask(args: { readonly document?: string; readonly offline?: boolean }): Promise<RemoteCheck | null> {
    return (await this._project.run('remote', { action: 'check', ...args })).check ?? null;
  }

  private _accept(answer: {
    readonly remotes: readonly RemoteInfo[] | null;
    readonly check: RemoteCheck | null;
    readonly branch: string | null;
    readonly problem: BranchbookError | null;
  }): void {
    if (this._isDisposed) {
      return;
    }
    this._remotes = answer.remotes;
    this._check = answer.check;
    this._branch = answer.branch;
    this._problem = answer.problem;
    this._changed.emit();
  }

  private _remotes: readonly RemoteInfo[] | null = null;
  private _check: RemoteCheck | null = null;
  private _branch: string | null = null;
  private _problem: BranchbookError | null = null;
  private _document: string | null = null;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}
