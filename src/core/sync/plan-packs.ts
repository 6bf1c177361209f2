/** What of some contents is to be packed for a place, and how. Decided from hashes alone: the same again gives the same packs. */
import { fromHex, HASH_BYTES, parseHash, rangeHash, sameHash, toHex, xorbHash } from '../chunk/hash';
import type { IHasher } from '../chunk/hash';
import { CHUNK_HEADER_BYTES, XORB_MAX_BYTES } from '../format/xorb';
import type { NewShardFile, NewShardXorb, ShardChunk, Term } from '../format/shard';
import type { Sha256 } from '../model/asset';
import type { ContentChunks } from '../port';

/** Chunks that a pack may have, as in the reference implementation. */
const MAX_CHUNKS = 8 * 1024;
/** Packs grow with what is sent, to a sixteenth of it: little is lost when a push is killed, and large ones make few. */
const MIN_BYTES = 16 * 1024 * 1024;
const SHARE = 16;

/** Where a chunk lies, or will lie, at the place. */
export type Place = { readonly xorb: Uint8Array; readonly index: number };

/** Chunks `[start, end)` of a content. */
export type Piece = { readonly sha256: Sha256; readonly start: number; end: number };

/** A pack to be sent. */
export type PackPlan = NewShardXorb & { readonly pieces: readonly Piece[] };

/** Call `visit` for every chunk of the contents. */
export function eachChunk(
  contents: readonly ContentChunks[],
  visit: (hash: Uint8Array, content: ContentChunks, index: number) => void
): void {
  for (const content of contents) {
    for (let index = 0; index < content.lengths.length; index++) {
      visit(content.hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES), content, index);
    }
  }
}

/** Packs for the chunks that have no place yet; their places are added. */
export function planPacks(
  hasher: IHasher,
  contents: readonly ContentChunks[],
  places: Map<string, Place>
): readonly PackPlan[] {
  const limit = packLimit(contents, places);
  const plans: PackPlan[] = [];
  let open = new OpenPack();
  const close = (): void => {
    if (open.chunks.length > 0) {
      const hash = xorbHash(hasher, open.chunks);
      open.chunks.forEach((chunk, index) => places.set(toHex(chunk.hash), { xorb: hash, index }));
      plans.push({ hash, storedBytes: open.bytes, chunks: open.chunks, pieces: open.pieces });
    }
    open = new OpenPack();
  };
  const seen = new Set<string>();
  eachChunk(contents, (hash, content, index) => {
    const key = toHex(hash);
    if (!places.has(key) && !seen.has(key)) {
      seen.add(key);
      if (!open.hasRoom(content.stored[index]!, limit)) {
        close();
      }
      open.add(hash, content, index);
    }
  });
  close();
  return plans;
}

/** Bytes that a pack may have. */
function packLimit(contents: readonly ContentChunks[], places: ReadonlyMap<string, Place>): number {
  let bytes = 0;
  eachChunk(contents, (hash, content, index) => {
    bytes += places.has(toHex(hash)) ? 0 : content.stored[index]!;
  });
  return Math.min(Math.max(MIN_BYTES, bytes / SHARE), XORB_MAX_BYTES);
}

/** A pack that is being put together. */
class OpenPack {
  readonly chunks: ShardChunk[] = [];
  readonly pieces: Piece[] = [];
  bytes = 0;

  hasRoom(stored: number, limit: number): boolean {
    return this.chunks.length < MAX_CHUNKS && this.bytes + CHUNK_HEADER_BYTES + stored <= limit;
  }

  add(hash: Uint8Array, { sha256, lengths, stored }: ContentChunks, index: number): void {
    this.chunks.push({ hash, length: lengths[index]!, stored: stored[index]! });
    this.bytes += CHUNK_HEADER_BYTES + stored[index]!;
    const last = this.pieces[this.pieces.length - 1];
    if (last?.sha256 === sha256 && last.end === index) {
      last.end += 1;
    } else {
      this.pieces.push({ sha256, start: index, end: index + 1 });
    }
  }
}

/** What a manifest says of a content whose chunks all have a place. */
export function describeContent(
  hasher: IHasher,
  content: ContentChunks,
  places: ReadonlyMap<string, Place>
): NewShardFile {
  const terms: { xorb: Uint8Array; start: number; end: number; bytes: number; hashes: Uint8Array[] }[] = [];
  eachChunk([content], (hash, { lengths }, at) => {
    const { xorb, index } = places.get(toHex(hash))!;
    let term = terms[terms.length - 1];
    if (!term || !sameHash(term.xorb, xorb) || term.end !== index) {
      term = { xorb, start: index, end: index, bytes: 0, hashes: [] };
      terms.push(term);
    }
    term.end += 1;
    term.bytes += lengths[at]!;
    term.hashes.push(hash);
  });
  return {
    fileHash: parseHash(content.xetHash),
    sha256: fromHex(content.sha256),
    terms: terms.map(({ hashes: _, ...term }): Term => term),
    verification: terms.map(({ hashes }) => rangeHash(hasher, hashes))
  };
}
