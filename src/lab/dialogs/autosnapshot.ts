import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { snapshotBlock } from '../share/standing';
import type { IBranchbook } from '../tokens';

/** Snapshots what changed in the current project every so many minutes. Off at 0. */
export class Autosnapshot implements IDisposable {
  constructor(
    private readonly _branchbook: IBranchbook,
    private readonly _trans: TranslationBundle
  ) {}

  set minutes(minutes: number) {
    window.clearInterval(this._timer);
    this._timer =
      minutes > 0 && !this._isDisposed ? window.setInterval(() => void this.run(), minutes * 60_000) : undefined;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this.minutes = 0;
    this._isDisposed = true;
  }

  /** Only files on disk: saving a document at a time nobody chose would be worse than waiting for the next round. */
  async run(): Promise<void> {
    const project = this._branchbook.current;
    await project?.refresh();
    if (!project?.status || project.status.clean || project.status.inProgress !== null || project.activity) {
      return;
    }
    if (snapshotBlock(project, this._trans) !== null) {
      return;
    }
    try {
      await project.run('snapshot', { message: this._trans.__('Automatic snapshot') });
    } catch (error) {
      // Nobody waits for this one; what is wrong (a torn notebook, no identity) is said when the user snapshots.
      console.warn('Branchbook: no automatic snapshot.', error);
    }
  }

  private _timer: number | undefined;
  private _isDisposed = false;
}
