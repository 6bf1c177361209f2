import type { XetHash } from '../../core/model/asset';

/** Where a pack lies in a bucket. */
export const xorbKey = (xorb: XetHash): string => `xorbs/${xorb.slice(0, 2)}/${xorb}`;
