/** A content that comes as a plain stream, stored as chunks in a bucket. */
import { createHash } from 'node:crypto';
import { createChunker, MAX_CHUNK } from '../../core/chunk/chunker';
import { fromHex, parseHash, spellHash, xorbHash } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import { BranchbookError } from '../../core/error';
import { encodeShard } from '../../core/format/shard';
import type { NewShardXorb, ShardChunk } from '../../core/format/shard';
import { CHUNK_HEADER_BYTES, encodeChunkHeader } from '../../core/format/xorb';
import type { Pointer, XetHash } from '../../core/model/asset';
import type { Activity } from '../../core/port';
import type { Catalog } from '../store/catalog';
import { ChunkTable } from '../store/chunk-table';
import { Recipe } from '../store/recipe';

/** Bytes of a pack, and what one upload takes in memory: several are under way at once. */
const PACK_BYTES = 16 * 1024 * 1024;
const BUFFER_BYTES = 1024 * 1024;

export type IntakeTools = {
  readonly hasher: IHasher;
  readonly catalog: Catalog;
  /** Chunks that are there already. */
  readonly known: ChunkTable;
  readonly writePack: (name: XetHash, bytes: Uint8Array) => Promise<void>;
};

/** Gives the manifest to be written. OBJECT_CORRUPT when the bytes are not those that `pointer` names. */
export async function takeIn(
  tools: IntakeTools,
  { sha256, size }: Pointer,
  pieces: AsyncIterable<Uint8Array>,
  activity: Activity
): Promise<Uint8Array> {
  const { hasher, catalog, known } = tools;
  const packs = new Packs(tools);
  const recipe = new Recipe(hasher);
  const digest = createHash('sha256');
  let seen = 0;
  for await (const chunk of cut(counted(pieces))) {
    const hash = hasher.hash('chunk', chunk);
    const stored = known.find(hash);
    const place = stored >= 0 ? known.place(stored) : await packs.add(hash, chunk);
    recipe.push(stored >= 0 ? 'store' : 'session', place, hash, chunk.length);
  }
  const { fileHash, terms } = recipe.finish(0);
  if (seen !== size || digest.digest('hex') !== sha256) {
    throw new BranchbookError('OBJECT_CORRUPT', `What came is not the content ${sha256} of ${size} bytes.`, { sha256 });
  }
  await packs.flush();
  const file = {
    fileHash,
    sha256: fromHex(sha256),
    terms: terms.map(({ origin, xorb, start, end, bytes }) => ({
      xorb: origin === 'store' ? parseHash(catalog.xorbs[xorb]!.hash) : packs.written[xorb]!.hash,
      start,
      end,
      bytes
    })),
    verification: terms.map(({ verification }) => verification)
  };
  return encodeShard({ files: [file], xorbs: packs.written }, Math.floor(Date.now() / 1000));

  async function* counted(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of source) {
      activity.signal?.throwIfAborted();
      seen += piece.length;
      digest.update(piece);
      yield piece;
    }
  }
}

/** The chunks of a stream; each is valid until the next. */
async function* cut(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunker = createChunker(BUFFER_BYTES);
  const { buffer } = chunker;
  let start = 0;
  let end = 0;
  const take = (): Uint8Array => {
    const length = chunker.cut(start, end);
    start += length;
    return buffer.subarray(start - length, start);
  };
  for await (const piece of pieces) {
    for (let done = 0; done < piece.length;) {
      if (end === buffer.length) {
        buffer.copyWithin(0, start, end);
        end -= start;
        start = 0;
      }
      const count = Math.min(piece.length - done, buffer.length - end);
      buffer.set(piece.subarray(done, done + count), end);
      done += count;
      end += count;
      while (end - start >= MAX_CHUNK) {
        yield take();
      }
    }
  }
  while (start < end) {
    yield take();
  }
}

/** Packs of one upload. */
class Packs {
  readonly written: NewShardXorb[] = [];
  private readonly _table = new ChunkTable();
  private readonly _bytes = new Uint8Array(PACK_BYTES);
  private _filled = 0;
  private _chunks: ShardChunk[] = [];

  constructor(private readonly _tools: IntakeTools) {}

  /** Where the chunk lies, or will lie, among the packs of this upload. */
  async add(hash: Uint8Array, chunk: Uint8Array): Promise<{ readonly xorb: number; readonly index: number }> {
    const known = this._table.find(hash);
    if (known >= 0) {
      return this._table.place(known);
    }
    if (this._filled + CHUNK_HEADER_BYTES + chunk.length > PACK_BYTES) {
      await this.flush();
    }
    encodeChunkHeader(this._bytes, this._filled, chunk.length);
    this._bytes.set(chunk, this._filled + CHUNK_HEADER_BYTES);
    this._filled += CHUNK_HEADER_BYTES + chunk.length;
    const place = { xorb: this.written.length, index: this._chunks.length };
    this._chunks.push({ hash, length: chunk.length });
    this._table.add(hash, place, chunk.length);
    return place;
  }

  async flush(): Promise<void> {
    if (this._filled === 0) {
      return;
    }
    const [chunks, bytes] = [this._chunks, this._bytes.subarray(0, this._filled)];
    const hash = xorbHash(this._tools.hasher, chunks);
    await this._tools.writePack(spellHash(hash), bytes);
    this.written.push({ hash, storedBytes: bytes.length, chunks });
    this._filled = 0;
    this._chunks = [];
  }
}
