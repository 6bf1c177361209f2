/** Histories that many small pushes made slow to read are packed, while others go on pushing and fetching. */
import type { IHistoryHost } from '../../core/port';
import type { GitSlots } from './git-slots';

/** Each push leaves some loose objects, or a small pack. */
const PUSHES = 50;

export class RepositoryCare {
  private readonly _pushes = new Map<string, number>();
  private readonly _stop = new AbortController();

  constructor(
    private readonly _histories: Pick<IHistoryHost, 'tidy'>,
    private readonly _slots: GitSlots,
    private readonly _log: (line: string) => void
  ) {}

  /** Never waits for the packing. */
  pushed(id: string): void {
    const pushes = (this._pushes.get(id) ?? 0) + 1;
    this._pushes.set(id, pushes % PUSHES);
    if (pushes >= PUSHES) {
      const { signal } = this._stop;
      this._slots
        .run('begin', signal, () => this._histories.tidy(id, signal))
        .catch(error => {
          if (!signal.aborted) {
            this._log(`cannot pack the history of project ${id}: ${String(error)}`);
          }
        });
    }
  }

  dispose(): void {
    this._stop.abort();
  }
}
