/**
 * Deleting what no ref of a project needs any more from the bucket that holds its contents, pack by pack. Why no content that
 * is needed can go, whoever pushes meanwhile and wherever this is cut off, stands in core/format/README.md, "Collection at places".
 */
import { throwIfCancelled } from '../../core/cancel';
import type { IHasher } from '../../core/chunk/hash';
import { mapConcurrently } from '../../core/concurrency';
import { BranchbookError } from '../../core/error';
import { encodeShard } from '../../core/format/shard';
import type { Sha256, XetHash } from '../../core/model/asset';
import type { PlaceCollection, PlaceCollectionRequest, StoreUsage } from '../../core/model/maintenance';
import type { Activity, BucketObject, FindNeeded, IBucket } from '../../core/port';
import type { Catalog, FileRecord, LoadedShard } from '../store/catalog';
import { isEmptyFile } from '../store/read-file';
import { DELETING } from './departures';
import type { Departures, Leaving } from './departures';
import { describeFiles, describeXorb } from './describe';
import { shardKey } from './shard-cache';
import type { ShardCache } from './shard-cache';
import { xorbKey } from './xorb-key';

/** Packs that are deleted at once: so many are gone long before `DELETING` is over. */
const PORTION = 1000;
const AT_ONCE = 8;
/** Milliseconds: a push moves its refs within half of it after it was told that what they need is kept. */
const LEAST_GRACE = 24 * 3_600_000;
const PACK = /^xorbs\/[0-9a-f]{2}\/([0-9a-f]{64})$/;

export type CollectTools = {
  readonly bucket: IBucket;
  readonly hasher: IHasher;
  readonly shards: ShardCache;
  readonly departures: Departures;
};

type Packs = ReadonlyMap<XetHash, BucketObject>;

/** What nothing needs, and what is missing. */
type Survey = { readonly unneeded: ReadonlySet<XetHash>; readonly missing: number };

export async function collectAssets(
  tools: CollectTools,
  request: PlaceCollectionRequest,
  findNeeded: FindNeeded,
  activity: Activity
): Promise<PlaceCollection> {
  const { departures, shards, bucket } = tools;
  requireGrace(request.grace);
  // The time, the list, and only then the refs: what is listed long enough now was so while they were read.
  const now = await departures.now();
  const listed = await departures.read();
  if (listed?.elsewhere) {
    throw unknowable('work that is kept in another history has its contents here');
  }
  const needed = await findNeeded();
  await shards.refreshAnew(activity);
  const packs = await packsOf(bucket, activity);
  const { unneeded, missing } = survey(shards.catalog, packs, needed, request);
  const before = await measure(tools, packs);
  const due = dueOf(listed, unneeded, now - request.grace);
  const contents = contentsIn(shards.catalog, unneeded);
  const gone = contentsIn(shards.catalog, new Set(due.keys()));
  if (!request.dryRun) {
    await departures.list(unneeded);
    await sweep(tools, due, activity);
  }
  const leaving = [...unneeded].filter(pack => !due.has(pack));
  const removed = { contents: gone.size, packs: due.size, bytes: bytesOf(packs, due.keys()) };
  const first = Math.min(...leaving.map(pack => listed?.since.get(pack) ?? now));
  return {
    before,
    after: request.dryRun
      ? {
          ...before,
          bytes: before.bytes - removed.bytes,
          packs: before.packs - removed.packs,
          contents: before.contents - gone.size
        }
      : await measure(tools, await packsOf(bucket, activity)),
    removed,
    leaving: { contents: contents.size - gone.size, bytes: bytesOf(packs, leaving) },
    due: leaving.length > 0 ? first + request.grace : null,
    needed: needed?.size ?? 0,
    missing
  };
}

function requireGrace(grace: number): void {
  if (grace < LEAST_GRACE) {
    const reason = 'somebody may be pushing';
    const message = 'At a place the grace period is a day or more, since others may be pushing.';
    throw new BranchbookError('USAGE', message, { argument: 'grace', reason }, 'For example: --grace 1d');
  }
}

async function packsOf(bucket: IBucket, activity: Activity): Promise<Packs> {
  const packs = new Map<XetHash, BucketObject>();
  for await (const object of bucket.list('xorbs/')) {
    throwIfCancelled(activity);
    const name = PACK.exec(object.key)?.[1];
    if (name !== undefined) {
      packs.set(name, object);
    }
  }
  return packs;
}

/** PROJECT_DAMAGED. */
function survey(
  catalog: Catalog,
  packs: Packs,
  needed: ReadonlySet<Sha256> | null,
  { ignoreMissing }: PlaceCollectionRequest
): Survey {
  const [damaged] = catalog.damagedShards;
  if (damaged) {
    throw damage(`the manifest ${damaged[0]} cannot be read: ${damaged[1]}`);
  }
  if (!needed && catalog.shards.size > 0) {
    throw unknowable('it has contents, but no branch or tag');
  }
  const used = new Set<XetHash>();
  let missing = 0;
  for (const sha256 of needed ?? []) {
    const records = catalog.records(sha256);
    if (records.length > 0 && !records.some(record => isWhole(catalog, packs, record))) {
      throw damage(`packs of the content ${sha256} are missing or cut off`);
    }
    missing += records.length === 0 && !isEmptyFile(sha256) ? 1 : 0;
    records.forEach(record => packsIn(catalog, record).forEach(pack => used.add(pack)));
  }
  if (missing > 0 && !ignoreMissing) {
    throw damage(
      `${missing} contents that branches and tags lead to are not there`,
      ' Was that always so? Then use `--ignore-missing`.'
    );
  }
  const all = [...packs.keys(), ...catalog.named().map(number => catalog.xorbs[number]!.hash)];
  return { unneeded: new Set(all.filter(pack => !used.has(pack))), missing };
}

