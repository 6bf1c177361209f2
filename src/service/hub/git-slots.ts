/** How many programs of git run at the same time: more than the processors can work on only cost memory. */
export class GitSlots {
  private _running = 0;
  private readonly _waiting: (() => void)[] = [];

  constructor(private readonly _most: number) {}

  get running(): number {
    return this._running;
  }

  get waiting(): number {
    return this._waiting.length;
  }

  /** First come, first served. CANCELLED, or what the signal says, while waiting. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this._enter(signal);
    try {
      return await work();
    } finally {
      this._leave();
    }
  }

  private async _enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this._running < this._most) {
      this._running += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const turn = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this._waiting.splice(this._waiting.indexOf(turn), 1);
        reject(signal.reason);
      };
      this._waiting.push(turn);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** The slot goes to who waits longest. */
  private _leave(): void {
    const next = this._waiting.shift();
    if (next) {
      next();
    } else {
      this._running -= 1;
    }
  }
}
