/** Asking again what may be asked again, after failures that pass. */
import { setTimeout } from 'node:timers/promises';
import { BranchbookError, hasCode } from '../../core/error';
import type { Activity } from '../../core/port';

/** Milliseconds before an attempt is repeated. */
const PAUSES = [200, 1_000, 5_000];
/** Milliseconds: the longest that the other side may ask us to wait. */
const LONGEST = 60_000;

/** For what is named by its hash: doing it twice is doing it once. */
export async function again<T>(activity: Activity, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      await pauseOrFail(error, attempt, activity);
    }
  }
}

/** For what only reads: once more, when a connection broke that stood. A server may close one just as we use it. */
export async function onceMore<T>({ signal }: Activity, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!hasCode(error, 'PLACE_UNREACHABLE') || error.data['broke'] !== true || signal?.aborted) {
      throw error;
    }
    return ask();
  }
}

/** Failures that pass are waited for, each time longer; others, and the last, are thrown. */
export async function pauseOrFail(error: unknown, attempt: number, { signal }: Activity): Promise<void> {
  const seconds = BranchbookError.from(error).data['seconds'];
  const passes = hasCode(error, 'PLACE_UNREACHABLE', 'OUTCOME_UNKNOWN', 'RATE_LIMITED', 'IO');
  const pause = PAUSES[attempt];
  if (!passes || pause === undefined || signal?.aborted) {
    throw error;
  }
  const wanted = typeof seconds === 'number' ? Math.min(seconds * 1000, LONGEST) : 0;
  await setTimeout(Math.max(pause, wanted), undefined, { ...(signal && { signal }) }).catch(() => {
    throw error;
  });
}
