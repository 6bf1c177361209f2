/**
 * Files that say who is at work: a lock that one process holds, or a lease that many hold side by side. The owner is named
 * inside, so that what a dead process left can be told from what is in use. Owners on another machine or in a container
 * that shares the folder cannot be asked; theirs counts for a day.
 */
import { ensureDirectory, isExisting, parentOf, readJson, temporaryName, unlinkQuietly } from './durable';
import { BranchbookError } from './error';
import type { FileStat, IClock, IFileSystem, IProcesses, IRandom, ProcessId } from './port';

/** What owners need of the world; a project has it all. */
export type OwnerTools = {
  readonly files: IFileSystem;
  readonly processes: IProcesses;
  readonly random: IRandom;
  readonly clock: Pick<IClock, 'now'>;
};

type Owner = {
  readonly owner: ProcessId;
  readonly host: string;
  readonly nonce: string;
  /** What the owner is doing. */
  readonly verb: string;
};

/** Gives back what was taken. */
export type Release = () => Promise<void>;

/** An empty lock file is torn when it is older than this: its owner died between creating and writing it. */
const TORN_MILLISECONDS = 1000;

/** Whether a process of another machine lives cannot be asked. No operation takes this long. */
const FOREIGN_MILLISECONDS = 24 * 60 * 60 * 1000;

/** What this process holds; a file of ours that is not here was left by a failed release. */
const held = new Set<string>();

/** Take a lock. LOCKED when another live process has it (data.heldBy says which). A dead one's is broken. */
export async function takeLock(tools: OwnerTools, path: string, verb: string): Promise<Release> {
  await ensureDirectory(tools.files, parentOf(path));
  await breakIfAbandoned(tools, path);
  const owner = newOwner(tools, verb);
  await create(tools, path, owner);
  return hold(tools, path, owner);
}

/** Say that we are at work, beside others. `path` is a name nobody else uses; the file appears with all it says. */
export async function takeLease(tools: OwnerTools, path: string, verb: string): Promise<Release> {
  const { files } = tools;
  await ensureDirectory(files, parentOf(path));
  const owner = newOwner(tools, verb);
  const temporary = temporaryName(path);
  await create(tools, temporary, owner);
  try {
    await files.rename(temporary, path);
  } catch (error) {
    await unlinkQuietly(files, temporary);
    throw error;
  }
  return hold(tools, path, owner);
}

/** True when a live process owns the file; false when there is no such file. */
export async function isOwned(tools: OwnerTools, path: string): Promise<boolean> {
  return (await tools.files.lstat(path)) !== null && !(await isAbandoned(tools, path, tools.clock.now()));
}

function newOwner({ processes, random }: OwnerTools, verb: string): Owner {
  return { owner: processes.self, host: processes.host, nonce: random.hex(8), verb };
}

function hold({ files }: OwnerTools, path: string, { nonce }: Owner): Release {
  held.add(nonce);
  return async () => {
    // Forgotten first: should the file stay, it is recognised as abandoned.
    held.delete(nonce);
    await unlinkQuietly(files, path);
  };
}

async function create(tools: OwnerTools, path: string, owner: Owner): Promise<void> {
  const { files } = tools;
  try {
    const handle = await files.open(path, 'create');
    try {
      await handle.write(new TextEncoder().encode(JSON.stringify(owner)), 0);
    } catch (error) {
      await unlinkQuietly(files, path);
      throw error;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw isExisting(error) ? await lockedBy(tools, path) : error;
  }
}

async function read({ files }: OwnerTools, path: string): Promise<Owner | null> {
  return (await readJson(files, path).catch(() => null)) as Owner | null;
}

/** The error that tells who holds `path`. */
export async function lockedBy(tools: OwnerTools, path: string): Promise<BranchbookError> {
  const holder = await read(tools, path);
  const elsewhere = holder?.owner !== undefined && holder.host !== tools.processes.host;
  const where = elsewhere ? ` on ${holder.host}` : '';
  const who = holder?.owner ? ` (${holder.verb}, process ${holder.owner.pid}${where})` : '';
  return new BranchbookError(
    'LOCKED',
    `Another operation${who} is working on this project.`,
    { path, heldBy: holder?.owner?.pid, verb: holder?.verb },
    elsewhere
      ? `Wait until it is done. If that machine or container is no more, delete ${path}.`
      : 'Wait until it is done, then try again.'
  );
}

async function isAbandoned(tools: OwnerTools, path: string, now: number): Promise<boolean> {
  const { files, processes } = tools;
  const holder = await read(tools, path);
  if (holder?.owner && holder.host !== processes.host) {
    return isOlder(now, await files.lstat(path), FOREIGN_MILLISECONDS);
  }
  if (holder?.owner) {
    const { self } = processes;
    const ours = holder.owner.pid === self.pid && holder.owner.start === self.start;
    const alive = ours ? held.has(holder.nonce) : await processes.isAlive(holder.owner);
    return !alive;
  }
  return isOlder(now, await files.lstat(path), TORN_MILLISECONDS);
}

/**
 * Breaking is itself guarded by an O_EXCL file, and the lock is read again under it: otherwise two processes could both
 * find the dead owner's lock, and the slower one would delete the lock that the faster one had meanwhile taken. The second
 * look takes the time from the guard, so that a wrong clock of ours makes no fresh lock look old.
 */
async function breakIfAbandoned(tools: OwnerTools, path: string): Promise<void> {
  const { files, clock } = tools;
  if (!(await files.lstat(path)) || !(await isAbandoned(tools, path, clock.now()))) {
    return;
  }
  const guard = `${path}.break`;
  try {
    await (await files.open(guard, 'create')).close();
  } catch (error) {
    if (isExisting(error)) {
      await dropOldGuard(tools, guard);
      throw await lockedBy(tools, path);
    }
    throw error;
  }
  try {
    const stat = await files.lstat(guard);
    if ((await files.lstat(path)) && (await isAbandoned(tools, path, stat ? timeOf(stat) : clock.now()))) {
      await files.unlink(path);
    }
  } finally {
    await unlinkQuietly(files, guard);
  }
}

/** A guard is held for a moment; one much older was left by a crash. */
async function dropOldGuard({ files, clock }: OwnerTools, guard: string): Promise<void> {
  if (isOlder(clock.now(), await files.lstat(guard), 10 * TORN_MILLISECONDS)) {
    await unlinkQuietly(files, guard);
  }
}

function timeOf(stat: FileStat): number {
  return Number(stat.mtimeNs / 1_000_000n);
}

function isOlder(now: number, stat: FileStat | null, milliseconds: number): boolean {
  return stat !== null && now - timeOf(stat) > milliseconds;
}
