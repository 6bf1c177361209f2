/**
 * `gc`: delete what nothing needs any more, and put small packs together. What is needed is found out while nobody can
 * store; a project with damage is left alone.
 */
import type { GcArgs, GcResult } from '../model/maintenance';
import { parseDuration } from '../model/duration';
import type { Activity, IProject } from '../port';
import { findExpired, removeOperations } from '../oplog/expire';
import { evict } from '../transition/materialized';
import { lastMaintenance, SMALL_PACKS } from './maintain';
import { collectAt } from './gc-at';
import { markNeeded, toDamage } from './gc-mark';
import type { Operation } from './operation';

const GRACE = '14d';
const EXPIRE = '90d';
/** More small manifests than these are put together. */
const SMALL_MANIFESTS = 8;

export const gcOperation: Operation<'gc'> = {
  verb: 'gc',
  summary: 'Delete stored content that nothing needs any more, and pack the rest tightly',
  mutates: ({ at }) => at === undefined,
  run: (project, args, activity) =>
    args.at === undefined
      ? collectGarbage(project, args, activity)
      : collectAt(project, args.at, { ...args, grace: args.grace ?? GRACE }, activity)
};

/** PROJECT_DAMAGED, LOCKED while git or another process stores, USAGE, CANCELLED (safe at any point). */
export async function collectGarbage(project: IProject, args: GcArgs, activity: Activity): Promise<GcResult> {
  const started = project.clock.now();
  const grace = parseDuration(args.grace ?? GRACE, 'grace');
  const expire = parseDuration(args.expire ?? EXPIRE, 'expire');
  const collection = await project.store.beginCollection(activity);
  try {
    const dryRun = args.dryRun ?? false;
    const expired = await findExpired(project, expire);
    const { contents, elsewhere } = await markNeeded(project, new Set(expired), activity);
    const needed = new Set(contents.keys());
    const ignoreMissing = args.ignoreMissing ?? false;
    const compress = !(args.noCompress ?? false);
    const limits = { smallPacks: SMALL_PACKS, smallManifests: SMALL_MANIFESTS };
    const request = { ...activity, ...limits, needed, elsewhere, now: project.clock.now(), grace, ignoreMissing };
    if (!dryRun && expired.length > 0) {
      // Finds damage before anything is deleted. Then operations go before what they refer to.
      await collection.collect({ ...request, dryRun: true, compress: false });
      await removeOperations(project, expired);
    }
    const report = await collection.collect({ ...request, dryRun, compress });
    const evicted = await evict(project, { needed, dryRun }, activity);
    return {
      ...report,
      at: null,
      dryRun,
      freed: Math.max(0, report.before.bytes - report.after.bytes) + evicted.bytes,
      needed: needed.size,
      expired: expired.length,
      evicted,
      milliseconds: project.clock.now() - started,
      maintenance: await lastMaintenance(project)
    };
  } catch (error) {
    throw toDamage(error);
  } finally {
    await collection.end();
  }
}
