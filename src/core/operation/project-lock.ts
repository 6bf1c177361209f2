/**
 * One changing operation per project at a time, across processes: `<home>/lock`, created with O_EXCL and naming its
 * owner. A lock whose owner is dead is broken; that of another machine or container that shares the folder, after a day.
 * (git's own lock files are the git adapter's business.)
 */
import { ensureDirectory, isExisting, readJson, unlinkQuietly } from '../durable';
import { BranchbookError, hasCode } from '../error';
import type { FileStat, IProject, ProcessId } from '../port';

type Holder = {
  readonly owner: ProcessId;
  readonly host: string;
  readonly nonce: string;
  readonly verb: string;
};

/** An empty lock file is torn when it is older than this: its owner died between creating and writing it. */
const TORN_MILLISECONDS = 1000;

/** Whether a process of another machine lives cannot be asked. No operation takes this long. */
const FOREIGN_MILLISECONDS = 24 * 60 * 60 * 1000;

/** Locks that this process holds; a lock of ours that is not here was left by a failed release. */
const held = new Set<string>();

const lockPath = (project: IProject): string => `${project.home}/lock`;

/** Take the lock. LOCKED when another live operation has it (data.heldBy says which). */
export async function lockProject(project: IProject, verb: string): Promise<() => Promise<void>> {
  const { files, processes, random } = project;
  const path = lockPath(project);
  await ensureDirectory(files, project.home);
  const holder: Holder = { owner: processes.self, host: processes.host, nonce: random.hex(8), verb };
  await breakIfStale(project, path);
  await create(project, path, holder);
  held.add(holder.nonce);
  return async () => {
    // Forgotten first: should the file stay, it is recognised as stale.
    held.delete(holder.nonce);
    await unlinkQuietly(files, path);
  };
}

async function create(project: IProject, path: string, holder: Holder): Promise<void> {
  try {
    const handle = await project.files.open(path, 'create');
    try {
      await handle.write(new TextEncoder().encode(JSON.stringify(holder)), 0);
    } catch (error) {
      await unlinkQuietly(project.files, path);
      throw error;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw isExisting(error) ? await lockedBy(project, path) : error;
  }
}

async function read(project: IProject, path: string): Promise<Holder | null> {
  return (await readJson(project.files, path).catch(() => null)) as Holder | null;
}

async function lockedBy(project: IProject, path: string): Promise<BranchbookError> {
  const holder = await read(project, path);
  const elsewhere = holder?.owner !== undefined && holder.host !== project.processes.host;
  const where = elsewhere ? ` on ${holder.host}` : '';
  return new BranchbookError(
    'LOCKED',
    `Another operation${holder ? ` (${holder.verb}, process ${holder.owner.pid}${where})` : ''} is working on this project.`,
    { path, heldBy: holder?.owner.pid },
    elsewhere
      ? `Wait until it is done. If that machine or container is no more, delete ${path}.`
      : 'Wait until it is done, then try again.'
  );
}

async function isStale(project: IProject, path: string): Promise<boolean> {
  const holder = await read(project, path);
  if (holder?.owner && holder.host !== project.processes.host) {
    return isOlder(project, await project.files.lstat(path), FOREIGN_MILLISECONDS);
  }
  if (holder?.owner) {
    const { self } = project.processes;
    const ours = holder.owner.pid === self.pid && holder.owner.start === self.start;
    const alive = ours ? held.has(holder.nonce) : await project.processes.isAlive(holder.owner);
    return !alive;
  }
  const stat = await project.files.lstat(path);
  return isOlder(project, stat, TORN_MILLISECONDS);
}

/**
 * Breaking is itself guarded by an O_EXCL file, and the lock is read again under it: otherwise two processes could both
 * find the dead owner's lock, and the slower one would delete the lock that the faster one had meanwhile taken.
 */
async function breakIfStale(project: IProject, path: string): Promise<void> {
  if (!(await isStale(project, path))) {
    return;
  }
  const guard = `${path}.break`;
  try {
    await (await project.files.open(guard, 'create')).close();
  } catch (error) {
    if (isExisting(error)) {
      await dropOldGuard(project, guard);
      throw await lockedBy(project, path);
    }
    throw error;
  }
  try {
    if (await isStale(project, path)) {
      await project.files.unlink(path);
    }
  } finally {
    await unlinkQuietly(project.files, guard);
  }
}

/** A guard is held for a moment; one much older was left by a crash. */
async function dropOldGuard(project: IProject, guard: string): Promise<void> {
  if (isOlder(project, await project.files.lstat(guard), 10 * TORN_MILLISECONDS)) {
    await unlinkQuietly(project.files, guard);
  }
}

function isOlder(project: IProject, stat: FileStat | null, milliseconds: number): boolean {
  return stat !== null && project.clock.now() - Number(stat.mtimeNs / 1_000_000n) > milliseconds;
}

/** True for failures that a little patience may cure. */
export function isContention(error: unknown): boolean {
  return hasCode(error, 'REF_CONFLICT', 'LOCKED');
}
