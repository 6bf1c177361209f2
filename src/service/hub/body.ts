/** What requests bring: bounded in size, and in how long the hub waits for it. */
import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import type { Readable } from 'node:stream';
import { BranchbookError } from '../../core/error';
import { tooLarge, tooSlow } from './answer';

/** How slowly a body may come. */
export type Pace = {
  /** Milliseconds for which a client may keep the hub waiting, whatever it brings. */
  readonly patience: number;
  /** So many bytes earn it another second. */
  readonly slowest: number;
};

/** A slow mobile connection that sends four things at once is faster. */
export const usualPace: Pace = { patience: 60_000, slowest: 2 * 1024 };

/** It is looked so often, within the patience, who keeps the hub waiting. */
const LOOKS = 60;

export type Bounds = {
  /** Bytes. */
  readonly limit: number;
  readonly pace: Pace;
  readonly signal: AbortSignal;
};

/**
 * The body of a request, which fails when it is longer than it may be (QUOTA_EXCEEDED), keeps us waiting too long (TOO_SLOW),
 * or nobody may go on with it (what the signal says). Time in which we take nothing is not the client's.
 */
export function bounded(body: Readable, { limit, pace, signal }: Bounds): Readable {
  let size = 0;
  let waited = 0;
  const meter = new Transform({
    transform(piece: Buffer, _encoding, done) {
      size += piece.length;
      done(size > limit ? tooLarge() : null, piece);
    }
  });
  const step = pace.patience / LOOKS;
  const timer = setInterval(() => {
    waited += meter.writableEnded || meter.writableNeedDrain ? 0 : step;
    if (waited > pace.patience + (size * 1000) / pace.slowest) {
      meter.destroy(tooSlow());
    }
  }, step);
  // A hub that stops does not wait for it.
  timer.unref();
  const stop = (): void => void meter.destroy(signal.reason as Error);
  const gone = (): void => void (body.readableEnded || meter.destroy(wentAway()));
  signal.addEventListener('abort', stop, { once: true });
  meter.once('close', () => {
    clearInterval(timer);
    signal.removeEventListener('abort', stop);
  });
  // Who reads it is told; where nobody does any more, nobody needs to know.
  meter.on('error', () => undefined);
  body.once('error', gone).once('close', gone);
  // Nobody wants the rest: what came of it goes too.
  meter.once('unpipe', () => meter.writableEnded || meter.destroy());
  if (signal.aborted) {
    stop();
  }
  return body.pipe(meter);
}

/** All of a body, as text. */
export async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of body) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** What nobody wants is read away: a connection whose body waits does not even show when it is closed. */
export function discardRest(body: Readable): void {
  if (!body.readableEnded) {
    body.unpipe();
    body.resume();
  }
}

/** Who has its answer and goes on sending gets so many milliseconds to come to an end. */
export function endAfter(request: IncomingMessage, milliseconds: number): void {
  if (!request.complete) {
    setTimeout(() => request.complete || request.socket.destroy(), milliseconds).unref();
  }
}

const wentAway = (): BranchbookError => new BranchbookError('CANCELLED', 'The client went away.');
