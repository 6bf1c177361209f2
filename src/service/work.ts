/** What the core is doing for others; when that is nothing for long enough, it may stop. */
export class Work {
  /** `onIdle` is called after `idleMilliseconds` without operations, subscribers and requests. */
  constructor(
    private readonly _idleMilliseconds: number,
    private readonly _onIdle: () => void
  ) {
    this.requested();
  }

  /** True while operations run. Subscribers keep the core from idling, but do not make it busy. */
  get busy(): boolean {
    return this._operations.size > 0;
  }

  /** Something was asked of the core: the idle time starts again. */
  requested(): void {
    clearTimeout(this._timer);
    if (this._operations.size === 0 && this._subscribers === 0) {
      this._timer = setTimeout(this._onIdle, this._idleMilliseconds);
      this._timer.unref();
    }
  }

  /** Run an operation that stops when `disconnected` or `cancel()` says so. */
  async operate<T>(disconnected: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this._operations.add(controller);
    this.requested();
    try {
      return await run(AbortSignal.any([disconnected, controller.signal]));
    } finally {
      this._operations.delete(controller);
      this.requested();
      if (!this.busy) {
        this._finished.splice(0).forEach(resolve => resolve());
      }
    }
  }

  /** Count a subscriber; the function returned ends its subscription. */
  subscribe(): () => void {
    this._subscribers += 1;
    this.requested();
    return () => {
      this._subscribers -= 1;
      this.requested();
    };
  }

  /** Wait for running operations; those that take longer than `graceMilliseconds` are cancelled, then waited for. */
  async finish(graceMilliseconds: number): Promise<void> {
    if (!this.busy) {
      return;
    }
    const finished = new Promise<void>(resolve => this._finished.push(resolve));
    const cancel = setTimeout(() => this._operations.forEach(operation => operation.abort()), graceMilliseconds);
    await finished;
    clearTimeout(cancel);
  }

  dispose(): void {
    clearTimeout(this._timer);
  }

  private readonly _operations = new Set<AbortController>();
  private readonly _finished: (() => void)[] = [];
  private _subscribers = 0;
  private _timer: NodeJS.Timeout | undefined;
}
