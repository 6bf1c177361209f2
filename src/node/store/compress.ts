/**
 * Compressing packs that were stored raw. A pack's name does not depend on how its chunks are packed, so the new file takes
 * the place of the old one. In between the manifests declare both sizes: see src/core/format/README.md, "Compression".
 */
import { parseHash, sameHash } from '../../core/chunk/hash';
import type { HashedChunk, IHasher } from '../../core/chunk/hash';
import { throwIfCancelled } from '../../core/cancel';
import { parentOf, unlinkQuietly } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { NewShardXorb } from '../../core/format/shard';
import { CHUNK_HEADER_BYTES, ChunkPacker, decodeChunk, encodePackedHeader } from '../../core/format/xorb';
import type { Saving } from '../../core/model/maintenance';
import type { Activity, IFileHandle } from '../../core/port';
import type { Catalog } from './catalog';
import { publishShard } from './publisher';
import { Output } from './run-writer';
import { SHELF_BYTES, XorbReader } from './xorb-reader';
import type { XorbTools } from './xorb-reader';

/** One chunk of so many tells whether a pack is worth it. */
export const SAMPLE_EVERY = 16;
/** A pack must become smaller than this share of its size: reading compressed chunks costs time for ever. */
const WORTHWHILE = 0.9;
/** Grouping must make the sample smaller by this factor to be tried on every chunk. */
const GROUPING_PAYS = 0.97;
/** Packs take their places whenever so many raw bytes were compressed: what was done then stays done. */
const BATCH_BYTES = 512 * 1024 * 1024;

export type CompressTools = XorbTools & { readonly catalog: Catalog };

type Prospect = {
  readonly number: number;
  /** Bytes it will save, as the sample says. */
  readonly saves: number;
  /** Bytes of four are worth grouping. */
  readonly group: boolean;
};

type Compressed = { readonly number: number; readonly path: string; readonly xorb: NewShardXorb };

/** What compressing these xorbs would save, from samples of those that are raw. OBJECT_CORRUPT. */
export async function estimateCompression(
  tools: CompressTools,
  numbers: readonly number[],
  activity: Activity
): Promise<Saving> {
  const prospects = await findProspects(tools, numbers, activity);
  const bytes = prospects.reduce((sum, prospect) => sum + prospect.saves, 0);
  return { packs: prospects.length, bytes: Math.round(bytes) };
}

/**
 * Compress those of these xorbs that are raw and get smaller by a tenth; nobody else may work on the store but readers.
 * Takes no more than `room` bytes of the disk. OBJECT_CORRUPT when a chunk is not what it should be; then, and when
 * cancelled, the batches that were finished stay, and the store is whole.
 */
export async function compressXorbs(
  tools: CompressTools,
  numbers: readonly number[],
  { prefix, room }: { readonly prefix: string; readonly room: number },
  activity: Activity
): Promise<Saving> {
  const prospects = await findProspects(tools, numbers, activity);
  const batch = new Batch(tools, `${prefix}-packed`);
  let saved: Saving = { packs: 0, bytes: 0 };
  let left = room;
  try {
    for (const [index, prospect] of prospects.entries()) {
      const { storedBytes } = tools.catalog.xorbs[prospect.number]!;
      if (storedBytes > left) {
        break;
      }
      left -= await batch.add(prospect, activity);
      if (batch.bytes >= Math.min(BATCH_BYTES, room / 2)) {
        saved = add(saved, await batch.publish());
        left = room;
      }
      activity.onProgress?.({ phase: 'compressing', done: index + 1, total: prospects.length, unit: 'files' });
    }
    return add(saved, await batch.publish());
  } finally {
    await batch.abort();
  }
}

function add(a: Saving, b: Saving): Saving {
  return { packs: a.packs + b.packs, bytes: a.bytes + b.bytes };
}

/** Xorbs that are raw and will get smaller. */
async function findProspects(
  tools: CompressTools,
  numbers: readonly number[],
  activity: Activity
): Promise<readonly Prospect[]> {
  const prospects: Prospect[] = [];
  const raw = numbers.filter(number => isRaw(tools, number));
  const packer = new ChunkPacker();
  for (const [index, number] of raw.entries()) {
    throwIfCancelled(activity);
    const prospect = await findProspect(tools, number, packer, activity);
    if (prospect) {
      prospects.push(prospect);
    }
    activity.onProgress?.({ phase: 'looking for what compresses', done: index + 1, total: raw.length, unit: 'files' });
  }
  return prospects;
}

/** null when it would not get smaller by a tenth. */
export async function findProspect(
  tools: CompressTools,
  number: number,
  packer: ChunkPacker,
  activity: Activity
): Promise<Prospect | null> {
  const { share, group } = await sample(tools, number, packer, activity);
  return share < WORTHWHILE ? { number, saves: (1 - share) * tools.catalog.xorbs[number]!.storedBytes, group } : null;
}

export function isRaw({ catalog }: CompressTools, number: number): boolean {
  const { listing, bytes, storedBytes } = catalog.xorbs[number]!;
  return listing !== null && storedBytes === bytes + listing.chunks * CHUNK_HEADER_BYTES;
}

