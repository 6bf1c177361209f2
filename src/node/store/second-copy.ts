/** Where else damaged or missing bytes of a file may be. Slow, and rarely needed. */
import { sameHash } from '../../core/chunk/hash';
import { BranchbookError } from '../../core/error';
import type { ChunkList } from '../../core/format/shard';
import { readChunkList } from './catalog';
import type { FileRecord, XorbRecord } from './catalog';
import type { ReadTools } from './read-tools';
import { runsOf } from './run';
import type { Run } from './run';
import { readChunkOfWhole, readWhole } from './whole-file';
import { isCorrupt } from './xorb-map';
import { XorbShelf } from './xorb-reader';

/**
 * Remember the damage. A pack that is gone, or has another size than its record says, needs no mark: it counts as
 * unusable anyway, and a collector may just have put another one in its place.
 */
export async function markDamaged({ catalog, files, layout }: ReadTools, xorb: XorbRecord): Promise<void> {
  const number = catalog.xorbs.indexOf(xorb);
  if (number >= 0 && (await files.lstat(layout.xorb(xorb.hash)))?.size === xorb.storedBytes) {
    await catalog.markDamaged(number);
  }
}

/**
 * The bytes of a run whose pack is damaged or missing: chunk by chunk from that pack, from other packs that have the
 * same chunk, or from files that hold the whole content; else as other records of the file tell. `error` when nowhere.
 */
export async function* readCopies(
  tools: ReadTools,
  record: FileRecord,
  run: Run,
  error: BranchbookError
): AsyncGenerator<Uint8Array> {
  const failure = new BranchbookError(error.code, error.message, { sha256: record.sha256, ...error.data }, error.hint);
  const chunks = await chunksOf(tools, run);
  if (!chunks) {
    yield* readElsewhere(tools, record, run, failure);
    return;
  }
  const search = new ChunkSearch(tools, record, chunks);
  try {
    for (const chunk of chunks) {
      const bytes = await search.find(chunk);
      if (bytes) {
        yield bytes.subarray(chunk.from - chunk.at, chunk.to - chunk.at);
      } else {
        yield* readElsewhere(tools, record, chunk, failure);
      }
    }
  } finally {
    await search.close();
  }
}

/** A run of one chunk, and its hash. */
type Chunk = Run & { readonly hash: Uint8Array };

/** The chunks of a run, or null when no manifest (or a contradictory one) lists them. */
async function chunksOf(tools: ReadTools, run: Run): Promise<readonly Chunk[] | null> {
  const list = await listOf(tools, run.xorb);
  const chunks: Chunk[] = [];
  let at = run.at;
  for (let index = run.start; list && index < Math.min(run.end, list.count); index++) {
    const bytes = list.length(index);
    const [from, to] = [Math.max(at, run.from), Math.min(at + bytes, run.to)];
    if (from < to) {
      chunks.push({ xorb: run.xorb, start: index, end: index + 1, at, bytes, from, to, hash: list.hash(index) });
    }
    at += bytes;
  }
  return at === run.at + run.bytes ? chunks : null;
}

async function listOf({ files, layout }: ReadTools, xorb: XorbRecord): Promise<ChunkList | null> {
  return readChunkList(files, layout, xorb).catch(() => null);
}

/** Looks for the chunks of one run. */
class ChunkSearch {
  private readonly _buffer: Uint8Array;
  private readonly _shelf: XorbShelf;
  private _places: ReadonlyMap<Chunk, readonly Run[]> | null = null;

  constructor(
    private readonly _tools: ReadTools,
    private readonly _record: FileRecord,
    private readonly _chunks: readonly Chunk[]
  ) {
    this._buffer = _tools.buffers.take();
    this._shelf = new XorbShelf(_tools, this._buffer);
  }

  /** The whole chunk, verified; valid until the next search. */
  async find(chunk: Chunk): Promise<Uint8Array | null> {
    const own = await this._read({ ...chunk, from: chunk.at, to: chunk.at + chunk.bytes });
    return own ?? (await this._findPacked(chunk)) ?? this._findInWhole(chunk);
  }

