import type { IBucket } from '../../src/core/port';
import { openBucket } from '../../src/node/bucket/open-bucket';
import { disk } from '../../src/node/fs/disk';
import { openProcesses } from '../../src/node/process/processes';
import { clock, random } from '../../src/node/process/time';

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
  const tools = { files: disk, clock, random, processes: await openProcesses() };
  const real = await openBucket(folder, tools);
  const bucket = Object.create(real) as IBucket;
  const watched: WatchedBucket = { bucket, folder, written: 0, beforeWrite: () => undefined };
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
  return watched;
}
