/** Work on many things at once, so that waiting for the device (flushes) overlaps. */

/** Enough to keep a device busy; few enough for the limit of open files. */
const LIMIT = 32;

/** Run `work` on every item, at most `limit` at a time; results in the items' order. After a failure nothing new is begun. */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  limit = LIMIT
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        results[index] = await work(items[index] as T);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  // All workers come to rest before a failure is told: nothing goes on behind the caller's back.
  const outcomes = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  const failure = outcomes.find(outcome => outcome.status === 'rejected');
  if (failure) {
    throw failure.reason;
  }
  return results;
}
