/**
 * Deleting what nothing needs. The order is that of src/core/format/README.md, "Collection": new xorbs, new shards, then
 * old shards, then old xorbs; a crash in between leaves more than is needed, never less.
 */
import { throwIfCancelled } from '../../core/cancel';
import { spellHash } from '../../core/chunk/hash';
import { listNames, unlinkQuietly } from '../../core/durable';
import { BranchbookError, hasCode } from '../../core/error';
import type { CollectionReport, Saving, StoreUsage } from '../../core/model/maintenance';
import type { Sha256 } from '../../core/model/asset';
import type { Activity, CollectionRequest, FileStat } from '../../core/port';
import { oldTemporaries } from './check-store';
import { planCollection } from './collect-plan';
import type { CollectPlan } from './collect-plan';
import { compressXorbs, estimateCompression } from './compress';
import type { CompressTools } from './compress';
import { repackXorbs } from './repack';
import type { Repacked, RepackTools } from './repack';
import { rewriteShards } from './rewrite-shards';
import type { ShardAges } from './rewrite-shards';

/** Bytes that stay free on the disk whatever is packed anew. */
export const RESERVE = 256 * 1024 * 1024;

type Sizes = Pick<CollectionReport, 'before' | 'removed' | 'repacked' | 'compressed'>;

/** Called by the only process that works on the store. What it throws has changed nothing that matters. */
export async function collectStore(
  tools: RepackTools & CompressTools,
  prefix: string,
  request: CollectionRequest
): Promise<CollectionReport> {
  const { catalog, files, layout } = tools;
  await catalog.refresh();
  refuseDamagedShards(tools);
  const usable = await usableXorbs(tools, request);
  const missing = await refuseMissing(tools, usable, request);
  const before = await measure(tools);
  const plan = await planCollection(catalog, usable, {
    needed: request.needed,
    youngSince: request.grace === 0 ? Infinity : (request.now - request.grace) / 1000,
    smallXorbs: request.smallPacks,
    smallShards: request.smallManifests,
    room: (await files.freeBytes(layout.home)) - RESERVE
  });
  const orphans = missing > 0 ? [] : await findOrphans(tools, request);
  const report = describe(tools, plan, before, orphans);
  if (request.dryRun) {
    const compressed = await estimate(tools, plan, usable, request);
    return { ...report, compressed, after: predict({ ...report, compressed }, plan), missing };
  }
  throwIfCancelled(request);
  await sweep(tools, plan, prefix, { ...request, now: Math.floor(request.now / 1000) });
  const compressed = await compress(tools, prefix, request);
  await catalog.refresh();
  // Looked for once more: what was packed anew may have the name of one that an earlier collection left.
  await removeRubbish(tools, missing > 0 ? [] : await findOrphans(tools, request));
  return { ...report, compressed, after: await measure(tools), missing };
}

export function refuseDamagedShards({ catalog }: RepackTools): void {
  const [damaged] = catalog.damagedShards;
  if (damaged) {
    const [name, reason] = damaged;
    throw new BranchbookError('OBJECT_CORRUPT', `The manifest ${name} cannot be read: ${reason}.`, { shard: name });
  }
}

/** Those that are there in full and undamaged. */
export async function usableXorbs({ catalog }: RepackTools, activity: Activity): Promise<ReadonlySet<number>> {
  const usable = new Set<number>();
  for (const number of catalog.named()) {
    await activity.breathe?.();
    if (await catalog.isUsable(number)) {
      usable.add(number);
    }
  }
  return usable;
}

/** Needed contents must be here in full; gives how many never were. */
async function refuseMissing(
  { catalog, files, layout }: RepackTools,
  usable: ReadonlySet<number>,
  { needed, ignoreMissing, elsewhere }: CollectionRequest
): Promise<number> {
  const intact = new Set<Sha256>();
  const known = new Set<Sha256>();
  for (const records of catalog.files) {
    known.add(records[0]!.sha256);
    if (records.some(record => record.terms.every(term => usable.has(term.xorb)))) {
      intact.add(records[0]!.sha256);
    }
  }
  let missing = 0;
  for (const sha256 of needed) {
    if (!intact.has(sha256) && !(await files.lstat(layout.lfsObject(sha256)))) {
      if (known.has(sha256)) {
        throw new BranchbookError('OBJECT_CORRUPT', `The content ${sha256} is damaged.`, { sha256 });
      }
      if (!ignoreMissing && !elsewhere?.has(sha256)) {
        throw new BranchbookError('ASSET_MISSING', `The content ${sha256} is not in the store.`, { sha256 });
      }
      missing += 1;
    }
  }
  return missing;
}

/** Carry out what was planned. */
export async function sweep(
  tools: RepackTools,
  plan: CollectPlan,
  prefix: string,
  request: Activity & ShardAges
): Promise<void> {
  const { catalog, files, layout } = tools;
  if (plan.rewrite.size === 0) {
    return;
  }
  const old = [...plan.dead, ...plan.repack.keys()].map(number => catalog.xorbs[number]!.hash);
  const repacked = await repackXorbs(tools, plan.repack, prefix, request);
  const names = await rewriteShards(tools, plan, repacked, prefix, request).catch(async (error: unknown) => {
    if (hasCode(error, 'CANCELLED')) {
      await removeUnlisted(tools, repacked);
    }
    throw error;
  });
  for (const { name } of plan.rewrite) {
    if (!names.includes(name)) {
      await files.unlink(layout.shard(name));
    }
  }
  // Should the shards come back after a power loss, their xorbs must still be there.
  await files.syncDirectory(layout.shards);
  await catalog.refresh();
  const listed = new Set(catalog.named().map(number => catalog.xorbs[number]!.hash));
  for (const hash of old.filter(name => !listed.has(name))) {
    await unlinkPresent(tools, layout.xorb(hash));
    await unlinkPresent(tools, layout.damaged(hash));
  }
}

