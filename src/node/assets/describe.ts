/** What manifests say, from what was read of them: to be told to others. */
import { fromHex, parseHash, rangeHash } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import type { ChunkList, NewShardFile, NewShardXorb, ShardChunk } from '../../core/format/shard';
import type { Catalog, FileRecord } from '../store/catalog';

export async function describeXorb(catalog: Catalog, number: number): Promise<NewShardXorb> {
  const { hash, storedBytes } = catalog.xorbs[number]!;
  return { hash: parseHash(hash), storedBytes, chunks: shardChunks(await catalog.chunks(number)) };
}

export function shardChunks(list: ChunkList): readonly ShardChunk[] {
  return Array.from({ length: list.count }, (_, index) => ({
    hash: list.hash(index),
    length: list.length(index),
    stored: list.stored(index)
  }));
}

/** As many of the first files as have their packs described with so many chunks; at least one. */
export function firstOf(catalog: Catalog, records: readonly FileRecord[], chunks: number): readonly FileRecord[] {
  const xorbs = new Set<number>();
  let listed = 0;
  const end = records.findIndex(({ terms }, index) => {
    for (const { xorb } of terms.filter(term => !xorbs.has(term.xorb))) {
      xorbs.add(xorb);
      listed += catalog.xorbs[xorb]!.listing?.chunks ?? 0;
    }
    return index > 0 && listed > chunks;
  });
  return end < 0 ? records : records.slice(0, end);
}

/** These files, and the xorbs that they are in. */
export async function describeFiles(
  hasher: IHasher,
  catalog: Catalog,
  records: readonly FileRecord[]
): Promise<{ readonly files: readonly NewShardFile[]; readonly xorbs: readonly NewShardXorb[] }> {
  const xorbs = new Map<number, NewShardXorb>();
  for (const number of new Set(records.flatMap(({ terms }) => terms.map(({ xorb }) => xorb)))) {
    xorbs.set(number, await describeXorb(catalog, number));
  }
  const files = records.map(({ sha256, xetHash, terms }) => ({
    fileHash: parseHash(xetHash),
    sha256: fromHex(sha256),
    terms: terms.map(({ xorb, start, end, bytes }) => ({ xorb: xorbs.get(xorb)!.hash, start, end, bytes })),
    verification: terms.map(({ xorb, start, end }) =>
      rangeHash(
        hasher,
        xorbs
          .get(xorb)!
          .chunks.slice(start, end)
          .map(({ hash }) => hash)
      )
    )
  }));
  return { files, xorbs: [...xorbs.values()] };
}
