import type { IBucket } from '../../core/port';

const KEY = 'clock';

/** What the clock of a bucket says, in milliseconds since 1970: only by it can be told how old its objects are. */
export async function placeTime(bucket: IBucket): Promise<number> {
  const { modified } = await bucket.put(KEY, new Uint8Array());
  await bucket.delete(KEY);
  return modified;
}
