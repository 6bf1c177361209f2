/**
 * Writing to a service that may not answer. Every write carries a mark of its own; after an answer that says nothing (a cut
 * connection, a timeout, an internal error) the object is read: with our mark it was written. Only then is it tried again.
 * A condition that failed is looked into too: on the way somebody may have asked twice, and told us of the second time.
 */
import type { BranchbookError } from '../../core/error';
import { conditionFailed, outcomeUnknown, refused, unreachable } from './failure';
import { isServiceFailure } from './object-service';
import type { MarkedObject, ServiceFailure } from './object-service';

/** Attempts, and the pause before the second in milliseconds; it doubles each time. */
const ATTEMPTS = 5;
const FIRST_PAUSE = 50;

export type Sleep = (milliseconds: number) => Promise<void>;

/** What is told of a failure that remains. */
export function toError(bucket: string, key: string, failure: ServiceFailure): BranchbookError {
  switch (failure.kind) {
    case 'condition':
      return conditionFailed(bucket, key);
    case 'refused':
      return refused(bucket, failure.message);
    default:
      return unreachable(bucket, failure.message);
  }
}

function pauseAfter(attempt: number): number {
  return FIRST_PAUSE * 2 ** (attempt - 1) * (0.5 + Math.random());
}

/** A failure of a service; anything else (a caller's stream, a cancelled work) is thrown on. */
function requireFailure(error: unknown): ServiceFailure {
  if (isServiceFailure(error)) {
    return error;
  }
  throw error;
}

/** Reading changes nothing: it is tried again after any failure that may pass. */
export async function persistRead<T>(bucket: string, key: string, sleep: Sleep, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const failure = requireFailure(error);
      if (attempt === ATTEMPTS || !['busy', 'doubtful'].includes(failure.kind)) {
        throw toError(bucket, key, failure);
      }
      await sleep(pauseAfter(attempt));
    }
  }
}

export type PersistentWrite<T> = {
  readonly bucket: string;
  readonly key: string;
  readonly sleep: Sleep;
  readonly work: () => Promise<T>;
  /** What is to be seen when the write was done; null when it is not to be seen. */
  readonly findDone: () => Promise<T | null>;
  /** True when that is nobody else's: then it is looked for also where a condition failed, maybe on this very write. */
  readonly isOwn: boolean;
};

/** CONDITION_FAILED, OUTCOME_UNKNOWN, IO, PERMISSION_DENIED. */
export async function persistWrite<T>(write: PersistentWrite<T>): Promise<T> {
  const { bucket, key, sleep, work, findDone, isOwn } = write;
  let doubt: string | null = null;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const failure = requireFailure(error);
      if (failure.kind === 'doubtful') {
        doubt = failure.message;
      }
      const final = attempt === ATTEMPTS || !['busy', 'doubtful'].includes(failure.kind);
      if (!final) {
        await sleep(pauseAfter(attempt));
      }
      const look = doubt !== null || (isOwn && failure.kind === 'condition');
      const done = look ? await findDone().catch(() => null) : null;
      if (done !== null) {
        return done;
      }
      if (final) {
        throw doubt === null ? toError(bucket, key, failure) : outcomeUnknown(bucket, key, doubt);
      }
    }
  }
}

/** For `findDone` of something that was put. */
export async function findMark(head: () => Promise<MarkedObject | null>, mark: string): Promise<MarkedObject | null> {
  const found = await head();
  return found?.mark === mark ? found : null;
}
