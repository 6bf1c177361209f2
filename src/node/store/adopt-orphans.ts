/** Xorbs that no shard lists: a session was killed after it had published them. Their work need not be done again. */
import { parseHash, sameHash, xorbHash } from '../../core/chunk/hash';
import type { HashedChunk, IHasher } from '../../core/chunk/hash';
import { listNames, parentOf } from '../../core/durable';
import { CHUNK_HEADER_BYTES, decodeChunk, decodeChunkHeader } from '../../core/format/xorb';
import type { NewShardXorb } from '../../core/format/shard';
import type { XetHash } from '../../core/model/asset';
import type { Catalog } from './catalog';
import { publishShard } from './publisher';
import { ReadAhead, READ_AHEAD_BYTES } from './read-ahead';
import { UnchangingFile } from './unchanging-file';
import { syncFile } from './xorb-writer';
import type { XorbTools } from './xorb-reader';

type AdoptTools = XorbTools & { readonly catalog: Catalog };

/**
 * List them in a shard; gives how many there were. Each is read in full: it counts only if its name is the hash of what
 * it holds. One that another session has just published may be listed twice, which harms nobody.
 */
export async function adoptOrphans(tools: AdoptTools, temporary: string): Promise<number> {
  const { files, layout } = tools;
  const xorbs: NewShardXorb[] = [];
  const buffer = new Uint8Array(READ_AHEAD_BYTES);
  for (const name of await findOrphans(tools)) {
    const path = layout.xorb(name);
    // What cannot be read or is not what its name says stays rubbish: that is no reason not to go on.
    const xorb = await readXorb(tools, name, buffer).catch(() => null);
    if (xorb) {
      await syncFile(files, path);
      await files.syncDirectory(parentOf(path));
      xorbs.push(xorb);
    }
  }
  if (xorbs.length > 0) {
    await publishShard(tools, { files: [], xorbs }, temporary);
  }
  return xorbs.length;
}

async function findOrphans({ files, layout, catalog }: AdoptTools): Promise<readonly XetHash[]> {
  await catalog.refresh();
  const listed = new Set(catalog.xorbs.filter(xorb => xorb.listing).map(xorb => xorb.hash));
  const orphans: XetHash[] = [];
  for (const directory of await listNames(files, layout.xorbs)) {
    const names = await listNames(files, `${layout.xorbs}/${directory}`);
    orphans.push(...names.filter(name => /^[0-9a-f]{64}$/.test(name) && !listed.has(name)));
  }
  return orphans;
}

/** What a shard says of a xorb, from the xorb itself; null when it is not what its name says. */
async function readXorb(
  { files, layout, hasher }: XorbTools,
  name: XetHash,
  buffer: Uint8Array
): Promise<NewShardXorb | null> {
  const path = layout.xorb(name);
  const file = await UnchangingFile.open(files, path, await files.lstat(path));
  const pieces = new ReadAhead(file, buffer, {});
  try {
    const chunks: HashedChunk[] = [];
    while (await pieces.advance()) {
      for (const hashed of wholeChunks(pieces, buffer, hasher)) {
        chunks.push(hashed);
      }
    }
    const hash = xorbHash(hasher, chunks);
    const complete = pieces.start === pieces.end && sameHash(hash, parseHash(name));
    return complete ? { hash, storedBytes: file.size, chunks } : null;
  } finally {
    await pieces.settle();
    await file.close();
  }
}

function* wholeChunks(pieces: ReadAhead, buffer: Uint8Array, hasher: IHasher): Generator<HashedChunk> {
  while (pieces.end - pieces.start >= CHUNK_HEADER_BYTES) {
    const header = decodeChunkHeader(buffer.subarray(0, pieces.end), pieces.start);
    if (pieces.end - pieces.start < CHUNK_HEADER_BYTES + header.stored) {
      return;
    }
    pieces.take(CHUNK_HEADER_BYTES);
    const chunk = decodeChunk(header, pieces.take(header.stored));
    yield { hash: hasher.hash('chunk', chunk), length: chunk.length };
  }
}
