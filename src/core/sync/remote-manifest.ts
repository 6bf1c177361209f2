/** What a place says of its contents: an encoded shard, read with distrust. */
import { MAX_CHUNK } from '../chunk/chunker';
import { spellHash, toHex } from '../chunk/hash';
import { BranchbookError } from '../error';
import { decodeShard } from '../format/shard';
import type { ChunkList, ShardFile, ShardXorb } from '../format/shard';
import { CHUNK_HEADER_BYTES } from '../format/xorb';
import type { Sha256, XetHash } from '../model/asset';

/** A pack of a place, and where its chunks lie in it. */
export type RemoteXorb = {
  readonly name: XetHash;
  /** The same as bytes. */
  readonly hash: Uint8Array;
  readonly chunks: ChunkList;
  /** Bytes of the pack before each chunk's header; the last entry is its size. */
  readonly offsets: Uint32Array;
};

/** One chunk of a pack. */
export type RemoteChunk = { readonly xorb: RemoteXorb; readonly index: number };

export type RemoteContent = {
  readonly sha256: Sha256;
  readonly size: number;
  readonly terms: readonly { readonly xorb: RemoteXorb; readonly start: number; readonly end: number }[];
};

export type RemoteManifest = {
  readonly contents: ReadonlyMap<Sha256, RemoteContent>;
  readonly xorbs: ReadonlyMap<XetHash, RemoteXorb>;
};

/** OBJECT_CORRUPT when it contradicts itself, or is no manifest. */
export function readManifest(bytes: Uint8Array): RemoteManifest {
  try {
    const { files, xorbs: listed } = decodeShard(bytes);
    const xorbs = new Map(listed.map(xorb => [spellHash(xorb.hash), readXorb(xorb)]));
    const contents = files.flatMap(file => (file.sha256 ? [resolveContent(file, toHex(file.sha256), xorbs)] : []));
    return { xorbs, contents: new Map(contents.map(content => [content.sha256, content])) };
  } catch (error) {
    const { message, data } = BranchbookError.from(error);
    throw new BranchbookError(
      'OBJECT_CORRUPT',
      `The place sent a manifest that cannot be right: ${message}`,
      data,
      'Try again; ask who runs the place when it stays so.'
    );
  }
}

/** The chunks of a content, in order. */
export function* chunksOf({ terms }: RemoteContent): Generator<RemoteChunk> {
  for (const { xorb, start, end } of terms) {
    for (let index = start; index < end; index++) {
      yield { xorb, index };
    }
  }
}

/** Where the chunks of a pack lie. FORMAT_INVALID when the lengths told cannot be. */
export function readXorb({
  hash,
  chunks,
  storedBytes
}: Pick<ShardXorb, 'hash' | 'chunks' | 'storedBytes'>): RemoteXorb {
  const offsets = new Uint32Array(chunks.count + 1);
  let at = 0;
  for (let index = 0; index < chunks.count; index++) {
    if (chunks.length(index) === 0 || chunks.length(index) > MAX_CHUNK) {
      throw invalid('a chunk has an impossible length');
    }
    at += CHUNK_HEADER_BYTES + chunks.stored(index);
    offsets[index + 1] = at;
  }
  if (at !== storedBytes) {
    throw invalid('the lengths of its chunks do not add up to those of the pack');
  }
  return { name: spellHash(hash), hash, chunks, offsets };
}

/** What a content is made of, from packs that are known. FORMAT_INVALID. */
export function resolveContent(
  file: ShardFile,
  sha256: Sha256,
  xorbs: ReadonlyMap<XetHash, RemoteXorb>
): RemoteContent {
  let size = 0;
  const terms = file.terms.map(({ xorb: hash, start, end, bytes }) => {
    const xorb = xorbs.get(spellHash(hash));
    if (!xorb || start >= end || end > xorb.chunks.count) {
      throw invalid('a content has chunks that no pack has');
    }
    if (bytesOf(xorb.chunks, start, end) !== bytes) {
      throw invalid('a content has another length than its chunks');
    }
    size += bytes;
    return { xorb, start, end };
  });
  return { sha256, size, terms };
}

/** Bytes of chunks `[start, end)`. */
function bytesOf(chunks: ChunkList, start: number, end: number): number {
  let bytes = 0;
  for (let index = start; index < end; index++) {
    bytes += chunks.length(index);
  }
  return bytes;
}

function invalid(reason: string): BranchbookError {
  return new BranchbookError('FORMAT_INVALID', reason, { format: 'shard', reason });
}
