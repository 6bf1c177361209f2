import type { IDisposable } from '@lumino/disposable';
import { Debouncer, Poll } from '@lumino/polling';
import type { IBranchbook, IProjectModel } from '../tokens';

/** Milliseconds between two questions, and the most after a place did not answer. */
const interval = 60_000;
const longest = 600_000;
/** Coming back to the window asks only when the last answer is older than this. */
const fresh = 10_000;
/** Milliseconds after which a document that somebody turned to is where they are. */
const settled = 3000;

export type WatchOptions = {
  readonly branchbook: IBranchbook;
  /** Contents path of the document in front. */
  readonly frontDocument: () => string | null;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

/**
 * Asks the remote of the current project what is new there and who is there: when the project is first shown, when its
 * branch moves, when the window or the network comes back, and every minute while it is visible: less and less often
 * while nobody answers. A browser without a network may well have a folder to ask, so being offline is no reason not to.
 * What the user does in between is nobody's concern.
 */
export class RemoteWatch implements IDisposable {
  constructor(private readonly _options: WatchOptions) {
    this._now = _options.now ?? Date.now;
    this._poll = new Poll({
      auto: false,
      name: 'branchbook:remote',
      factory: () => this._askAgain(),
      frequency: { interval, backoff: true, max: longest },
      standby: 'when-hidden'
    });
    _options.branchbook.currentChanged.connect(this._onProject, this);
    window.addEventListener('focus', this._onReturn);
    window.addEventListener('online', this._onReturn);
    this._onProject();
  }

  /** False: ask only when the project or its branch is another. */
  set regular(regular: boolean) {
    this._poll.frequency = { interval: regular ? interval : Poll.NEVER, backoff: regular, max: longest };
  }

  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._poll.dispose();
    this._moves.dispose();
    window.removeEventListener('focus', this._onReturn);
    window.removeEventListener('online', this._onReturn);
    this._options.branchbook.currentChanged.disconnect(this._onProject, this);
    this._project?.stateChanged.disconnect(this._onState, this);
  }

  /** Ask now. */
  refresh(): void {
    this._wanted = true;
    void this._poll.refresh();
  }

  /** The user may have turned to another document: others learn of it when they stay there. */
  moved(): void {
    void this._moves.invoke();
  }

  private _onMoved(): void {
    if (this._poll.frequency.interval !== Poll.NEVER && this._options.frontDocument() !== this._front) {
      this.refresh();
    }
  }

  /** A poll that is asking takes no wish to ask anew, though by now it may be about another project. */
  private async _askAgain(): Promise<void> {
    this._wanted = false;
    try {
      await this._ask();
    } finally {
      if (this._wanted && !this.isDisposed) {
        await this._askAgain();
      }
    }
  }

  private async _ask(): Promise<void> {
    const project = this._project;
    if (!project?.status) {
      return;
    }
    this._asked = this._now();
    const front = this._options.frontDocument();
    this._front = front;
    await project.sharing.refresh(front === null ? null : project.toProjectPath(front));
  }

  private _onProject(): void {
    this._project?.stateChanged.disconnect(this._onState, this);
    this._project = this._options.branchbook.current;
    this._project?.stateChanged.connect(this._onState, this);
    this._head = null;
    this._onState();
  }

  /** Where the branch is decides what is ahead and behind. */
  private _onState(): void {
    const status = this._project?.status;
    const head = status ? `${status.branch} ${status.head.commit}` : null;
    if (head !== this._head) {
      this._head = head;
      if (head !== null) {
        this.refresh();
      }
    }
  }

  private readonly _onReturn = (): void => {
    if (this._now() - this._asked > fresh && this._poll.frequency.interval !== Poll.NEVER) {
      this.refresh();
    }
  };

  private readonly _moves = new Debouncer(() => this._onMoved(), settled);
  private readonly _poll: Poll;
  private readonly _now: () => number;
  private _project: IProjectModel | null = null;
  private _head: string | null = null;
  private _asked = 0;
  /** To be asked once more. */
  private _wanted = false;
  /** The document that the place was told of last. */
  private _front: string | null = null;
}
