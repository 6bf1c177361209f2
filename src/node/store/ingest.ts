/** The one pass over a file that is stored: read, cut, hash, look up, append what is new. */
import { hash as digest } from 'node:crypto';
import { MAX_CHUNK } from '../../core/chunk/chunker';
import type { IChunker } from '../../core/chunk/chunker';
import type { IHasher } from '../../core/chunk/hash';
import type { Sha256 } from '../../core/model/asset';
import type { FileStat, IFileSystem, SeenFile } from '../../core/port';
import { ChunkTable } from './chunk-table';
import type { ChunkTableMemory } from './chunk-table';
import { ReadAhead } from './read-ahead';
import type { ReadHooks } from './read-ahead';
import { Recipe } from './recipe';
import type { Ingested } from './recipe';
import { UnchangingFile } from './unchanging-file';
import type { SessionState, XorbWriter } from './xorb-writer';

export type IngestTools = {
  readonly files: IFileSystem;
  /** Its buffer holds READ_AHEAD_BYTES. */
  readonly chunker: IChunker;
  readonly hasher: IHasher;
};

export type IngestJob = {
  readonly path: string;
  /** What `lstat` said of it. */
  readonly stat: FileStat | null;
  /** The session as it was last released; whoever works for it already knows better. */
  readonly state: SessionState;
  /** Chunks that the store has. */
  readonly known: ChunkTableMemory;
};

/**
 * Store one file: what is new of it is appended by `writer`. A file that changed or cannot be read (FILE_CHANGED,
 * FILE_UNREADABLE) or a fired signal (CANCELLED) leave the writer usable; after other failures it is not.
 */
export async function ingest(
  { files, chunker, hasher }: IngestTools,
  job: IngestJob,
  writer: XorbWriter,
  hooks: ReadHooks
): Promise<Ingested> {
  const assembly = new Assembly(hasher, new ChunkTable(job.known), writer);
  const file = await UnchangingFile.open(files, job.path, job.stat);
  const pieces = new ReadAhead(file, chunker.buffer, hooks);
  try {
    while (await pieces.advance()) {
      for (const chunk of wholeChunks(pieces, chunker)) {
        const waiting = assembly.push(chunk);
        if (waiting) {
          await waiting;
        }
      }
    }
    await file.verify();
  } finally {
    await pieces.settle();
    await file.close();
  }
  return assembly.finish();
}

export type HashedFile = Ingested & { readonly sha256: Sha256 };

/** Small files, to be read together. */
export type SmallFilesJob = Pick<IngestJob, 'state' | 'known'> & { readonly files: readonly SeenFile[] };

/** Store small files that have room in the chunker's buffer, all of them; null for one that is not what its stat says. */
export async function ingestSmall(
  tools: IngestTools,
  { files, known }: SmallFilesJob,
  writer: XorbWriter
): Promise<readonly (HashedFile | null)[]> {
  const { chunker, hasher } = tools;
  const isRead = await tools.files.readUnchanged(files, chunker.buffer);
  const table = new ChunkTable(known);
  const stored: (HashedFile | null)[] = [];
  let start = 0;
  for (const [position, { stat }] of files.entries()) {
    const end = start + stat.size;
    const assembly = new Assembly(hasher, table, writer);
    stored.push(isRead[position] ? await ingestBytes(chunker, assembly, start, end) : null);
    start = end;
  }
  return stored;
}

/** Store what stands in the chunker's buffer from `start` to `end`: all of a file. */
async function ingestBytes(chunker: IChunker, assembly: Assembly, start: number, end: number): Promise<HashedFile> {
  const sha256 = digest('sha256', chunker.buffer.subarray(start, end), 'hex');
  for (let at = start; at < end;) {
    const length = chunker.cut(at, end);
    const waiting = assembly.push(chunker.buffer.subarray(at, at + length));
    if (waiting) {
      await waiting;
    }
    at += length;
  }
  return { ...assembly.finish(), sha256 };
}

/** Puts one file together from its chunks. */
class Assembly {
  private readonly _recipe: Recipe;
  private _newBytes = 0;

  constructor(
    private readonly _hasher: IHasher,
    private readonly _known: ChunkTable,
    private readonly _writer: XorbWriter
  ) {
    this._recipe = new Recipe(_hasher);
  }

  /** Take the next chunk. A promise only where it must be waited for: that costs more than all else about a chunk. */
  push(chunk: Uint8Array): Promise<void> | null {
    const hash = this._hasher.hash('chunk', chunk);
    const stored = this._known.find(hash);
    const written = stored < 0 ? this._writer.table.find(hash) : -1;
    if (stored >= 0) {
      this._recipe.push('store', this._known.place(stored), hash, chunk.length);
    } else if (written >= 0) {
      this._recipe.push('session', this._writer.table.place(written), hash, chunk.length);
    } else if (!this._writer.hasRoom(chunk.length)) {
      return this._writer.makeRoom(chunk.length).then(() => this._append(hash, chunk));
    } else {
      this._append(hash, chunk);
    }
    return null;
  }

  finish(): Ingested {
    return this._recipe.finish(this._newBytes);
  }

  private _append(hash: Uint8Array, chunk: Uint8Array): void {
    this._newBytes += chunk.length;
    this._recipe.push('session', this._writer.append(hash, chunk), hash, chunk.length);
  }
}

/** The chunks whose end is certain: the longest one would be seen in full, or the file has arrived. */
function* wholeChunks(pieces: ReadAhead, chunker: IChunker): Generator<Uint8Array> {
  while (pieces.end - pieces.start >= MAX_CHUNK || (pieces.isLast && pieces.start < pieces.end)) {
    yield pieces.take(chunker.cut(pieces.start, pieces.end));
  }
}
