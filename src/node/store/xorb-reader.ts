import { sameHash, spellHash } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import { BranchbookError, hasCode } from '../../core/error';
import { CHUNK_HEADER_BYTES, decodeChunk, decodeChunkHeader } from '../../core/format/xorb';
import type { IFileHandle, IFileSystem } from '../../core/port';
import { readChunkList } from './catalog';
import type { XorbRecord } from './catalog';
import type { Layout } from './layout';
import type { Run } from './run';
import { corrupt, loadMap } from './xorb-map';
import type { XorbMap, XorbMaps } from './xorb-map';

/** Bytes read at once, and bytes of a shelf's buffer. */
export const SHELF_BYTES = 1024 * 1024;
/** Files that are open at the same time. */
const OPEN_AT_ONCE = 32;

/** What reading needs, here or in a worker thread. */
export type XorbTools = {
  readonly files: IFileSystem;
  readonly layout: Layout;
  readonly hasher: IHasher;
  readonly maps: XorbMaps;
};

/** Chunks up to `end`, each behind its header; the bytes stay valid. */
export type PackedRun = { readonly end: number; readonly bytes: Uint8Array };

/** One open xorb; every chunk it gives has been compared with its hash. */
export class XorbReader {
  /** Chunks `[_first, _end)` lie in the buffer, from the first one's header on. */
  private _first = 0;
  private _end = 0;

  private constructor(
    private readonly _handle: IFileHandle,
    private readonly _hasher: IHasher,
    private readonly _record: XorbRecord,
    readonly map: XorbMap
  ) {}

  /** OBJECT_CORRUPT when the pack or its manifest is missing, or the pack is not of the size its manifest says. */
  static async open(tools: XorbTools, record: XorbRecord): Promise<XorbReader> {
    const handle = await presentOr(record, 'the pack is missing', () =>
      tools.files.open(tools.layout.xorb(record.hash), 'read')
    );
    try {
      const { size } = await handle.stat();
      if (size !== record.storedBytes && record.listing) {
        throw corrupt(record, `it has ${size} bytes instead of ${record.storedBytes}`);
      }
      return new XorbReader(handle, tools.hasher, record, await mapOf(tools, record, handle));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this._handle.close();
  }

  /**
   * Read chunks from `index` on, as many below `end` as fit into `buffer` (at least one), at once. Answers where it
   * stopped; `chunk` then gives them. What the buffer held before is gone.
   */
  async load(index: number, end: number, buffer: Uint8Array): Promise<number> {
    const { map } = this;
    const from = map.offset(index);
    let next = index + 1;
    while (next < end && (map.offset(next + 1) ?? Infinity) - from! <= buffer.length) {
      next += 1;
    }
    const to = map.offset(next);
    if (from === undefined || to === undefined || to - from > buffer.length) {
      throw this._corrupt(index, 'the header of a chunk is wrong');
    }
    await readFully(this._handle, buffer.subarray(0, to - from), from);
    this._first = index;
    this._end = next;
    return next;
  }

  /** A verified chunk that was loaded into `buffer`. OBJECT_CORRUPT when its bytes are not what they should be. */
  chunk(index: number, buffer: Uint8Array): Uint8Array {
    if (index < this._first || index >= this._end) {
      throw new BranchbookError('INTERNAL', `Chunk ${index} was not loaded.`);
    }
    const chunk = this._decode(this.packed(index, index + 1, buffer), index);
    if (!sameHash(this._hasher.hash('chunk', chunk), this.map.hash(index))) {
      throw this._corrupt(index, 'its bytes do not match their hash');
    }
    return chunk;
  }

  /** Chunks that were loaded, as they are stored: each with its header, not verified. */
  packed(start: number, end: number, buffer: Uint8Array): Uint8Array {
    const base = this.map.offset(this._first)!;
    return buffer.subarray(this.map.offset(start)! - base, this.map.offset(end)! - base);
  }

  private _decode(serialized: Uint8Array, index: number): Uint8Array {
    try {
      const header = decodeChunkHeader(serialized, 0);
      return decodeChunk(header, serialized.subarray(CHUNK_HEADER_BYTES, CHUNK_HEADER_BYTES + header.stored));
    } catch (error) {
      throw this._corrupt(index, BranchbookError.from(error).message);
    }
  }

  private _corrupt(index: number, reason: string): BranchbookError {
    return corrupt(this._record, reason, spellHash(this.map.hash(index)));
  }
}

async function mapOf(tools: XorbTools, record: XorbRecord, handle: IFileHandle): Promise<XorbMap> {
  const known = tools.maps.get(record);
  if (known) {
    return known;
  }
  const chunks = await presentOr(record, 'its manifest is missing', () =>
    readChunkList(tools.files, tools.layout, record)
  );
  const map = await loadMap(record, chunks, handle);
  tools.maps.add(record, map);
  return map;
}

async function presentOr<T>(record: XorbRecord, reason: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw hasCode(error, 'PATH_UNKNOWN') ? corrupt(record, reason) : error;
  }
}

