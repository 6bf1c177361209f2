/** A damaged pack, written again: each chunk from the pack itself, from another pack, or from a copy of a file. */
import { sameHash } from '../../core/chunk/hash';
import { ensureDirectory, parentOf, unlinkQuietly } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import { CHUNK_HEADER_BYTES, encodeChunkHeader } from '../../core/format/xorb';
import type { ChunkList } from '../../core/format/shard';
import type { Sha256 } from '../../core/model/asset';
import type { Repair } from '../../core/model/maintenance';
import type { ContentCopy, StoreRepair } from '../../core/port';
import type { FileTerm } from './catalog';
import type { ChunkTable } from './chunk-table';
import type { ReadTools } from './read-tools';
import { newTemporary } from './rebuild-shards';
import { isCorrupt } from './xorb-map';
import { XorbReader } from './xorb-reader';
import { scanXorb } from './xorb-scan';

/** A run of the pack's chunks in a file. */
type Use = { readonly sha256: Sha256; readonly term: FileTerm };
type Found = { readonly bytes: Uint8Array; readonly from: string };

/** Write the pack again if all of its chunks can be had, and take its mark away; null when they cannot. */
export async function rebuildXorb(
  tools: ReadTools,
  number: number,
  table: ChunkTable,
  options: StoreRepair
): Promise<Repair | null> {
  const { catalog, files, layout } = tools;
  const { hash, listing } = catalog.xorbs[number]!;
  if (!listing) {
    return null;
  }
  const temporary = newTemporary(tools);
  const handle = await files.open(temporary, 'create');
  const chunks = new ChunkFinder(tools, number, await catalog.chunks(number), table, options);
  try {
    let at = 0;
    for await (const { index, serialized, chunk } of scanXorb(tools, number, options)) {
      const bytes = chunk ? serialized : await chunks.serialized(index);
      if (!bytes) {
        return null;
      }
      await handle.write(bytes, at);
      at += bytes.length;
    }
    // Smaller ones, compressed, could not be found: their files are stored anew, whole.
    if (at !== catalog.xorbs[number]!.storedBytes) {
      return null;
    }
    await handle.sync();
    await ensureDirectory(files, parentOf(layout.xorb(hash)));
    await files.rename(temporary, layout.xorb(hash));
    await unlinkQuietly(files, layout.damaged(hash));
    await files.syncDirectory(parentOf(layout.xorb(hash)));
    return { object: hash, message: `The pack ${hash} is whole again.`, from: chunks.from };
  } finally {
    await handle.close();
    await unlinkQuietly(files, temporary);
  }
}

/** Finds good copies of a pack's chunks. */
class ChunkFinder {
  private readonly _places = new Set<string>();
  private readonly _copies = new Map<Sha256, readonly ContentCopy[]>();
  private readonly _uses: readonly Use[];

  constructor(
    private readonly _tools: ReadTools,
    private readonly _number: number,
    private readonly _chunks: ChunkList,
    private readonly _table: ChunkTable,
    private readonly _options: StoreRepair
  ) {
    this._uses = usesOf(_tools, _number);
  }

  /** Where the chunks came from, for people. */
  get from(): string {
    return [...this._places].join(', ') || 'the pack itself';
  }

  /** The chunk with its header, as stored; null when nobody has it. */
  async serialized(index: number): Promise<Uint8Array | null> {
    const found = (await this._inOtherPack(index)) ?? (await this._inCopies(index));
    if (!found) {
      return null;
    }
    this._places.add(found.from);
    const serialized = new Uint8Array(CHUNK_HEADER_BYTES + found.bytes.length);
    encodeChunkHeader(serialized, 0, found.bytes.length);
    serialized.set(found.bytes, CHUNK_HEADER_BYTES);
    return serialized;
  }

  private async _inOtherPack(index: number): Promise<Found | null> {
    const entry = this._table.find(this._chunks.hash(index));
    const place = entry < 0 ? null : this._table.place(entry);
    if (!place || place.xorb === this._number) {
      return null;
    }
    const buffer = this._tools.buffers.take();
    const record = this._tools.catalog.xorbs[place.xorb]!;
    let reader: XorbReader | null = null;
    try {
      reader = await XorbReader.open(this._tools, record);
      await reader.load(place.index, place.index + 1, buffer);
      return { bytes: reader.chunk(place.index, buffer).slice(), from: `the pack ${record.hash}` };
    } catch (error) {
      if (isCorrupt(error)) {
        return null;
      }
      throw error;
    } finally {
      await reader?.close();
      this._tools.buffers.give(buffer);
    }
  }

  private async _inCopies(index: number): Promise<Found | null> {
    for (const { sha256, term } of this._uses) {
      if (index >= term.start && index < term.end) {
        const start = term.at + this._chunks.start(index) - this._chunks.start(term.start);
        for (const copy of await this._copiesOf(sha256)) {
          const bytes = await readRange(copy, start, this._chunks.length(index));
          if (sameHash(this._tools.hasher.hash('chunk', bytes), this._chunks.hash(index))) {
            return { bytes, from: copy.from };
          }
        }
      }
    }
    return null;
  }

  private async _copiesOf(sha256: Sha256): Promise<readonly ContentCopy[]> {
    const known = this._copies.get(sha256);
    if (known) {
      return known;
    }
    const found: ContentCopy[] = [];
    for await (const copy of this._options.copies(sha256)) {
      found.push(copy);
    }
    this._copies.set(sha256, found);
    return found;
  }
}

function usesOf({ catalog }: ReadTools, number: number): readonly Use[] {
  const uses: Use[] = [];
  for (const records of catalog.files) {
    for (const { sha256, terms } of records) {
      uses.push(...terms.filter(({ xorb }) => xorb === number).map(term => ({ sha256, term })));
    }
  }
  return uses;
}

/** At most `length` bytes; none when the copy cannot be read. */
async function readRange(copy: ContentCopy, start: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  try {
    for await (const piece of copy.read(start, start + length)) {
      bytes.set(piece.subarray(0, length - filled), filled);
      filled += Math.min(piece.length, length - filled);
    }
  } catch (error) {
    if (BranchbookError.from(error).code === 'CANCELLED') {
      throw error;
    }
    return bytes.subarray(0, 0);
  }
  return bytes.subarray(0, filled);
}