function isWhole(catalog: Catalog, packs: Packs, { terms }: FileRecord): boolean {
  return terms.every(({ xorb }) => {
    const { hash, listing, storedBytes } = catalog.xorbs[xorb]!;
    return listing !== null && packs.get(hash)?.size === storedBytes;
  });
}

const packsIn = (catalog: Catalog, { terms }: FileRecord): readonly XetHash[] =>
  terms.map(({ xorb }) => catalog.xorbs[xorb]!.hash);

/** Those that have been listed since then or longer, and since when. */
function dueOf(listed: Leaving | null, unneeded: ReadonlySet<XetHash>, until: number): ReadonlyMap<XetHash, number> {
  return new Map([...(listed?.since ?? [])].filter(([pack, since]) => unneeded.has(pack) && since <= until));
}

/** Contents that cannot be had without these packs. */
function contentsIn(catalog: Catalog, packs: ReadonlySet<XetHash>): ReadonlySet<Sha256> {
  const found = new Set<Sha256>();
  for (const records of catalog.files) {
    if (records.every(record => packsIn(catalog, record).some(pack => packs.has(pack)))) {
      found.add(records[0]!.sha256);
    }
  }
  return found;
}

function bytesOf(packs: Packs, names: Iterable<XetHash>): number {
  return [...names].reduce((sum, name) => sum + (packs.get(name)?.size ?? 0), 0);
}

async function measure({ shards: { catalog } }: CollectTools, packs: Packs): Promise<StoreUsage> {
  const manifests = [...catalog.shards.values()];
  return {
    bytes: bytesOf(packs, packs.keys()) + manifests.reduce((sum, { bytes }) => sum + bytes, 0),
    contents: [...catalog.files].length,
    packs: packs.size,
    manifests: manifests.length
  };
}

async function sweep(tools: CollectTools, due: ReadonlyMap<XetHash, number>, activity: Activity): Promise<void> {
  const all = [...due];
  for (let at = 0; at < all.length; at += PORTION) {
    throwIfCancelled(activity);
    activity.onProgress?.({ phase: 'Deleting packs', done: at, total: all.length, unit: 'files' });
    // Cancelled in between, the packs would be nobody's to touch for an hour.
    await deletePacks(tools, new Map(all.slice(at, at + PORTION)));
  }
}

/** First manifests without them, then the manifests that named them, then the packs. */
async function deletePacks(
  { bucket, shards, departures, hasher }: CollectTools,
  packs: ReadonlyMap<XetHash, number>
): Promise<void> {
  const claimed = await departures.claim(packs);
  const until = Date.now() + DELETING;
  const remove = async (key: string): Promise<void> => {
    if (Date.now() > until) {
      throw new BranchbookError(
        'LOCKED',
        'Deleting took too long, so the rest stays.',
        { path: key },
        'Try again in an hour.'
      );
    }
    await bucket.delete(key);
  };
  if (claimed.length === 0) {
    return;
  }
  await shards.refreshAnew();
  const gone = new Set(claimed);
  const old = [...shards.catalog.shards.values()].filter(shard => mentions(shards.catalog, shard, gone));
  for (const shard of old) {
    const bytes = await withoutPacks(shards.catalog, hasher, shard, gone);
    await (bytes && shards.publish(bytes));
  }
  await mapConcurrently(old, ({ name }) => remove(shardKey(name)), AT_ONCE);
  await mapConcurrently(claimed, pack => remove(xorbKey(pack)), AT_ONCE);
  await departures.release(claimed);
  await shards.refreshAnew();
}

function mentions(catalog: Catalog, { files, xorbs }: LoadedShard, packs: ReadonlySet<XetHash>): boolean {
  return (
    xorbs.some(({ record }) => packs.has(record.hash)) ||
    files.some(file => packsIn(catalog, file).some(pack => packs.has(pack)))
  );
}

/** What a manifest says of everything else; null when that is nothing. */
async function withoutPacks(
  catalog: Catalog,
  hasher: IHasher,
  { files, xorbs, created }: LoadedShard,
  packs: ReadonlySet<XetHash>
): Promise<Uint8Array | null> {
  const stays = ({ terms }: FileRecord): boolean =>
    terms.every(({ xorb }) => catalog.xorbs[xorb]!.listing !== null && !packs.has(catalog.xorbs[xorb]!.hash));
  const kept = (await describeFiles(hasher, catalog, files.filter(stays))).files;
  const listed = xorbs.filter(({ record }) => !packs.has(record.hash));
  const described = [];
  for (const { number } of listed) {
    described.push(await describeXorb(catalog, number));
  }
  return kept.length + described.length > 0 ? encodeShard({ files: kept, xorbs: described }, created) : null;
}

function damage(reason: string, more = ''): BranchbookError {
  return new BranchbookError(
    'PROJECT_DAMAGED',
    `Nothing was deleted: ${reason}.`,
    { reason },
    `Send what is missing from a clone that has it: \`branchbook push --all\`.${more}`
  );
}

function unknowable(reason: string): BranchbookError {
  return new BranchbookError(
    'PROJECT_DAMAGED',
    `Nothing was deleted, since it cannot be told what is needed: ${reason}.`,
    { reason },
    'What a place keeps for histories elsewhere stays there.'
  );
}