/** Which share of their bytes some chunks of a xorb need when they are packed. */
async function sample(
  tools: CompressTools,
  number: number,
  packer: ChunkPacker,
  activity: Activity
): Promise<{ readonly share: number; readonly group: boolean }> {
  const buffer = new Uint8Array(SHELF_BYTES);
  const reader = await XorbReader.open(tools, tools.catalog.xorbs[number]!);
  try {
    let [raw, plain, grouped] = [0, 0, 0];
    for (let index = 0; index < reader.map.count; index += SAMPLE_EVERY) {
      await activity.breathe?.();
      await reader.load(index, index + 1, buffer);
      const chunk = reader.chunk(index, buffer);
      raw += chunk.length;
      plain += packer.pack(chunk, false).bytes.length;
      grouped += packer.pack(chunk, true).bytes.length;
    }
    const group = grouped < plain * GROUPING_PAYS;
    return { share: (group ? grouped : plain) / raw, group };
  } finally {
    await reader.close();
  }
}

/** Packs that were compressed and wait for taking their places together. */
export class Batch {
  private readonly _packer = new ChunkPacker();
  private readonly _input = new Uint8Array(SHELF_BYTES);
  private readonly _output = new Uint8Array(SHELF_BYTES);
  private _waiting: Compressed[] = [];
  private _count = 0;
  private _bytes = 0;

  constructor(
    private readonly _tools: CompressTools,
    private readonly _prefix: string
  ) {}

  /** Raw bytes of what waits. */
  get bytes(): number {
    return this._bytes;
  }

  /** Compress a xorb to a temporary file, on the device on return. Gives the bytes of that file. */
  async add({ number, group }: Prospect, activity: Activity): Promise<number> {
    const path = `${this._prefix}-${this._count++}.xorb`;
    const record = this._tools.catalog.xorbs[number]!;
    const reader = await XorbReader.open(this._tools, record);
    try {
      const handle = await this._tools.files.open(path, 'create');
      const storedBytes = await this._write(reader, handle, group, activity);
      const xorb = { hash: parseHash(record.hash), storedBytes, chunks: chunksOf(reader) };
      if (storedBytes < record.storedBytes) {
        this._waiting.push({ number, path, xorb });
        this._bytes += record.storedBytes;
        return storedBytes;
      }
      await unlinkQuietly(this._tools.files, path);
      return 0;
    } catch (error) {
      await unlinkQuietly(this._tools.files, path);
      throw error;
    } finally {
      await reader.close();
    }
  }

  /** A manifest that declares the new sizes first: whichever file is there then, its size is declared. */
  async publish(): Promise<Saving> {
    const { files, layout, catalog } = this._tools;
    const waiting = this._waiting;
    if (waiting.length === 0) {
      return { packs: 0, bytes: 0 };
    }
    const xorbs = waiting.map(({ xorb }) => xorb);
    await publishShard(this._tools, { files: [], xorbs }, `${this._prefix}.mdb`, this._age());
    const before = waiting.map(({ number }) => catalog.xorbs[number]!);
    for (const [index, { path }] of waiting.entries()) {
      await files.rename(path, layout.xorb(before[index]!.hash));
    }
    for (const directory of new Set(before.map(({ hash }) => parentOf(layout.xorb(hash))))) {
      await files.syncDirectory(directory);
    }
    this._waiting = [];
    this._bytes = 0;
    const bytes = before.reduce((sum, { storedBytes }, index) => sum + storedBytes - xorbs[index]!.storedBytes, 0);
    return { packs: waiting.length, bytes };
  }

  /** What did not take its place is deleted. */
  async abort(): Promise<void> {
    for (const { path } of this._waiting) {
      await unlinkQuietly(this._tools.files, path);
    }
  }

  /** Compressing makes nothing younger. */
  private _age(): number {
    const { catalog } = this._tools;
    const shards = this._waiting.map(({ number }) => catalog.shards.get(catalog.xorbs[number]!.listing!.shard)!);
    return Math.max(...shards.map(shard => shard.created));
  }

  private async _write(reader: XorbReader, handle: IFileHandle, group: boolean, activity: Activity): Promise<number> {
    try {
      const output = new Output(handle, this._output, activity);
      for (let index = 0; index < reader.map.count;) {
        const next = await reader.load(index, reader.map.count, this._input);
        for (; index < next; index++) {
          await activity.breathe?.();
          await this._append(output, reader.chunk(index, this._input), reader.map.hash(index), group);
        }
        if (activity.breathe) {
          // Little by little: whoever comes meanwhile waits for what is being flushed.
          await output.flush();
          await handle.sync();
        }
      }
      await output.flush();
      await handle.sync();
      return output.position;
    } finally {
      await handle.close();
    }
  }

  /** What is written was unpacked again, and is the chunk. */
  private async _append(output: Output, chunk: Uint8Array, hash: Uint8Array, group: boolean): Promise<void> {
    const packed = this._packer.pack(chunk, group);
    const header = { scheme: packed.scheme, stored: packed.bytes.length, length: chunk.length };
    if (!isChunk(this._tools.hasher, decodeChunk(header, packed.bytes), hash)) {
      throw new BranchbookError('INTERNAL', 'A compressed chunk does not unpack to what it was.');
    }
    const headerBytes = new Uint8Array(CHUNK_HEADER_BYTES);
    encodePackedHeader(headerBytes, 0, header);
    await output.push(headerBytes);
    await output.push(packed.bytes);
  }
}

function isChunk(hasher: IHasher, bytes: Uint8Array, hash: Uint8Array): boolean {
  return sameHash(hasher.hash('chunk', bytes), hash);
}

function chunksOf({ map }: XorbReader): readonly HashedChunk[] {
  return Array.from({ length: map.count }, (_, index) => ({
    hash: map.hash(index).slice(),
    length: map.length(index)
  }));
}
