/** The one pass over a file that is stored: read, cut, hash, look up, append what is new. */
import { MAX_CHUNK } from '../../core/chunk/chunker';
import type { IChunker } from '../../core/chunk/chunker';
import type { IHasher } from '../../core/chunk/hash';
import type { FileStat, IFileSystem } from '../../core/port';
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
  const known = new ChunkTable(job.known);
  const recipe = new Recipe(hasher);
  const file = await UnchangingFile.open(files, job.path, job.stat);
  const pieces = new ReadAhead(file, chunker.buffer, hooks);
  let newBytes = 0;
  try {
    while (await pieces.advance()) {
      for (const chunk of wholeChunks(pieces, chunker)) {
        const hash = hasher.hash('chunk', chunk);
        const stored = known.find(hash);
        const written = stored < 0 ? writer.table.find(hash) : -1;
        if (stored >= 0) {
          recipe.push('store', known.place(stored), hash, chunk.length);
        } else if (written >= 0) {
          recipe.push('session', writer.table.place(written), hash, chunk.length);
        } else {
          // Only what has to wait does: waiting costs more than all the bookkeeping of a chunk.
          if (!writer.hasRoom(chunk.length)) {
            await writer.makeRoom(chunk.length);
          }
          newBytes += chunk.length;
          recipe.push('session', writer.append(hash, chunk), hash, chunk.length);
        }
      }
    }
    await file.verify();
  } finally {
    await pieces.settle();
    await file.close();
  }
  return recipe.finish(newBytes);
}

/** The chunks whose end is certain: the longest one would be seen in full, or the file has arrived. */
function* wholeChunks(pieces: ReadAhead, chunker: IChunker): Generator<Uint8Array> {
  while (pieces.end - pieces.start >= MAX_CHUNK || (pieces.isLast && pieces.start < pieces.end)) {
    yield pieces.take(chunker.cut(pieces.start, pieces.end));
  }
}
