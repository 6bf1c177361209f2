/**
 * Requests that are being answered. Who loses a right loses it at once: when a namespace changes in this process, its
 * running requests are asked again whether they may go on, and each of them every second, for changes by other processes.
 * Most requests are over before that.
 */
import { BranchbookError } from '../../core/error';

/** Milliseconds after which it is asked again who may go on, and between two looks for whom that is. */
const FRESH = 750;
const INTERVAL = 250;
/** What was told to end gets so long to say so. */
const LAST_WORDS = 2_000;

export type RunningCall = {
  readonly namespace: string | null;
  readonly abort: AbortController;
  /** Fails when the caller may not go on. */
  readonly recheck: () => Promise<unknown>;
};

export class RunningCalls {
  /** With the time at which each was known to be allowed, in milliseconds. */
  private readonly _calls = new Map<RunningCall, number>();
  private readonly _timer = setInterval(() => void this._sweep(), INTERVAL).unref();
  private _sweeping = false;
  private _whenIdle: (() => void) | null = null;
  private _stopping = false;

  get size(): number {
    return this._calls.size;
  }

  get stopping(): boolean {
    return this._stopping;
  }

  add(call: RunningCall): void {
    this._calls.set(call, performance.now());
  }

  delete(call: RunningCall): void {
    this._calls.delete(call);
    if (this._calls.size === 0) {
      this._whenIdle?.();
    }
  }

  /** End what may not go on, of one namespace or of all. */
  async revalidate(namespace?: string): Promise<void> {
    const all = [...this._calls.keys()];
    await Promise.all(all.filter(call => namespace === undefined || call.namespace === namespace).map(this._recheck));
  }

  /** New requests are refused; those that run get `grace` milliseconds, then they end. */
  async stop(grace: number): Promise<void> {
    this._stopping = true;
    clearInterval(this._timer);
    await this._idle(grace);
    this._abortAll();
    await this._idle(LAST_WORDS);
  }

  /** One at a time: a database that is slow is not asked more and more. */
  private async _sweep(): Promise<void> {
    if (!this._sweeping) {
      this._sweeping = true;
      const stale = [...this._calls].filter(([, asked]) => performance.now() - asked >= FRESH);
      await Promise.all(stale.map(([call]) => this._recheck(call)));
      this._sweeping = false;
    }
  }

  private readonly _recheck = async (call: RunningCall): Promise<void> => {
    const asked = performance.now();
    try {
      await call.recheck();
      if (this._calls.has(call)) {
        this._calls.set(call, asked);
      }
    } catch (error) {
      this._end(call, error);
    }
  };

  /** Nothing runs, or so many milliseconds have passed. */
  private async _idle(milliseconds: number): Promise<void> {
    if (this._calls.size > 0) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, milliseconds);
        this._whenIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  private _abortAll(): void {
    [...this._calls.keys()].forEach(call => call.abort.abort(stopping()));
  }

  private _end(call: RunningCall, error: unknown): void {
    const { code } = BranchbookError.from(error);
    // That the database does not answer takes no right from anybody.
    if (['SIGNED_OUT', 'FORBIDDEN', 'NAMESPACE_UNKNOWN', 'PROJECT_UNKNOWN'].includes(code)) {
      call.abort.abort(error);
    }
  }
}

export function stopping(): BranchbookError {
  return new BranchbookError(
    'PLACE_UNREACHABLE',
    'The hub is stopping.',
    { reason: 'it is stopping' },
    'Try again in a minute.'
  );
}
