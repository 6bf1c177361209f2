import type { BucketObject, IBucket } from '../../src/core/port';

export const DAY = 24 * 3_600_000;

export type ClockedBucket = {
  readonly bucket: IBucket;
  /** Milliseconds by which the place's clock is ahead of what it really is; what is there already was not written then. */
  ahead: number;
  /** Called before every question and change that reaches the bucket; may throw, and then it does not. */
  before: (operation: string, key: string) => Promise<void> | void;
  /** The same afterwards: then it was done, and the caller does not know. */
  after: (operation: string, key: string) => Promise<void> | void;
};

/** A bucket whose clock and failures a test chooses. */
export function clockedBucket(real: IBucket): ClockedBucket {
  const nothing = (): void => undefined;
  const clocked = { bucket: real, ahead: 0, before: nothing, after: nothing };
  return Object.assign(clocked, { bucket: wrap(real, clocked) });
}

function wrap(real: IBucket, clocked: ClockedBucket): IBucket {
  const bucket = Object.create(real) as IBucket;
  const at = (object: BucketObject): BucketObject => ({ ...object, modified: object.modified + clocked.ahead });
  const watched = async <T>(operation: string, key: string, work: () => Promise<T>): Promise<T> => {
    await clocked.before(operation, key);
    const done = await work();
    await clocked.after(operation, key);
    return done;
  };
  bucket.head = key => watched('head', key, () => real.head(key));
  bucket.get = key => watched('get', key, () => real.get(key));
  bucket.put = (key, bytes, condition) => watched('put', key, async () => at(await real.put(key, bytes, condition)));
  bucket.putStream = (key, size, pieces, condition, activity) =>
    watched('put', key, async () => at(await real.putStream(key, size, pieces, condition, activity)));
  bucket.delete = (key, condition) => watched('delete', key, () => real.delete(key, condition));
  bucket.list = async function* (prefix) {
    await clocked.before('list', prefix);
    yield* real.list(prefix);
    await clocked.after('list', prefix);
  };
  bucket.below = prefix => wrap(real.below(prefix), clocked);
  return bucket;
}