/** What was packed anew before somebody cancelled, unless a manifest lists it already. */
async function removeUnlisted({ catalog, files, layout }: RepackTools, { xorbs }: Repacked): Promise<void> {
  await catalog.refresh();
  const listed = new Set(catalog.named().map(number => catalog.xorbs[number]!.hash));
  for (const name of xorbs.map(({ hash }) => spellHash(hash)).filter(each => !listed.has(each))) {
    await unlinkQuietly(files, layout.xorb(name));
  }
}

const NOTHING: Saving = { packs: 0, bytes: 0 };

function estimate(
  tools: CompressTools,
  plan: CollectPlan,
  usable: ReadonlySet<number>,
  request: CollectionRequest
): Promise<Saving> {
  const going = new Set([...plan.dead, ...plan.repack.keys()]);
  const staying = [...usable].filter(number => !going.has(number));
  return request.compress ? estimateCompression(tools, staying, request) : Promise.resolve(NOTHING);
}

/** After the sweep, since what is not needed need not be compressed. */
async function compress(
  tools: RepackTools & CompressTools,
  prefix: string,
  request: CollectionRequest
): Promise<Saving> {
  if (!request.compress) {
    return NOTHING;
  }
  await tools.catalog.refresh();
  const room = (await tools.files.freeBytes(tools.layout.home)) - RESERVE;
  return compressXorbs(tools, [...(await usableXorbs(tools, request))], { prefix, room }, request);
}

async function unlinkPresent({ files }: RepackTools, path: string): Promise<void> {
  if (await files.lstat(path)) {
    await files.unlink(path);
  }
}

/** Xorbs that no shard lists, and marks of xorbs that are gone: what sessions left that did not finish. */
async function findOrphans(tools: RepackTools, { now, grace }: CollectionRequest): Promise<readonly Orphan[]> {
  const { catalog } = tools;
  const named = new Set(catalog.named().map(number => catalog.xorbs[number]!.hash));
  const orphans: Orphan[] = [];
  for await (const { name, path, stat } of packFiles(tools)) {
    const isOld = now - Number(stat.mtimeNs / 1_000_000n) >= grace;
    if (!named.has(name.replace(/\.damaged$/, '')) && isOld) {
      orphans.push({ path, bytes: stat.size });
    }
  }
  return orphans;
}

type Orphan = { readonly path: string; readonly bytes: number };

async function* packFiles({
  files,
  layout
}: RepackTools): AsyncGenerator<{ readonly name: string; readonly path: string; readonly stat: FileStat }> {
  for (const directory of await listNames(files, layout.xorbs)) {
    for (const name of await listNames(files, `${layout.xorbs}/${directory}`)) {
      const path = `${layout.xorbs}/${directory}/${name}`;
      const stat = await files.lstat(path);
      if (stat?.kind === 'file') {
        yield { name, path, stat };
      }
    }
  }
}

async function removeRubbish(tools: RepackTools, orphans: readonly Orphan[]): Promise<void> {
  const { files, layout } = tools;
  const temporaries = [layout.temporary, layout.sessions].map(directory => oldTemporaries(files, directory));
  for (const path of [...orphans.map(orphan => orphan.path), ...(await Promise.all(temporaries)).flat()]) {
    await unlinkQuietly(files, path);
  }
}

async function measure(tools: RepackTools): Promise<StoreUsage> {
  const { catalog } = tools;
  let bytes = 0;
  let packs = 0;
  for await (const { name, stat } of packFiles(tools)) {
    bytes += stat.size;
    packs += name.endsWith('.damaged') ? 0 : 1;
  }
  catalog.shards.forEach(shard => (bytes += shard.bytes));
  return { bytes, contents: [...catalog.files].length, packs, manifests: catalog.shards.size };
}

function describe(
  { catalog }: RepackTools,
  plan: CollectPlan,
  before: StoreUsage,
  orphans: readonly Orphan[]
): Omit<CollectionReport, 'after' | 'missing' | 'compressed'> {
  const dead = plan.dead.map(number => catalog.xorbs[number]!);
  const repacked = [...plan.repack.keys()].map(number => catalog.xorbs[number]!);
  const keptContents = new Set([...plan.kept].map(record => record.sha256));
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  return {
    before,
    removed: {
      contents: before.contents - keptContents.size,
      packs: dead.length + orphans.length,
      bytes: sum([...dead.map(xorb => xorb.storedBytes), ...orphans.map(orphan => orphan.bytes)])
    },
    repacked: { packs: repacked.length, bytes: sum(repacked.map(xorb => xorb.storedBytes)) - plan.copied },
    young: { contents: plan.young.size, bytes: sum([...plan.young].map(record => record.size)) }
  };
}

/** What a dry run says of the sizes afterwards; of manifests it knows only the old ones. */
function predict({ before, removed, repacked, compressed }: Sizes, plan: CollectPlan): StoreUsage {
  return {
    bytes: before.bytes - removed.bytes - Math.round(repacked.bytes) - compressed.bytes,
    contents: before.contents - removed.contents,
    packs: before.packs - removed.packs - plan.repack.size + (plan.repack.size > 0 ? 1 : 0),
    manifests: before.manifests - plan.rewrite.size + (plan.rewrite.size > 0 ? 1 : 0)
  };
}
