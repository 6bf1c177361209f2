/**
 * Requests that are being answered. Who loses a right loses it at once: when a namespace changes in this process, its
 * running requests are asked again whether they may go on, and all of them every second, for changes by other processes.
 */
import { BranchbookError } from '../../core/error';

/** Milliseconds. */
const INTERVAL = 1_000;
/** What was told to end gets so long to say so. */
const LAST_WORDS = 2_000;

export type RunningCall = {
  readonly namespace: string | null;
  readonly abort: AbortController;
  /** Fails when the caller may not go on. */
  readonly recheck: () => Promise<unknown>;
};

export class RunningCalls {
  private readonly _calls = new Set<RunningCall>();
  private readonly _timer = setInterval(() => void this.revalidate(), INTERVAL).unref();
  private _checking = false;
  private _whenIdle: (() => void) | null = null;
  private _stopping = false;

  get size(): number {
    return this._calls.size;
  }

  get stopping(): boolean {
    return this._stopping;
  }

  add(call: RunningCall): void {
    this._calls.add(call);
  }

  delete(call: RunningCall): void {
    this._calls.delete(call);
    if (this._calls.size === 0) {
      this._whenIdle?.();
    }
  }

  /** End what may not go on, of one namespace or of all. */
  async revalidate(namespace?: string): Promise<void> {
    if (namespace === undefined && this._checking) {
      return;
    }
    this._checking ||= namespace === undefined;
    const concerned = [...this._calls].filter(call => namespace === undefined || call.namespace === namespace);
    await Promise.all(concerned.map(call => call.recheck().catch(error => this._end(call, error))));
    this._checking = namespace === undefined ? false : this._checking;
  }

  /** New requests are refused; those that run get `grace` milliseconds, then they end. */
  async stop(grace: number): Promise<void> {
    this._stopping = true;
    clearInterval(this._timer);
    await this._idle(grace);
    this._abortAll();
    await this._idle(LAST_WORDS);
  }

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
    this._calls.forEach(call => call.abort.abort(stopping()));
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
