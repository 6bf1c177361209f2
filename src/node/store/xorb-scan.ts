/** Reading a pack from front to back, past damage. */
import { sameHash } from '../../core/chunk/hash';
import { throwIfCancelled } from '../../core/cancel';
import { hasCode } from '../../core/error';
import type { ChunkList } from '../../core/format/shard';
import { CHUNK_HEADER_BYTES, decodeChunk, decodeChunkHeader } from '../../core/format/xorb';
import type { Activity, IFileHandle } from '../../core/port';
import type { XorbRecord } from './catalog';
import type { ReadTools } from './read-tools';

/** A chunk with its header takes at most this many bytes, so that this many are looked at (chunks are at most 128 KiB). */
const CHUNK_MAX_STORED = 256 * 1024;

/** Called with the bytes of the pack that were read since. */
export type ScanHooks = Pick<Activity, 'signal'> & { readonly onBytes?: (bytes: number) => void };

export type ScannedChunk = {
  readonly index: number;
  /** Header and bytes as they stand in the pack; valid until the next chunk. */
  readonly serialized: Uint8Array;
  /** The chunk itself, valid until the next one; null when it is not what the manifest says. */
  readonly chunk: Uint8Array | null;
};

/** A file read forward through one buffer. */
class Window {
  private _at = 0;
  private _filled = 0;

  /** The buffer holds more than the largest chunk. */
  constructor(
    private readonly _handle: IFileHandle,
    private readonly _buffer: Uint8Array
  ) {}

  /** Up to `length` bytes from `at` on; fewer at the end of the file. */
  async bytes(at: number, length: number): Promise<Uint8Array> {
    if (at < this._at || at + length > this._at + this._filled) {
      this._at = at;
      this._filled = 0;
      for (let count = -1; count !== 0 && this._filled < this._buffer.length; this._filled += count) {
        count = await this._handle.read(this._buffer.subarray(this._filled), at + this._filled);
      }
    }
    return this._buffer.subarray(at - this._at, Math.min(this._filled, at - this._at + length));
  }
}

/**
 * Every chunk that the manifest lists, damaged ones too. Where chunks are compressed, the place of a chunk is known only
 * from the headers before it: behind a damaged header the rest counts as damaged.
 */
export async function* scanXorb(tools: ReadTools, number: number, hooks: ScanHooks): AsyncGenerator<ScannedChunk> {
  const chunks = await tools.catalog.chunks(number);
  const handle = await openXorb(tools, tools.catalog.xorbs[number]!);
  const buffer = tools.buffers.take();
  try {
    const { bytes, storedBytes } = await recordOf(tools, number, handle);
    const isRaw = storedBytes === bytes + chunks.count * CHUNK_HEADER_BYTES;
    const window = handle && new Window(handle, buffer);
    let at: number | null = 0;
    for (let index = 0; index < chunks.count; index++) {
      throwIfCancelled(hooks);
      const found: Uint8Array = window && at !== null ? await window.bytes(at, CHUNK_MAX_STORED) : new Uint8Array();
      const stored = isRaw ? chunks.length(index) : storedLength(found);
      const end: number | null = stored === null ? null : CHUNK_HEADER_BYTES + stored;
      const serialized: Uint8Array = found.subarray(0, end ?? 0);
      hooks.onBytes?.(serialized.length);
      yield { index, serialized, chunk: verified(tools, serialized, chunks, index) };
      at = at === null || end === null ? null : at + end;
    }
  } finally {
    tools.buffers.give(buffer);
    await handle?.close();
  }
}

/** By the very file that is open: another may have taken its place, compressed, since the manifests were read. */
async function recordOf({ catalog }: ReadTools, number: number, handle: IFileHandle | null): Promise<XorbRecord> {
  const size = handle && (await handle.stat()).size;
  if (size !== null && !catalog.choose(number, size)) {
    await catalog.refresh();
    catalog.choose(number, size);
  }
  return catalog.xorbs[number]!;
}

async function openXorb({ files, layout }: ReadTools, { hash }: XorbRecord): Promise<IFileHandle | null> {
  try {
    return await files.open(layout.xorb(hash), 'read');
  } catch (error) {
    if (hasCode(error, 'PATH_UNKNOWN')) {
      return null;
    }
    throw error;
  }
}

function storedLength(bytes: Uint8Array): number | null {
  try {
    return decodeChunkHeader(bytes, 0).stored;
  } catch {
    return null;
  }
}

function verified({ hasher }: ReadTools, serialized: Uint8Array, chunks: ChunkList, index: number): Uint8Array | null {
  const chunk = decode(serialized);
  return chunk && sameHash(hasher.hash('chunk', chunk), chunks.hash(index)) ? chunk : null;
}

/** null when it does not decode, for whatever reason. */
function decode(serialized: Uint8Array): Uint8Array | null {
  try {
    const header = decodeChunkHeader(serialized, 0);
    return decodeChunk(header, serialized.subarray(CHUNK_HEADER_BYTES, CHUNK_HEADER_BYTES + header.stored));
  } catch {
    return null;
  }
}