  async close(): Promise<void> {
    await this._shelf.close();
    this._tools.buffers.give(this._buffer);
  }

  private async _findPacked(chunk: Chunk): Promise<Uint8Array | null> {
    this._places ??= await findChunks(this._tools, this._chunks);
    for (const place of this._places.get(chunk) ?? []) {
      const bytes = await this._read(place);
      if (bytes) {
        return bytes;
      }
      await markDamaged(this._tools, place.xorb);
    }
    return null;
  }

  private _findInWhole({ at, bytes, hash }: Chunk): Promise<Uint8Array | null> {
    const isRight = (found: Uint8Array): boolean => sameHash(this._tools.hasher.hash('chunk', found), hash);
    return readChunkOfWhole(this._tools, this._record.sha256, { from: at, length: bytes, isRight });
  }

  /** A run of one chunk, or null when it is damaged too. */
  private async _read(run: Run): Promise<Uint8Array | null> {
    try {
      for await (const bytes of this._shelf.read(run)) {
        return bytes;
      }
    } catch (error) {
      if (!isCorrupt(error)) {
        throw error;
      }
    }
    return null;
  }
}

/** Other packs that have these chunks. Reads every manifest once, holding none. */
async function findChunks(tools: ReadTools, wanted: readonly Chunk[]): Promise<ReadonlyMap<Chunk, readonly Run[]>> {
  const { catalog } = tools;
  const byHash = new Map<number, Chunk[]>();
  for (const chunk of wanted) {
    byHash.set(keyOf(chunk.hash), [...(byHash.get(keyOf(chunk.hash)) ?? []), chunk]);
  }
  const found = new Map<Chunk, Run[]>();
  for (const [number, xorb] of catalog.xorbs.entries()) {
    const list = xorb !== wanted[0]?.xorb && (await catalog.isUsable(number)) ? await listOf(tools, xorb) : null;
    for (let index = 0; list && index < list.count; index++) {
      const hash = list.hash(index);
      for (const chunk of byHash.get(keyOf(hash)) ?? []) {
        if (sameHash(hash, chunk.hash)) {
          const place = { xorb, start: index, end: index + 1, at: 0, bytes: chunk.bytes, from: 0, to: chunk.bytes };
          found.set(chunk, [...(found.get(chunk) ?? []), place]);
        }
      }
    }
  }
  return found;
}

/** 48 bits of a hash. */
function keyOf(hash: Uint8Array): number {
  return hash.slice(0, 6).reduce((key, byte) => key * 256 + byte, 0);
}

/** The file may have been stored with other bounds of chunks, or lie somewhere as a whole. */
async function* readElsewhere(
  tools: ReadTools,
  record: FileRecord,
  { from, to }: { readonly from: number; readonly to: number },
  failure: BranchbookError
): AsyncGenerator<Uint8Array> {
  let at = from;
  const others = tools.catalog.records(record.sha256).filter(other => other !== record);
  const places = [
    ...others.map(other => (): AsyncGenerator<Uint8Array> => readPlainly(tools, other, at, to)),
    (): AsyncGenerator<Uint8Array> => readWhole(tools, record.sha256, at, to)
  ];
  for (const read of places) {
    try {
      for await (const bytes of read()) {
        yield bytes;
        at += bytes.length;
      }
      return;
    } catch (error) {
      if (!isCorrupt(error)) {
        throw error;
      }
    }
  }
  throw failure;
}

async function* readPlainly(
  tools: ReadTools,
  record: FileRecord,
  from: number,
  to: number
): AsyncGenerator<Uint8Array> {
  const buffer = tools.buffers.take();
  const shelf = new XorbShelf(tools, buffer);
  try {
    for (const run of runsOf(tools.catalog, record, from, to)) {
      yield* shelf.read(run);
    }
  } finally {
    await shelf.close();
    tools.buffers.give(buffer);
  }
}
