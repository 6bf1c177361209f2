/**
 * One small step of what a collection does for the packs, in the background: every content stays, and its age. Small packs
 * and manifests first, since then there is less to look at; then what is raw is compressed.
 */
import { BranchbookError } from '../../core/error';
import { ChunkPacker } from '../../core/format/xorb';
import type { TidyReport, TidyRequest } from '../../core/port';
import { RESERVE, refuseDamagedShards, sweep, usableXorbs } from './collect';
import { planCollection } from './collect-plan';
import type { CollectPlan } from './collect-plan';
import { Batch, findProspect, isRaw, SAMPLE_EVERY } from './compress';
import type { CompressTools } from './compress';
import type { RepackTools } from './repack';

type Tools = RepackTools & CompressTools;

const NOTHING = { packs: 0, bytes: 0 };

/** Older than this, in seconds, what no version needs may be deleted any day: its exact age says nothing more. */
const OLD = 14 * 86_400;

/** Called by the only process that works on the store. What it throws has changed nothing that matters. */
export async function tidyStore(tools: Tools, prefix: string, request: TidyRequest): Promise<TidyReport> {
  const { catalog, files, layout } = tools;
  await catalog.refresh();
  refuseDamagedShards(tools);
  const usable = await usableXorbs(tools, request);
  refuseDamagedContents(tools, usable);
  const room = (await files.freeBytes(layout.home)) - RESERVE;
  const plan = await planCollection(catalog, usable, {
    needed: new Set(),
    youngSince: -Infinity,
    smallXorbs: request.smallPacks,
    smallShards: request.smallManifests,
    room,
    most: { bytes: request.bytes, files: request.files }
  });
  if (plan.rewrite.size > 0) {
    return repackSome(tools, plan, prefix, request);
  }
  return compressSome(tools, [...usable], { prefix, room }, request);
}

/** What cannot be read as it is now may still be healed. */
function refuseDamagedContents({ catalog }: Tools, usable: ReadonlySet<number>): void {
  for (const records of catalog.files) {
    if (!records.some(record => record.terms.every(term => usable.has(term.xorb)))) {
      const { sha256 } = records[0]!;
      throw new BranchbookError('OBJECT_CORRUPT', `The content ${sha256} is damaged.`, { sha256 });
    }
  }
}

async function repackSome(tools: Tools, plan: CollectPlan, prefix: string, request: TidyRequest): Promise<TidyReport> {
  const stored = [...plan.repack.keys()].map(number => tools.catalog.xorbs[number]!.storedBytes);
  const now = Math.max(...[...plan.rewrite].map(shard => shard.created));
  await sweep(tools, plan, prefix, { ...request, now, oldBefore: Math.floor(request.now / 1000) - OLD });
  const bytes = stored.reduce((sum, size) => sum + size, 0) - plan.copied;
  return {
    repacked: { packs: stored.length, bytes: Math.round(bytes) },
    compressed: NOTHING,
    skipped: [...request.skip],
    done: false
  };
}

async function compressSome(
  tools: Tools,
  usable: readonly number[],
  { prefix, room }: { readonly prefix: string; readonly room: number },
  request: TidyRequest
): Promise<TidyReport> {
  const { catalog } = tools;
  const nameOf = (number: number): string => catalog.xorbs[number]!.hash;
  const raw = usable.filter(number => isRaw(tools, number));
  const skipped = raw.map(nameOf).filter(name => request.skip.has(name));
  const packer = new ChunkPacker();
  const batch = new Batch(tools, `${prefix}-packed`);
  let spent = 0;
  let done = true;
  try {
    for (const number of raw.filter(each => !request.skip.has(nameOf(each)))) {
      const { hash, storedBytes } = catalog.xorbs[number]!;
      if (spent >= Math.min(request.bytes, room / 2)) {
        done = spent < request.bytes;
        break;
      }
      spent += storedBytes / SAMPLE_EVERY;
      const prospect = await findProspect(tools, number, packer, request);
      if (prospect && (await batch.add(prospect, request)) > 0) {
        spent += storedBytes;
      } else {
        skipped.push(hash);
      }
    }
    const compressed = await batch.publish();
    return { repacked: NOTHING, compressed, skipped, done };
  } finally {
    await batch.abort();
  }
}
