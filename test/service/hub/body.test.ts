import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BranchbookError } from '../../../src/core/error';
import { bounded, discardRest, textOf, usualPace } from '../../../src/service/hub/body';

const SECOND = 1_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

function open(limit = Infinity): { body: PassThrough; taken: Readable; stop: (reason: BranchbookError) => void } {
  const body = new PassThrough();
  const abort = new AbortController();
  const taken = bounded(body, { limit, pace: usualPace, signal: abort.signal });
  return { body, taken, stop: reason => abort.abort(reason) };
}

/** What the body fails with; null when it ended well. */
function endOf(taken: Readable): Promise<unknown> {
  taken.resume();
  return new Promise(resolve => taken.once('error', resolve).once('end', () => resolve(null)));
}

/** Seconds until it is refused, when so many bytes come each second; null when it is not. */
async function secondsOf(bytes: number, most: number): Promise<number | null> {
  const { body, taken } = open();
  const end = endOf(taken);
  for (let seconds = 0; seconds < most; seconds += 1) {
    if (taken.destroyed) {
      expect(await end).toMatchObject({ code: 'TOO_SLOW', status: 408, retryable: true });
      return seconds;
    }
    body.write(Buffer.alloc(bytes));
    await new Promise(setImmediate);
    vi.advanceTimersByTime(SECOND);
  }
  body.end();
  expect(await end).toBeNull();
  return null;
}

it('refuses who brings next to nothing after a minute, however long they would go on', async () => {
  expect(await secondsOf(1, 1_000)).toBe(61);
});

it('gives who is only slow their time', async () => {
  expect(await secondsOf(usualPace.slowest + 100, 1_000)).toBeNull();
});

it('counts no time in which the hub itself takes nothing', async () => {
  const { body, taken } = open();
  while (body.write(Buffer.alloc(64 * 1024))) {
    await new Promise(setImmediate);
  }
  vi.advanceTimersByTime(3_600 * SECOND);
  const end = endOf(taken);
  body.end();
  expect(await end).toBeNull();
});

it('keeps nothing of a body whose rest is discarded', async () => {
  const { body, taken } = open();
  while (body.write(Buffer.alloc(64 * 1024))) {
    await new Promise(setImmediate);
  }
  expect(vi.getTimerCount()).toBe(1);
  discardRest(body);
  await new Promise(setImmediate);
  expect([taken.destroyed, vi.getTimerCount()]).toEqual([true, 0]);
  const read = open();
  read.body.end('all of it');
  expect(await textOf(read.taken)).toBe('all of it');
  expect(vi.getTimerCount()).toBe(0);
});

it('ends what nobody may go on with, what is too long, and what nobody sends any more', async () => {
  const stopped = open();
  const reason = new BranchbookError('FORBIDDEN', 'Not any more.');
  stopped.stop(reason);
  expect(await endOf(stopped.taken)).toBe(reason);
  const long = open(10);
  long.body.write('more than that');
  expect(await endOf(long.taken)).toMatchObject({ code: 'QUOTA_EXCEEDED' });
  const gone = open();
  gone.body.destroy();
  expect(await endOf(gone.taken)).toMatchObject({ code: 'CANCELLED' });
});
