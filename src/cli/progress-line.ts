import { formatBytes } from '../core/format/bytes';
import type { Progress } from '../core/port';
import type { IOutput } from './context';
import { formatDuration, PaceKeeper } from './pace';
import type { Pace } from './pace';

/** Milliseconds before anything is shown, and between two updates. */
const PATIENCE = 1000;
const INTERVAL = 100;
const CLEAR = '\r\u001b[K';

/** One line on the terminal that tells how far a long operation is, how fast it goes and how long it will take. */
export class ProgressLine {
  private readonly _started = Date.now();
  private readonly _pace = new PaceKeeper();
  private _shown = 0;

  constructor(private readonly _output: IOutput) {}

  update(progress: Progress): void {
    const now = Date.now();
    const pace = this._pace.take(progress, now);
    if (this._output.terminal && now - this._started >= PATIENCE && now - this._shown >= INTERVAL) {
      this._shown = now;
      this._output.write(`${CLEAR}${describe(progress, pace)}  (Ctrl-C cancels)`);
    }
  }

  end(): void {
    if (this._shown > 0) {
      this._output.write(CLEAR);
      this._shown = 0;
    }
  }
}

function describe({ phase, done, total, unit }: Progress, pace: Pace | null): string {
  const amount = (value: number): string => (unit === 'bytes' ? formatBytes(value) : String(value));
  const noun = unit === 'bytes' ? '' : ` ${unit}`;
  const of = total === null ? '' : ` of ${amount(total)}`;
  const percent = total ? ` · ${Math.floor((100 * done) / total)} %` : '';
  const speed = pace ? ` · ${amount(Math.round(pace.speed))}${noun}/s` : '';
  const left = pace && pace.left !== null ? ` · ${formatDuration(pace.left)} left` : '';
  return `${phase}: ${amount(done)}${of}${noun}${percent}${speed}${left}`;
}
