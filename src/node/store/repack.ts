/** Copying the needed chunks of some xorbs to new ones. Every chunk is verified on its way. */
import { sameHash, spellHash, xorbHash } from '../../core/chunk/hash';
import type { HashedChunk } from '../../core/chunk/hash';
import { throwIfCancelled } from '../../core/cancel';
import { ensureDirectory, parentOf, unlinkQuietly } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import { CHUNK_HEADER_BYTES, decodeChunk, decodeChunkHeader, XORB_MAX_BYTES } from '../../core/format/xorb';
import type { NewShardXorb } from '../../core/format/shard';
import type { Activity, IFileHandle } from '../../core/port';
import type { Catalog } from './catalog';
import type { XorbTools } from './xorb-reader';

/** Written at once. */
const WRITE_BYTES = 1024 * 1024;
/** In the background so much is flushed at once: whoever comes meanwhile waits for it. */
const GENTLE_BYTES = 4 * WRITE_BYTES;

export type RepackTools = XorbTools & { readonly catalog: Catalog };

/** Where a chunk went. */
export type NewPlace = { readonly xorb: Uint8Array; readonly index: number };

export type Repacked = {
  readonly xorbs: readonly NewShardXorb[];
  /** The new place of each needed chunk of an old xorb. */
  place(xorb: number, index: number): NewPlace;
};

/**
 * Copy what `repack` needs. The new xorbs are durable on return, and nothing names them yet. OBJECT_CORRUPT when a chunk
 * is not what it should be; then, and when cancelled, nothing is left behind.
 */
export async function repackXorbs(
  tools: RepackTools,
  repack: ReadonlyMap<number, Uint8Array>,
  prefix: string,
  activity: Activity
): Promise<Repacked> {
  const writer = new RepackWriter(tools, prefix, activity.breathe !== undefined);
  const places = new Map<number, Int32Array>();
  try {
    let done = 0;
    for (const [number, needed] of repack) {
      throwIfCancelled(activity);
      places.set(number, await copyChunks(tools, number, needed, { writer, activity }));
      activity.onProgress?.({ phase: 'packing anew', done: ++done, total: repack.size, unit: 'files' });
    }
    const xorbs = await writer.publish();
    const place = (xorb: number, index: number): NewPlace => {
      const entry = places.get(xorb)![index]!;
      const ordinal = writer.ordinals[entry]!;
      return { xorb: xorbs[ordinal]!.hash, index: entry - writer.starts[ordinal]! };
    };
    return { xorbs, place };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Gives for each chunk of the xorb its number among all that were written, or -1. */
async function copyChunks(
  tools: RepackTools,
  number: number,
  needed: Uint8Array,
  { writer, activity }: { readonly writer: RepackWriter; readonly activity: Activity }
): Promise<Int32Array> {
  const chunks = await tools.catalog.chunks(number);
  const { hash } = tools.catalog.xorbs[number]!;
  const bytes = await tools.files.readFile(tools.layout.xorb(hash));
  if (!bytes) {
    throw corrupt(hash, 'the pack is missing');
  }
  const places = new Int32Array(chunks.count).fill(-1);
  let at = 0;
  for (let index = 0; index < chunks.count; index++) {
    await activity.breathe?.();
    const header = decodeChunkHeader(bytes, at);
    const end = at + CHUNK_HEADER_BYTES + header.stored;
    if (needed[index]) {
      const expected = chunks.hash(index);
      const chunk = decodeChunk(header, bytes.subarray(at + CHUNK_HEADER_BYTES, end));
      if (end > bytes.length || !sameHash(tools.hasher.hash('chunk', chunk), expected)) {
        throw corrupt(hash, `the bytes of chunk ${spellHash(expected)} do not match their hash`);
      }
      places[index] = await writer.append({ hash: expected.slice(), length: chunk.length }, bytes.subarray(at, end));
    }
    at = end;
  }
  return places;
}

function corrupt(xorb: string, reason: string): BranchbookError {
  return new BranchbookError('OBJECT_CORRUPT', `Stored data is damaged: ${reason} (pack ${xorb}).`, { xorb, reason });
}

class RepackWriter {
  /** Of each chunk written: the xorb it is in. */
  readonly ordinals: number[] = [];
  /** Of each xorb: the number of its first chunk. */
  readonly starts: number[] = [];
  private readonly _known = new Map<string, number>();
  private readonly _chunks: HashedChunk[] = [];
  private readonly _sizes: number[] = [];
  private readonly _staging = new Uint8Array(WRITE_BYTES);
  private _staged = 0;
  private _unflushed = 0;
  private _handle: IFileHandle | null = null;

  constructor(
    private readonly _tools: RepackTools,
    private readonly _prefix: string,
    private readonly _gently: boolean
  ) {}

  /** Write a serialized chunk, once; gives its number. */
  async append(chunk: HashedChunk, serialized: Uint8Array): Promise<number> {
    const name = spellHash(chunk.hash);
    const known = this._known.get(name);
    if (known !== undefined) {
      return known;
    }
    if (this._sizes.length === 0 || this._sizes.at(-1)! + serialized.length > XORB_MAX_BYTES) {
      await this._seal();
      this.starts.push(this._chunks.length);
      this._sizes.push(0);
      this._handle = await this._tools.files.open(this._path(this._sizes.length - 1), 'create');
    }
    if (this._staged + serialized.length > this._staging.length) {
      await this._flush();
    }
    this._staging.set(serialized, this._staged);
    this._staged += serialized.length;
    this._sizes[this._sizes.length - 1]! += serialized.length;
    this.ordinals.push(this._sizes.length - 1);
    this._known.set(name, this._chunks.push(chunk) - 1);
    return this._chunks.length - 1;
  }

  /** Everything written gets its name, durably. */
  async publish(): Promise<readonly NewShardXorb[]> {
    await this._seal();
    const { files, layout, hasher } = this._tools;
    const xorbs = this._sizes.map((storedBytes, ordinal) => {
      const chunks = this._chunks.slice(this.starts[ordinal], this.starts[ordinal + 1]);
      return { hash: xorbHash(hasher, chunks), storedBytes, chunks };
    });
    const directories = new Set<string>();
    for (const [ordinal, { hash }] of xorbs.entries()) {
      const target = layout.xorb(spellHash(hash));
      await ensureDirectory(files, parentOf(target));
      await files.rename(this._path(ordinal), target);
      await unlinkQuietly(files, layout.damaged(spellHash(hash)));
      directories.add(parentOf(target));
    }
    for (const directory of directories) {
      await files.syncDirectory(directory);
    }
    return xorbs;
  }

  async abort(): Promise<void> {
    await this._handle?.close().catch(() => undefined);
    for (const ordinal of this._sizes.keys()) {
      await unlinkQuietly(this._tools.files, this._path(ordinal));
    }
  }

  private _path(ordinal: number): string {
    return `${this._prefix}-${ordinal}.xorb`;
  }

  private async _flush(): Promise<void> {
    const written = this._sizes.at(-1)! - this._staged;
    await this._handle!.write(this._staging.subarray(0, this._staged), written);
    this._unflushed += this._staged;
    this._staged = 0;
    if (this._gently && this._unflushed >= GENTLE_BYTES) {
      await this._handle!.sync();
      this._unflushed = 0;
    }
  }

  private async _seal(): Promise<void> {
    if (this._handle) {
      await this._flush();
      await this._handle.sync();
      await this._handle.close();
      this._handle = null;
    }
  }
}
