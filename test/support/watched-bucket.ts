import type { IBucket } from '../../src/core/port';
import { openBucket } from '../../src/node/bucket/open-bucket';
import { bucketTools } from './bucket-tools';

export type WatchedBucket = {
  readonly bucket: IBucket;
  /** Absolute path of the folder that it is. */
  readonly folder: string;
  /** Bytes that were written to it. */
  written: number;
  /** Called before an object is written; may throw. */
  beforeWrite: (key: string) => void;
};

/** A bucket in a folder that counts what is written to it, and fails when asked to. */
export async function watchedBucket(folder: string): Promise<WatchedBucket> {
  const real = await openBucket(folder, await bucketTools());
  const watched: WatchedBucket = { bucket: real, folder, written: 0, beforeWrite: () => undefined };
  return Object.assign(watched, { bucket: watch(real, watched) });
}

function watch(real: IBucket, watched: WatchedBucket): IBucket {
  const bucket = Object.create(real) as IBucket;
  bucket.put = async (key, bytes, condition) => {
    watched.beforeWrite(key);
    const object = await real.put(key, bytes, condition);
    watched.written += bytes.length;
    return object;
  };
  bucket.putStream = async (key, size, pieces, condition, activity) => {
    watched.beforeWrite(key);
    const object = await real.putStream(key, size, pieces, condition, activity);
    watched.written += size;
    return object;
  };
  bucket.below = prefix => watch(real.below(prefix), watched);
  return bucket;
}
