import type { IHasher } from '../chunk/hash';
import type { IRemoteAssets } from '../port';
import { readChunks, verifiedChunks } from './read-chunks';
import type { ReadOptions } from './read-chunks';
import { chunksOf } from './remote-manifest';
import type { RemoteChunk, RemoteContent } from './remote-manifest';

/** Verified bytes `[start, end)` of a content of a place, chunk by chunk. OBJECT_CORRUPT instead of any wrong byte. */
export async function* readContent(
  remote: Pick<IRemoteAssets, 'readXorb'>,
  hasher: IHasher,
  content: RemoteContent,
  range: { readonly start: number; readonly end: number },
  options: ReadOptions = {}
): AsyncGenerator<Uint8Array> {
  const { first, chunks } = within(content, range.start, range.end);
  let at = first;
  for await (const { bytes } of verifiedChunks(hasher, readChunks(remote, chunks, options))) {
    yield bytes.subarray(Math.max(0, range.start - at), range.end - at);
    at += bytes.length;
  }
}

/** The chunks that hold bytes `[start, end)`, and where the first of them begins. */
function within(
  content: RemoteContent,
  start: number,
  end: number
): { readonly first: number; readonly chunks: readonly RemoteChunk[] } {
  const chunks: RemoteChunk[] = [];
  let first = 0;
  let at = 0;
  for (const chunk of chunksOf(content)) {
    const length = chunk.xorb.chunks.length(chunk.index);
    if (at + length > start && at < end) {
      first = chunks.length === 0 ? at : first;
      chunks.push(chunk);
    }
    at += length;
  }
  return { first, chunks };
}
