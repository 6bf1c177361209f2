/** Deciding what a collection deletes, keeps and packs anew; nothing is changed here. */
import type { Sha256 } from '../../core/model/asset';
import { FRESH_SECONDS } from './catalog';
import type { Catalog, FileRecord, LoadedShard } from './catalog';

/** Xorbs of fewer bytes than this are put together with others. */
const SMALL_XORB = 8 * 1024 * 1024;
const SMALL_SHARD = 1024 * 1024;
/** Less than this share of a xorb's bytes must be needed to pack it anew: else little is won for much copying. */
const MOSTLY_DEAD = 0.5;

export type PlanRequest = {
  readonly needed: ReadonlySet<Sha256>;
  /** Files stored at or after this time are kept, needed or not; seconds since 1970. Infinity: none. */
  readonly youngSince: number;
  /** More small packs, or manifests, than these are put together. */
  readonly smallXorbs: number;
  readonly smallShards: number;
  /** Bytes that may be written; less, and nothing is packed anew. */
  readonly room: number;
  /** Pack no more anew than so many bytes and files at once, the smallest first. Missing = all. */
  readonly most?: Portion;
};

/** So much of the work at once. */
export type Portion = { readonly bytes: number; readonly files: number };

export type CollectPlan = {
  /** Records that stay, each once. */
  readonly kept: ReadonlySet<FileRecord>;
  /** Of these: not needed, but young. */
  readonly young: ReadonlySet<FileRecord>;
  /** Xorbs that are in no file, but young. */
  readonly resting: ReadonlySet<number>;
  /** Xorbs by number, with the needed ones of their chunks: 1 for each. */
  readonly repack: ReadonlyMap<number, Uint8Array>;
  readonly dead: readonly number[];
  /** Shards whose place others take. */
  readonly rewrite: ReadonlySet<LoadedShard>;
  /** Bytes that packing anew will write. */
  readonly copied: number;
};

/** `usable` says of each xorb whether it is there in full and undamaged. */
export async function planCollection(
  catalog: Catalog,
  usable: ReadonlySet<number>,
  request: PlanRequest
): Promise<CollectPlan> {
  const { kept, young } = chooseRecords(catalog, usable, request);
  const needs = neededChunks(catalog, kept);
  const resting = new Set(
    youngXorbs(catalog, request.youngSince).filter(number => usable.has(number) && !needs.has(number))
  );
  const dead = catalog.named().filter(number => !needs.has(number) && !resting.has(number));
  const { repack, copied } = await chooseRepacked(catalog, needs, request);
  const rewrite = chooseShards(catalog, kept, new Set([...dead, ...repack.keys()]), request);
  return { kept, young, resting, repack, dead, rewrite, copied };
}

/** Of several records of a file the newest that is intact. Young ones that are not needed stay only when intact. */
function chooseRecords(
  catalog: Catalog,
  usable: ReadonlySet<number>,
  { needed, youngSince }: PlanRequest
): { readonly kept: ReadonlySet<FileRecord>; readonly young: ReadonlySet<FileRecord> } {
  const kept = new Set<FileRecord>();
  const young = new Set<FileRecord>();
  const ageOf = (record: FileRecord): number => catalog.shards.get(record.shard)!.created;
  for (const records of catalog.files) {
    const intact = records.filter(record => record.terms.every(term => usable.has(term.xorb)));
    const [newest] = [...intact].sort((a, b) => ageOf(b) - ageOf(a));
    if (newest && needed.has(newest.sha256)) {
      kept.add(newest);
    } else if (newest && ageOf(newest) >= youngSince - FRESH_SECONDS) {
      kept.add(newest);
      young.add(newest);
    }
  }
  return { kept, young };
}

/** What an interrupted session stored is in no file yet, and need not be stored again when the session is repeated. */
function youngXorbs(catalog: Catalog, since: number): readonly number[] {
  const young = [...catalog.shards.values()].filter(shard => shard.created >= since - FRESH_SECONDS);
  return young.flatMap(shard => shard.xorbs.map(xorb => xorb.number));
}

function neededChunks(catalog: Catalog, kept: ReadonlySet<FileRecord>): ReadonlyMap<number, Uint8Array> {
  const needs = new Map<number, Uint8Array>();
  for (const { terms } of kept) {
    for (const { xorb, start, end } of terms) {
      const chunks = needs.get(xorb) ?? new Uint8Array(catalog.xorbs[xorb]!.listing!.chunks);
      needs.set(xorb, chunks.fill(1, start, end));
    }
  }
  return needs;
}

async function chooseRepacked(
  catalog: Catalog,
  needs: ReadonlyMap<number, Uint8Array>,
  request: PlanRequest
): Promise<{ readonly repack: ReadonlyMap<number, Uint8Array>; readonly copied: number }> {
  const shares = new Map<number, number>();
  for (const [number, chunks] of needs) {
    shares.set(number, chunks.includes(0) ? await neededShare(catalog, number, chunks) : 1);
  }
  const small = [...needs.keys()].filter(number => catalog.xorbs[number]!.storedBytes < SMALL_XORB);
  const chosen = new Set(small.length > request.smallXorbs ? small : []);
  shares.forEach((share, number) => share < MOSTLY_DEAD && chosen.add(number));
  const sizeOf = (number: number): number => catalog.xorbs[number]!.storedBytes * shares.get(number)!;
  const taken = smallestFirst([...chosen], sizeOf, request.most);
  const copied = taken.reduce((sum, number) => sum + sizeOf(number), 0);
  if (copied > request.room) {
    return { repack: new Map(), copied: 0 };
  }
  return { repack: new Map(taken.map(number => [number, needs.get(number)!])), copied };
}

/** As many as fit, but always two: one alone stays as small as it is. */
function smallestFirst<T>(items: readonly T[], sizeOf: (item: T) => number, most: Portion | undefined): readonly T[] {
  if (!most) {
    return items;
  }
  let sum = 0;
  const sorted = [...items].sort((a, b) => sizeOf(a) - sizeOf(b)).slice(0, Math.max(2, most.files));
  return sorted.filter((item, index) => (sum += sizeOf(item)) <= most.bytes || index < 2);
}

/** Bytes of the needed chunks by bytes of all. */
async function neededShare(catalog: Catalog, number: number, needed: Uint8Array): Promise<number> {
  const chunks = await catalog.chunks(number);
  let bytes = 0;
  for (let index = 0; index < chunks.count; index++) {
    bytes += needed[index] ? chunks.length(index) : 0;
  }
  return bytes / catalog.xorbs[number]!.bytes;
}

/** A shard is written anew when it says something that will not be true, and when there are many small ones. */
function chooseShards(
  catalog: Catalog,
  kept: ReadonlySet<FileRecord>,
  going: ReadonlySet<number>,
  request: PlanRequest
): ReadonlySet<LoadedShard> {
  const shards = [...catalog.shards.values()];
  const isWrong = ({ files, xorbs }: LoadedShard): boolean =>
    xorbs.some(xorb => going.has(xorb.number)) ||
    files.some(file => !kept.has(file) || file.terms.some(term => going.has(term.xorb)));
  const small = shards.filter(shard => shard.bytes < SMALL_SHARD);
  const joined = small.length > request.smallShards ? smallestFirst(small, shard => shard.bytes, request.most) : [];
  return new Set([...joined, ...shards.filter(isWrong)]);
}
