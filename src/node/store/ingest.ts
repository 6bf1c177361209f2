/** The one pass over a file that is stored: read, cut, hash, look up, append what is new. */
import { MAX_CHUNK } from '../../core/chunk/chunker';
import type { IChunker } from '../../core/chunk/chunker';
import { fileHash, MerkleTree, rangeHash } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import { BranchbookError } from '../../core/error';
import type { IFileSystem } from '../../core/port';
import { ChunkTable } from './chunk-table';
import type { ChunkPlace, ChunkTableMemory } from './chunk-table';
import { UnchangingFile } from './unchanging-file';
import { XorbWriter } from './xorb-writer';
import type { SessionState } from './xorb-writer';

const READ_BYTES = 1024 * 1024;
/** What a chunker for `ingest` should hold, in bytes. */
export const INGEST_BUFFER = 4 * READ_BYTES + MAX_CHUNK;

export type IngestTools = {
  readonly files: IFileSystem;
  readonly chunker: IChunker;
  readonly hasher: IHasher;
  /** WRITE_BYTES for the writer. */
  readonly staging: Uint8Array;
};

export type IngestJob = {
  readonly path: string;
  readonly state: SessionState;
  /** Chunks that the store has. */
  readonly known: ChunkTableMemory;
};

export type IngestHooks = {
  readonly signal?: AbortSignal | undefined;
  /** Called with every piece read, in order. */
  readonly onBytes?: (bytes: Uint8Array) => void;
};

/** A run of chunks of one xorb: of the store, or written by this session. */
export type IngestedTerm = {
  readonly origin: 'store' | 'session';
  /** Number in the catalog, or ordinal in the session. */
  readonly xorb: number;
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
  readonly verification: Uint8Array;
};

export type Ingested = {
  readonly size: number;
  readonly fileHash: Uint8Array;
  readonly chunks: number;
  readonly newBytes: number;
  readonly terms: readonly IngestedTerm[];
};

/** The session goes on from `state` whether or not the file could be added. */
export type IngestOutcome = { readonly state: SessionState; readonly result: Ingested | BranchbookError };

type OpenTerm = {
  origin: 'store' | 'session';
  xorb: number;
  start: number;
  end: number;
  bytes: number;
  hashes: Uint8Array[];
};

/** Collects what one file is made of. */
class Recipe {
  private readonly _terms: IngestedTerm[] = [];
  private readonly _tree: MerkleTree;
  private _open: OpenTerm | null = null;
  private _chunks = 0;
  private _size = 0;

  constructor(private readonly _hasher: IHasher) {
    this._tree = new MerkleTree(_hasher);
  }

  push(origin: 'store' | 'session', { xorb, index }: ChunkPlace, hash: Uint8Array, length: number): void {
    const open = this._open;
    if (open && open.origin === origin && open.xorb === xorb && open.end === index) {
      open.end += 1;
      open.bytes += length;
      open.hashes.push(hash);
    } else {
      this._close();
      this._open = { origin, xorb, start: index, end: index + 1, bytes: length, hashes: [hash] };
    }
    this._tree.push({ hash, length });
    this._chunks += 1;
    this._size += length;
  }

  finish(newBytes: number): Ingested {
    this._close();
    const root = this._chunks > 0 ? this._tree.root() : null;
    const hash = fileHash(this._hasher, root);
    return { size: this._size, fileHash: hash, chunks: this._chunks, newBytes, terms: this._terms };
  }

  private _close(): void {
    if (this._open) {
      const { hashes, ...term } = this._open;
      this._terms.push({ ...term, verification: rangeHash(this._hasher, hashes) });
      this._open = null;
    }
  }
}

/** Cut the file into chunks; each one is valid only until the next is asked for. */
async function* cutFile(file: UnchangingFile, chunker: IChunker, hooks: IngestHooks): AsyncGenerator<Uint8Array> {
  const { buffer } = chunker;
  let filled = 0;
  let position = 0;
  let ended = false;
  while (!ended || filled > 0) {
    while (!ended && filled < buffer.length) {
      hooks.signal?.throwIfAborted();
      // No more than is left, and one byte to see the end: small reads stay on this thread.
      const wanted = Math.min(READ_BYTES, file.size - position + 1);
      const piece = buffer.subarray(filled, Math.min(filled + wanted, buffer.length));
      const count = await file.read(piece, position);
      hooks.onBytes?.(piece.subarray(0, count));
      filled += count;
      position += count;
      ended = count === 0;
    }
    let at = 0;
    while (at < filled && (ended || filled - at >= MAX_CHUNK)) {
      const length = chunker.cut(at, filled);
      yield buffer.subarray(at, at + length);
      at += length;
    }
    buffer.copyWithin(0, at, filled);
    filled -= at;
  }
}

async function storeChunks(
  tools: IngestTools,
  job: IngestJob,
  writer: XorbWriter,
  hooks: IngestHooks
): Promise<Ingested> {
  const { chunker, hasher } = tools;
  const known = new ChunkTable(job.known);
  const recipe = new Recipe(hasher);
  const file = await UnchangingFile.open(tools.files, job.path);
  let newBytes = 0;
  try {
    for await (const chunk of cutFile(file, chunker, hooks)) {
      const hash = hasher.hash('chunk', chunk);
      const stored = known.find(hash);
      const written = stored < 0 ? writer.table.find(hash) : -1;
      if (stored >= 0) {
        recipe.push('store', known.place(stored), hash, chunk.length);
      } else if (written >= 0) {
        recipe.push('session', writer.table.place(written), hash, chunk.length);
      } else {
        newBytes += chunk.length;
        recipe.push('session', await writer.append(hash, chunk), hash, chunk.length);
      }
    }
    await file.verify();
  } finally {
    await file.close();
  }
  return recipe.finish(newBytes);
}

/**
 * Store one file. A file that changed, cannot be read, or a cancelled job leave the session usable; failures to write
 * the store reject.
 */
export async function ingest(tools: IngestTools, job: IngestJob, hooks: IngestHooks): Promise<IngestOutcome> {
  const writer = new XorbWriter(tools.files, job.state, tools.staging);
  let result: Ingested | BranchbookError;
  try {
    result = await storeChunks(tools, job, writer, hooks);
  } catch (error) {
    result = BranchbookError.from(error);
    if (!['FILE_CHANGED', 'FILE_UNREADABLE', 'CANCELLED'].includes(result.code)) {
      await writer.close().catch(() => undefined);
      throw result;
    }
  }
  await writer.close();
  return { state: writer.state, result };
}
