/**
 * How many programs of git run at the same time: more than the processors can work on only cost memory. What ends something
 * goes before what begins something: a push that waits behind others' first questions would find its branch moved, and come
 * again.
 */

/** `begin`: asks what there is, which others follow. `finish`: brings what was made from an answer. */
export type Turn = 'begin' | 'finish';

/** So many may go before those who wait longer; then it is the turn of one of these, whoever else waits. */
const IN_A_ROW = 16;

type Waiting = () => void;

export class GitSlots {
  private _running = 0;
  private _inARow = 0;
  private readonly _waiting: Readonly<Record<Turn, Waiting[]>> = { begin: [], finish: [] };

  constructor(private readonly _most: number) {}

  get running(): number {
    return this._running;
  }

  get waiting(): number {
    return this._waiting.begin.length + this._waiting.finish.length;
  }

  /** Among equals, first come, first served. CANCELLED, or what the signal says, while waiting. */
  async run<T>(turn: Turn, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this._enter(this._waiting[turn], signal);
    try {
      return await work();
    } finally {
      this._leave();
    }
  }

  private async _enter(queue: Waiting[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this._running < this._most) {
      this._running += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        queue.splice(queue.indexOf(go), 1);
        reject(signal.reason);
      };
      queue.push(go);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** The slot goes to who is next. */
  private _leave(): void {
    const next = this._next();
    if (next) {
      next();
    } else {
      this._running -= 1;
    }
  }

  private _next(): Waiting | undefined {
    const { begin, finish } = this._waiting;
    if (finish.length > 0 && (begin.length === 0 || this._inARow < IN_A_ROW)) {
      this._inARow += begin.length > 0 ? 1 : 0;
      return finish.shift();
    }
    this._inARow = 0;
    return begin.shift();
  }
}
