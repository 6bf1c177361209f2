/** What to do about versions that share nothing with the one before, although little may have changed. */
import { formatBytes } from '../format/bytes';
import type { SnapshotAsset } from '../model/result';

/** Bytes from which it matters. */
const LARGE = 1024 * 1024;
/** Share of new bytes from which nothing to speak of was shared. */
const MOSTLY_NEW = 0.9;
/** Versions whose sizes differ by more than this factor are other content anyway. */
const SIMILAR = 2;

const advice: readonly (readonly [endings: RegExp, what: string])[] = [
  [
    /\.(parquet|pq)$/i,
    'Parquet written anew shares nothing with the last version: write it with `%bb snapshot`, or with pyarrow and ' +
      '`use_content_defined_chunking=True`.'
  ],
  [
    /\.(gz|bz2|xz|zst|lz4|zip|tgz)$/i,
    'one change makes all compressed bytes after it new: store the file uncompressed, so that versions share what is the same.'
  ],
  [
    /\.(csv|tsv|jsonl|ndjson)$/i,
    'rows in another order share nothing with the last version: keep the order of the rows.'
  ]
];

/** A sentence for each asset that was stored nearly whole again, of formats for which something can be done. */
export function newBytesHints(assets: readonly SnapshotAsset[]): readonly string[] {
  return assets.filter(isNewThroughout).flatMap(({ path, size, newBytes }) => {
    const what = advice.find(([endings]) => endings.test(path))?.[1];
    return what ? [`${path}: ${formatBytes(newBytes)} of ${formatBytes(size)} are new; ${what}`] : [];
  });
}

function isNewThroughout({ size, newBytes, previous }: SnapshotAsset): boolean {
  const isSimilar = previous !== null && previous.size <= size * SIMILAR && size <= previous.size * SIMILAR;
  return isSimilar && size >= LARGE && newBytes > size * MOSTLY_NEW;
}
