/**
 * The files that are kept ready: assets that wait to be renamed back into the work tree, and the cache of `get`. They may
 * take a share of the disk; beyond it the ones used longest ago go. The store can build every one of them again.
 */
import { throwIfCancelled } from '../cancel';
import { mapConcurrently } from '../concurrency';
import { listNames, readJson, unlinkQuietly, writeLightly } from '../durable';
import { parseSize } from '../model/size';
import type { Sha256 } from '../model/asset';
import type { Activity, FileStat, IProject } from '../port';
import { readAllJournals, stepsOf } from './journal';
import type { ParkedFile, Step } from './steps';
import { verifyFile } from './verified-file';

/** Share of the free space, what is kept ready included, that it may take when nothing is configured. */
const DEFAULT_SHARE = 0.2;

type Ready = { readonly path: string; readonly sha256: Sha256; readonly stat: FileStat };

export type Evicted = { readonly files: number; readonly bytes: number };

/** Bytes that may be kept ready: `git config branchbook.materializedBudget`, or a share of the disk. USAGE. */
export async function budgetOf(project: IProject, held: number): Promise<number> {
  const setting = await project.git.config('branchbook.materializedBudget');
  return setting === null
    ? DEFAULT_SHARE * ((await project.files.freeBytes(project.home)) + held)
    : parseSize(setting, 'branchbook.materializedBudget');
}

/**
 * Delete what is over the budget, and with `needed` also what it does not hold. A file that is needed goes only when the
 * store has it in full; one that was changed by another program meanwhile goes to `rescued/` instead.
 */
export async function evict(
  project: IProject,
  options: { readonly needed?: ReadonlySet<Sha256>; readonly dryRun?: boolean },
  activity: Activity
): Promise<Evicted> {
  const ready = await listReady(project);
  const isDead = ({ sha256 }: Ready): boolean => options.needed !== undefined && !options.needed.has(sha256);
  const alive = ready.filter(file => !isDead(file));
  const held = alive.reduce((sum, file) => sum + file.stat.size, 0);
  const excess = held - (await budgetOf(project, held));
  const going = [...ready.filter(isDead), ...leastRecent(alive, excess)];
  let files = 0;
  let bytes = 0;
  for (const file of going) {
    throwIfCancelled(activity);
    if (options.dryRun || (await remove(project, file, isDead(file), activity))) {
      files += 1;
      bytes += file.stat.size;
    }
  }
  return { files, bytes };
}

/** Bytes of files that went to wait, and of those that waited. */
export type Traffic = { readonly came: number; readonly went: number };

export function trafficOf({ home }: IProject, steps: readonly Step[]): Traffic {
  const sizeOf = (file: ParkedFile | null): number =>
    file?.place.startsWith(`${home}/materialized/`) ? file.identity.size : 0;
  const sum = (side: 'leaves' | 'comes'): number => steps.reduce((total, step) => total + sizeOf(step[side]), 0);
  return { came: sum('leaves'), went: sum('comes') };
}

/**
 * After a move: keep count of what waits, and evict when it is too much. The count is a file of its own, since looking at a
 * hundred thousand waiting files takes longer than the move; it may be wrong after a crash, until the next eviction.
 */
export async function noteMove(project: IProject, { came, went }: Traffic): Promise<void> {
  const { files, home } = project;
  if (came === 0) {
    return;
  }
  const count = `${home}/materialized.json`;
  const known = (await readJson(files, count).catch(() => null)) as { readonly bytes?: number } | null;
  let bytes = Math.max(0, (known?.bytes ?? 0) + came - went);
  if (bytes > (await budgetOf(project, bytes))) {
    await evict(project, {}, {});
    const left = (await listReady(project)).filter(file => file.path.startsWith(`${home}/materialized/`));
    bytes = left.reduce((sum, file) => sum + file.stat.size, 0);
  }
  await writeLightly(files, count, new TextEncoder().encode(JSON.stringify({ bytes })));
}

async function listReady(project: IProject): Promise<readonly Ready[]> {
  const { files, home } = project;
  const inUse = await placesInUse(project);
  const waiting = (await listNames(files, `${home}/materialized`)).map(name => `materialized/${name}`);
  const cached: string[] = [];
  for (const sha256 of await listNames(files, `${home}/cache`)) {
    cached.push(...(await listNames(files, `${home}/cache/${sha256}`)).map(name => `cache/${sha256}/${name}`));
  }
  const paths = [...waiting, ...cached].map(name => `${home}/${name}`);
  const stats = await mapConcurrently(paths, path => files.lstat(path));
  return paths.flatMap((path, i) => {
    const sha256 = /\/(?:materialized|cache)\/([0-9a-f]{64})(?:\/(?!.*\.(?:stat|tmp)$)[^/]+)?$/.exec(path)?.[1];
    const stat = stats[i];
    return sha256 && stat?.kind === 'file' && !inUse.has(path) ? [{ path, sha256, stat }] : [];
  });
}

/** Files that an interrupted change is going to move. */
async function placesInUse(project: IProject): Promise<ReadonlySet<string>> {
  const places = new Set<string>();
  for (const journal of await readAllJournals(project)) {
    for await (const steps of stepsOf(project, journal)) {
      steps.forEach(({ leaves, comes }) => [leaves, comes].forEach(file => file && places.add(file.place)));
    }
  }
  return places;
}

/** Renaming a file here set its ctime: the one used longest ago first, until `excess` bytes are gone. */
function leastRecent(ready: readonly Ready[], excess: number): readonly Ready[] {
  const sorted = [...ready].sort((a, b) => (a.stat.ctimeNs < b.stat.ctimeNs ? -1 : 1));
  const going: Ready[] = [];
  for (let over = excess, i = 0; over > 0 && i < sorted.length; i++) {
    going.push(sorted[i]!);
    over -= sorted[i]!.stat.size;
  }
  return going;
}

async function remove(project: IProject, file: Ready, dead: boolean, activity: Activity): Promise<boolean> {
  const { files, store } = project;
  const isCopy = dead || file.path.includes('/cache/') || (await store.has(file.sha256));
  if (!isCopy || !(await verifyFile(project, file.path, file.sha256, activity))) {
    return false;
  }
  await files.unlink(file.path);
  await unlinkQuietly(files, `${file.path}.stat`);
  if (file.path.includes('/cache/')) {
    await files.rmdir(file.path.slice(0, file.path.lastIndexOf('/'))).catch(() => undefined);
  }
  return true;
}