/** A file that ends too early leaves the old bytes at the end of `buffer`: their hashes will not match. */
async function readFully(handle: IFileHandle, buffer: Uint8Array, position: number): Promise<void> {
  let done = 0;
  for (let count = -1; count !== 0 && done < buffer.length; done += count) {
    count = await handle.read(buffer.subarray(done), position + done);
  }
}

/** Opens xorbs, and keeps the ones used last open until it is closed. One reading at a time: there is one buffer. */
export class XorbShelf {
  private readonly _open = new Map<string, XorbReader>();

  /** `buffer`: SHELF_BYTES that nobody else uses until this is closed. */
  constructor(
    private readonly _tools: XorbTools,
    private readonly _buffer: Uint8Array
  ) {}

  /** The bytes of a run, chunk by chunk; each piece is valid until the next one. OBJECT_CORRUPT. */
  async *read(run: Run): AsyncGenerator<Uint8Array> {
    const reader = await this._reader(run.xorb);
    const { map } = reader;
    const base = map.start(run.start) - run.at;
    if (map.start(run.end) - base !== run.at + run.bytes) {
      throw corrupt(run.xorb, 'manifests contradict each other about its chunks');
    }
    const end = map.find(base + run.to - 1) + 1;
    for (let index = map.find(base + run.from); index < end;) {
      const next = await reader.load(index, end, this._buffer);
      for (; index < next; index++) {
        const before = map.start(index) - base;
        const chunk = reader.chunk(index, this._buffer);
        yield chunk.subarray(Math.max(0, run.from - before), run.to - before);
      }
    }
  }

  /** Chunks `[start, end)` as they are stored, verified, as many at once as SHELF_BYTES hold. OBJECT_CORRUPT. */
  async *readPacked(xorb: XorbRecord, start: number, end: number): AsyncGenerator<PackedRun> {
    const reader = await this._reader(xorb);
    for (let index = start; index < end;) {
      const bytes = (reader.map.offset(end) ?? Infinity) - (reader.map.offset(index) ?? 0);
      // Not cleared before: only what was read into it is given out.
      const buffer = Buffer.allocUnsafeSlow(Math.min(SHELF_BYTES, bytes));
      const next = await reader.load(index, end, buffer);
      for (let each = index; each < next; each++) {
        reader.chunk(each, buffer);
      }
      yield { end: next, bytes: reader.packed(index, next, buffer) };
      index = next;
    }
  }

  /** Where the chunks of a xorb lie. OBJECT_CORRUPT. */
  async map(xorb: XorbRecord): Promise<XorbMap> {
    return (await this._reader(xorb)).map;
  }

  async close(): Promise<void> {
    const readers = [...this._open.values()];
    this._open.clear();
    await Promise.all(readers.map(reader => reader.close()));
  }

  private async _reader(record: XorbRecord): Promise<XorbReader> {
    const reader = this._open.get(record.hash) ?? (await XorbReader.open(this._tools, record));
    // Last in the order again.
    this._open.delete(record.hash);
    this._open.set(record.hash, reader);
    for (const [oldest, unused] of this._open) {
      if (this._open.size <= OPEN_AT_ONCE) {
        break;
      }
      this._open.delete(oldest);
      await unused.close();
    }
    return reader;
  }
}
