import type { Transfer } from '../model/sharing';
import type { Activity } from '../port';

/** Counts what is done for those who watch, and what travels. */
export class Meter {
  private readonly _started = Date.now();
  private _total = 0;
  private _done = 0;
  private _travelled = 0;

  constructor(
    private readonly _phase: string,
    private readonly _activity: Activity
  ) {}

  /** For what is called meanwhile: its own progress is not told. */
  get activity(): Activity {
    const { signal, breathe } = this._activity;
    return { signal, breathe };
  }

  /** So many bytes more are to be done. */
  expect(bytes: number): void {
    this._total += bytes;
    this._tell();
  }

  /** So many of them are done, whether they travelled or not. */
  worked(bytes: number): void {
    this._done += bytes;
    this._tell();
  }

  /** Bytes went over the wire. */
  travelled(bytes: number): void {
    this._travelled += bytes;
  }

  transfer(contents: number, bytes: number): Transfer {
    return { contents, bytes, transferred: this._travelled, milliseconds: Date.now() - this._started };
  }

  private _tell(): void {
    this._activity.onProgress?.({ phase: this._phase, done: this._done, total: this._total, unit: 'bytes' });
  }
}
