/** `gc --at`: have a place delete what no branch or tag of a shared project needs any more. */
import { BranchbookError } from '../error';
import { parseDuration } from '../model/duration';
import type { GcArgs, GcResult } from '../model/maintenance';
import { parseProjectAddress } from '../model/place-address';
import type { Sha256 } from '../model/asset';
import type { Activity, IProject, ISharedProject } from '../port';
import { configuredRemotes } from '../remote/configured';
import { openRemote } from '../remote/open-remote';
import { pointersBetween } from '../remote/pointers';
import { toDamage } from './gc-mark';

/**
 * What `ISharedProject.collect` throws; also REMOTE_UNKNOWN, ADDRESS_INVALID, and what talking to the place throws. Nothing of
 * the project itself changes but that git has the place's history.
 */
export async function collectAt(
  project: IProject,
  at: string,
  { dryRun = false, ignoreMissing = false, grace }: GcArgs & { readonly grace: string },
  activity: Activity
): Promise<GcResult> {
  const started = project.clock.now();
  const { shared, address } = await openShared(project, at);
  const request = { dryRun, ignoreMissing, grace: parseDuration(grace, 'grace') };
  const { leaving, due, ...report } = await shared.collect(
    request,
    () => findNeeded(project, shared, activity),
    activity
  );
  const nothing = { packs: 0, bytes: 0 };
  return {
    ...report,
    at: { address, due },
    dryRun,
    young: leaving,
    freed: Math.max(0, report.before.bytes - report.after.bytes),
    ...{ repacked: nothing, compressed: nothing, expired: 0, evicted: { files: 0, bytes: 0 }, maintenance: null },
    milliseconds: project.clock.now() - started
  };
}

async function openShared(
  { git, places }: IProject,
  at: string
): Promise<{ readonly shared: ISharedProject; readonly address: string }> {
  const known = (await configuredRemotes(git)).find(({ name }) => name === at);
  if (!known) {
    parseProjectAddress(at);
  }
  const { shared, address } = await openRemote(places, known ?? { name: at, url: '', shared: at, assets: 'place' });
  if (!shared) {
    throw new BranchbookError(
      'USAGE',
      `${at} is no project of a place: what is stored there is its own host’s to delete.`,
      { argument: 'at', reason: 'a plain git repository' },
      'Name a remote that is a shared project, or PLACE/NAMESPACE/PROJECT.'
    );
  }
  return { shared, address };
}

/** By the history as it lies at the place now, every ref of it. */
async function findNeeded(
  project: IProject,
  { history }: ISharedProject,
  activity: Activity
): Promise<ReadonlySet<Sha256> | null> {
  const { git } = project;
  if ((await git.roots()).shallow.size > 0) {
    const reason = 'this clone has only a part of the history';
    throw new BranchbookError(
      'PROJECT_DAMAGED',
      `Nothing was deleted: ${reason}.`,
      { reason },
      'Run it in a full clone.'
    );
  }
  const tips = await git.transport.tips(history, activity);
  const held = new Set((await git.refs('refs/')).map(({ object }) => object));
  const absent = tips.filter(oid => !held.has(oid));
  await git.transport.fetch(history, absent, activity);
  try {
    const commits = new Set(await Promise.all(tips.map(oid => git.resolve(oid))));
    const pointers = await pointersBetween(project, [...commits], [], activity);
    return tips.length === 0 ? null : new Set(pointers.keys());
  } catch (error) {
    throw toDamage(error);
  }
}
