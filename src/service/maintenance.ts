import { hasCode } from '../core/error';
import type { Activity, IDisposable } from '../core/port';

export type MaintenanceOptions = {
  /** Begin when nobody has asked anything of a project for so many milliseconds. */
  readonly idle: number;
  /** Milliseconds between two steps: whoever comes then finds nobody in the way. */
  readonly pause: number;
  /** Call `work` after so many milliseconds, unless disposed before. Must not keep the process alive. */
  readonly schedule: (milliseconds: number, work: () => void) => IDisposable;
};

/** One step in the project with this root; true when nothing is left to do. */
export type MaintenanceStep = (root: string, activity: Activity) => Promise<boolean>;

type Watched = {
  /** Operations that run now. */
  running: number;
  /** Nothing is left to do since the last change. */
  settled: boolean;
  timer: IDisposable | null;
  step: { readonly controller: AbortController; readonly ended: Promise<void> } | null;
};

export const maintenanceDefaults: MaintenanceOptions = {
  idle: 10 * 60_000,
  pause: 250,
  schedule: (milliseconds, work) => {
    const timer = setTimeout(work, milliseconds).unref();
    return { dispose: () => clearTimeout(timer) };
  }
};

/** Takes care of projects while nobody works on them, one step after the other. It keeps nothing waiting, nor the core up. */
export class Maintenance {
  constructor(
    private readonly _options: MaintenanceOptions | null,
    private readonly _step: MaintenanceStep,
    private readonly _log: (line: string) => void
  ) {}

  /** An operation begins: what is under way ends as soon as it can, which the promise tells. */
  async began(root: string): Promise<void> {
    const watched = this._watched.get(root) ?? { running: 0, settled: false, timer: null, step: null };
    this._watched.set(root, watched);
    watched.running += 1;
    await this._stop(watched);
  }

  /** An operation has ended; `changed` when it may have left something to do. */
  ended(root: string, changed: boolean): void {
    const watched = this._watched.get(root);
    if (watched) {
      watched.running -= 1;
      watched.settled &&= !changed;
      this._await(root, watched, this._options?.idle);
    }
  }

  /** End for good. */
  async dispose(): Promise<void> {
    const all = [...this._watched.values()];
    this._watched.clear();
    await Promise.all(all.map(watched => this._stop(watched)));
  }

  private async _stop(watched: Watched): Promise<void> {
    watched.timer?.dispose();
    watched.timer = null;
    watched.step?.controller.abort();
    await watched.step?.ended;
  }

  private _await(root: string, watched: Watched, milliseconds: number | undefined): void {
    const isWanted = watched.running === 0 && !watched.settled && this._watched.get(root) === watched;
    if (this._options && milliseconds !== undefined && isWanted) {
      watched.timer?.dispose();
      watched.timer = this._options.schedule(milliseconds, () => this._begin(root, watched));
    }
  }

  private _begin(root: string, watched: Watched): void {
    const controller = new AbortController();
    const ended = this._take(root, watched, controller.signal).then(next => {
      watched.step = null;
      this._await(root, watched, next);
    });
    watched.step = { controller, ended };
  }

  /** Milliseconds until the next step. */
  private async _take(root: string, watched: Watched, signal: AbortSignal): Promise<number | undefined> {
    try {
      watched.settled = await this._step(root, { signal });
      if (watched.settled) {
        this._log(`maintenance done ${JSON.stringify(root)}`);
      }
      return this._options?.pause;
    } catch (error) {
      if (!hasCode(error, 'CANCELLED', 'LOCKED')) {
        // Once is enough to be told; the next change may put it right.
        watched.settled = true;
        this._log(`maintenance ${JSON.stringify(root)}: ${error instanceof Error ? error.message : String(error)}`);
      }
      return this._options?.idle;
    }
  }

  private readonly _watched = new Map<string, Watched>();
}
