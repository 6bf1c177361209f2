/** Where the chunks of a xorb lie. Worked out once per xorb and kept for a while: most reads touch few xorbs. */
import { MAX_CHUNK } from '../../core/chunk/chunker';
import { BranchbookError, hasCode } from '../../core/error';
import type { ChunkList } from '../../core/format/shard';
import { CHUNK_HEADER_BYTES, decodeChunkHeader } from '../../core/format/xorb';
import type { IFileHandle } from '../../core/port';
import { REPAIR } from './catalog';
import type { XorbRecord } from './catalog';

/** Bytes that remembered maps may take; a xorb of 64 MiB in chunks of 64 KiB takes 60 KB. */
const REMEMBERED_BYTES = 16 * 1024 * 1024;

/** The chunks of one xorb: hash, place in the unpacked data, place in the pack. */
export class XorbMap {
  /** `starts` and `offsets` end with where the last chunk ends; `offsets` stops early where a header is damaged. */
  constructor(
    private readonly _chunks: ChunkList,
    private readonly _starts: Uint32Array,
    private readonly _offsets: Uint32Array
  ) {}

  get count(): number {
    return this._chunks.count;
  }

  /** Bytes of memory. */
  get weight(): number {
    return this._chunks.weight + this._starts.byteLength + this._offsets.byteLength;
  }

  hash(index: number): Uint8Array {
    return this._chunks.hash(index);
  }

  /** Bytes of the unpacked xorb before this chunk. */
  start(index: number): number {
    return this._starts[index]!;
  }

  length(index: number): number {
    return this._starts[index + 1]! - this._starts[index]!;
  }

  /** Bytes of the pack before this chunk's header; undefined behind a damaged header. */
  offset(index: number): number | undefined {
    return this._offsets[index];
  }

  /** The chunk that holds byte `at` of the unpacked xorb. */
  find(at: number): number {
    return findLast(this.count, index => this._starts[index]! <= at);
  }
}

/** The last of `count` indices for which `isBefore` holds, or 0: it holds for all up to some index. */
export function findLast(count: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  for (let high = count; high - low > 1;) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Locate every chunk. OBJECT_CORRUPT when the manifest lists impossible lengths. */
export async function loadMap(record: XorbRecord, chunks: ChunkList, handle: IFileHandle): Promise<XorbMap> {
  const starts = new Uint32Array(chunks.count + 1);
  for (let index = 0; index < chunks.count; index++) {
    const length = chunks.length(index);
    if (length === 0 || length > MAX_CHUNK) {
      throw corrupt(record, 'the manifest lists a chunk of impossible length');
    }
    starts[index + 1] = starts[index]! + length;
    if (starts[index + 1]! < starts[index]!) {
      throw corrupt(record, 'the manifest lists more than 4 GiB');
    }
  }
  const isRaw = record.storedBytes === starts[chunks.count]! + chunks.count * CHUNK_HEADER_BYTES;
  const offsets = isRaw ? starts.map((start, index) => start + index * CHUNK_HEADER_BYTES) : null;
  return new XorbMap(chunks, starts, offsets ?? (await readOffsets(chunks.count, handle)));
}

/** Chunks that are compressed: only the header of each tells where the next one begins. */
async function readOffsets(count: number, handle: IFileHandle): Promise<Uint32Array> {
  const offsets = new Uint32Array(count + 1);
  const header = new Uint8Array(CHUNK_HEADER_BYTES);
  for (let index = 0; index < count; index++) {
    const read = await handle.read(header, offsets[index]!);
    const stored = storedLength(header.subarray(0, read));
    if (stored === null) {
      return offsets.subarray(0, index + 1);
    }
    offsets[index + 1] = offsets[index]! + CHUNK_HEADER_BYTES + stored;
  }
  return offsets;
}

function storedLength(header: Uint8Array): number | null {
  try {
    return decodeChunkHeader(header, 0).stored;
  } catch {
    return null;
  }
}

/** Maps of the xorbs that were read last. */
export class XorbMaps {
  private readonly _maps = new Map<string, XorbMap>();
  private _weight = 0;

  get(record: XorbRecord): XorbMap | undefined {
    const key = keyOf(record);
    const map = this._maps.get(key);
    if (map) {
      // Last in the order again.
      this._maps.delete(key);
      this._maps.set(key, map);
    }
    return map;
  }

  add(record: XorbRecord, map: XorbMap): void {
    const key = keyOf(record);
    this._weight += map.weight - (this._maps.get(key)?.weight ?? 0);
    this._maps.set(key, map);
    for (const [oldest, old] of this._maps) {
      if (this._weight <= REMEMBERED_BYTES || oldest === key) {
        return;
      }
      this._maps.delete(oldest);
      this._weight -= old.weight;
    }
  }
}

/** The name fixes the chunks; how they are packed may change. */
function keyOf(record: XorbRecord): string {
  return `${record.hash} ${record.storedBytes}`;
}

export function corrupt(record: XorbRecord, reason: string, chunk?: string): BranchbookError {
  const message = `Stored data is damaged: ${reason} (pack ${record.hash}${chunk ? `, chunk ${chunk}` : ''}).`;
  const data = { xorb: record.hash, ...(chunk ? { chunk } : {}), reason, repair: REPAIR };
  return new BranchbookError('OBJECT_CORRUPT', message, data, REPAIR);
}

/** Damaged or missing, rather than a device that fails. */
export function isCorrupt(error: unknown): error is BranchbookError {
  return hasCode(error, 'OBJECT_CORRUPT');
}
