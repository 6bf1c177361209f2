/** Storing a content that comes chunk by chunk from elsewhere: compare, look up, append what is new. */
import { throwIfCancelled } from '../../core/cancel';
import { sameHash, spellHash } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import { MAX_CHUNK } from '../../core/chunk/chunker';
import { BranchbookError } from '../../core/error';
import type { Sha256 } from '../../core/model/asset';
import type { Activity, ArrivingChunk } from '../../core/port';
import type { ChunkPlace, ChunkTable } from './chunk-table';
import type { Digests, IDigest } from './digest';
import { Recipe } from './recipe';
import type { Ingested } from './recipe';
import type { XorbWriter } from './xorb-writer';

/** Verified bytes of chunks that are here, until the next call. */
export interface IChunkSource {
  stored(place: ChunkPlace, length: number): Promise<Uint8Array>;
  written(entry: number): Promise<Uint8Array>;
}

export type ReceiveTools = {
  readonly hasher: IHasher;
  readonly digests: Digests;
  /** Chunks that the store has. */
  readonly known: ChunkTable;
  readonly writer: XorbWriter;
  readonly source: IChunkSource;
};

/** OBJECT_CORRUPT leaves the writer usable: what was appended are chunks that are what their hashes say. */
export async function receive(
  tools: ReceiveTools,
  sha256: Sha256,
  chunks: AsyncIterable<ArrivingChunk>,
  activity: Activity
): Promise<Ingested> {
  const digest = tools.digests.begin();
  try {
    const ingested = await receiveAll(tools, sha256, chunks, digest, activity);
    if ((await digest.hex()) !== sha256) {
      throw wrong(sha256, 'its bytes do not have that SHA-256');
    }
    return ingested;
  } finally {
    digest.close();
  }
}

async function receiveAll(
  tools: ReceiveTools,
  sha256: Sha256,
  chunks: AsyncIterable<ArrivingChunk>,
  digest: IDigest,
  activity: Activity
): Promise<Ingested> {
  const recipe = new Recipe(tools.hasher);
  let newBytes = 0;
  for await (const chunk of chunks) {
    throwIfCancelled(activity);
    const { origin, place, bytes, isNew } = await takeIn(tools, sha256, chunk);
    await digest.update(bytes);
    recipe.push(origin, place, chunk.hash, bytes.length);
    newBytes += isNew ? bytes.length : 0;
  }
  return recipe.finish(newBytes);
}

type Taken = {
  readonly origin: 'store' | 'session';
  readonly place: ChunkPlace;
  readonly bytes: Uint8Array;
  readonly isNew: boolean;
};

async function takeIn(
  { hasher, known, writer, source }: ReceiveTools,
  sha256: Sha256,
  { hash, length, bytes }: ArrivingChunk
): Promise<Taken> {
  if (bytes && (length > MAX_CHUNK || bytes.length !== length || !sameHash(hasher.hash('chunk', bytes), hash))) {
    throw wrong(sha256, `the chunk ${spellHash(hash)} is not what its hash says`);
  }
  const stored = known.find(hash);
  if (stored >= 0) {
    const place = known.place(stored);
    return { origin: 'store', place, bytes: bytes ?? (await source.stored(place, length)), isNew: false };
  }
  const written = writer.table.find(hash);
  if (written >= 0) {
    const place = writer.table.place(written);
    return { origin: 'session', place, bytes: bytes ?? (await source.written(written)), isNew: false };
  }
  if (!bytes) {
    throw wrong(sha256, `the chunk ${spellHash(hash)} did not come`);
  }
  if (!writer.hasRoom(length)) {
    await writer.makeRoom(length);
  }
  return { origin: 'session', place: writer.append(hash, bytes), bytes, isNew: true };
}

function wrong(sha256: Sha256, reason: string): BranchbookError {
  const message = `The content ${sha256} did not arrive as it should: ${reason}.`;
  return new BranchbookError(
    'OBJECT_CORRUPT',
    message,
    { sha256, reason },
    'Try again; ask who runs the place when it stays so.'
  );
}
