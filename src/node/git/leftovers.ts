/** What a crash of ours left in a repository is cleared when it is opened next, so that plain git works again. */
import { listNames } from '../../core/durable';
import type { IFileSystem } from '../../core/port';
import type { Locks } from './lock-file';

const LOCK = '.lock';

/** Remove the locks and private files of processes of ours that died. Those of the living, and of git, stay. */
export async function clearLeftovers(files: IFileSystem, commonDir: string, locks: Locks): Promise<void> {
  await locks.sweep(async () => {
    const worktrees = (await listNames(files, `${commonDir}/worktrees`)).map(name => `${commonDir}/worktrees/${name}`);
    const own = await Promise.all([commonDir, ...worktrees].map(directory => lockedFiles(files, directory)));
    return [...own.flat(), ...(await lockedBelow(files, `${commonDir}/refs`))];
  });
}

/** Files in a directory that are locked. */
async function lockedFiles(files: IFileSystem, directory: string): Promise<readonly string[]> {
  const locked = (await listNames(files, directory)).filter(name => name.endsWith(LOCK));
  return locked.map(name => `${directory}/${name.slice(0, -LOCK.length)}`);
}

async function lockedBelow(files: IFileSystem, directory: string): Promise<readonly string[]> {
  const found = [...(await lockedFiles(files, directory))];
  for (const entry of await files.readdir(directory)) {
    if (entry.kind === 'directory') {
      found.push(...(await lockedBelow(files, `${directory}/${entry.name}`)));
    }
  }
  return found;
}
