import type { ServerResponse } from 'node:http';
import type { BranchbookError } from '../core/error';
import type { Verb } from '../core/model/result';
import type { Progress } from '../core/port';
import type { StreamLine } from './protocol';

/** Progress of one phase is told at most every so many milliseconds. */
const PROGRESS_INTERVAL = 50;

export const lineHeaders = { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' } as const;

/** The one form in which a failure is answered, inside a stream or instead of it. */
export function errorLine(error: BranchbookError): string {
  return `${JSON.stringify({ type: 'error', error: error.toJSON() })}\n`;
}

/**
 * Answers one operation line by line. A slow reader holds back the progress, of which only the latest is kept; the HTTP
 * status waits for the first line, so that an early failure sets it.
 */
export class LineStream {
  constructor(private readonly _response: ServerResponse) {
    this._response.on('close', () => {
      if (!this._response.writableFinished) {
        this._disconnected.abort();
      }
    });
    this._response.on('drain', () => this._flush());
  }

  /** Aborted when the client goes away before the end. */
  get disconnected(): AbortSignal {
    return this._disconnected.signal;
  }

  readonly progress = (progress: Progress): void => {
    const now = performance.now();
    if (progress.phase === this._phase && now - this._told < PROGRESS_INTERVAL) {
      return;
    }
    this._phase = progress.phase;
    this._told = now;
    this._latest = progress;
    this._flush();
  };

  /** The last line. */
  result(result: unknown): void {
    this._end(200, `${JSON.stringify({ type: 'result', result })}\n`);
  }

  /** The last line, when it failed. */
  error(error: BranchbookError): void {
    this._end(error.status, errorLine(error));
  }

  private _flush(): void {
    if (!this._latest || this._response.writableNeedDrain || this._response.writableEnded) {
      return;
    }
    const line: StreamLine<Verb> = { type: 'progress', ...this._latest };
    this._latest = null;
    this._begin(200);
    this._response.write(`${JSON.stringify(line)}\n`);
  }

  private _begin(status: number): void {
    if (!this._response.headersSent) {
      this._response.writeHead(status, lineHeaders);
    }
  }

  private _end(status: number, line: string): void {
    this._latest = null;
    this._begin(status);
    this._response.end(line);
  }

  private readonly _disconnected = new AbortController();
  private _latest: Progress | null = null;
  private _phase: string | null = null;
  private _told = 0;
}
