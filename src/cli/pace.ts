import type { Progress } from '../core/port';

/** Milliseconds of work before a speed is told. */
const ENOUGH = 1000;

type Start = { readonly time: number; readonly done: number; readonly path: string | undefined };

/** `speed` in units per second; `left` in seconds, null while the total is unknown. */
export type Pace = { readonly speed: number; readonly left: number | null };

/** Finds out of progress how fast it goes. Each phase is looked at for itself; it starts anew with another file. */
export class PaceKeeper {
  private readonly _starts = new Map<string, Start>();

  /** null while too little was seen. `now` in milliseconds. */
  take({ phase, done, total, unit, path }: Progress, now: number): Pace | null {
    const start = this._starts.get(phase);
    if (!start || done < start.done || (unit === 'bytes' && path !== start.path)) {
      this._starts.set(phase, { time: now, done, path });
      return null;
    }
    const seconds = (now - start.time) / 1000;
    const speed = (done - start.done) / seconds;
    if (now - start.time < ENOUGH || speed <= 0) {
      return null;
    }
    return { speed, left: total === null ? null : Math.max(0, total - done) / speed };
  }
}

/** A duration in seconds, for people. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) {
    return `${whole} s`;
  }
  const minutes = Math.round(whole / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
