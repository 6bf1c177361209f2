/** Contents of a git host's own storage: git-lfs carries files, which come from the store and go into it. */
import { ensureDirectory, removeTree } from '../durable';
import { BranchbookError } from '../error';
import type { Pointer, Sha256 } from '../model/asset';
import type { Transfer } from '../model/sharing';
import type { Activity, GitRemote, IProject } from '../port';

/** Where git-lfs leaves a content below a folder. */
export const lfsFile = (folder: string, sha256: Sha256): string =>
  `${folder}/objects/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;

/** Bring what the host has of them. */
export async function fetchFromLfs(
  project: IProject,
  remote: GitRemote,
  pointers: readonly Pointer[],
  activity: Activity
): Promise<Transfer> {
  return inFolder(project, async folder => {
    const started = project.clock.now();
    await project.git.transport.fetchLfs(remote, pointers, folder, activity);
    const session = await project.store.begin(activity);
    const came: Pointer[] = [];
    try {
      for (const pointer of pointers) {
        const file = lfsFile(folder, pointer.sha256);
        if (await project.files.lstat(file)) {
          const { sha256 } = await session.add(file, activity);
          requireSame(sha256, pointer);
          came.push(pointer);
        }
      }
      await session.commit();
    } catch (error) {
      await session.abort();
      throw error;
    }
    return transferOf(came, project.clock.now() - started);
  });
}

/** Send them; what the host has does not travel again. All of them must be here. */
export async function sendToLfs(
  project: IProject,
  remote: GitRemote,
  pointers: readonly Pointer[],
  activity: Activity
): Promise<Transfer> {
  return inFolder(project, async folder => {
    const started = project.clock.now();
    const items = pointers.map(({ sha256 }) => ({ sha256, destination: lfsFile(folder, sha256) }));
    for (const { destination } of items) {
      await ensureDirectory(project.files, destination.slice(0, destination.lastIndexOf('/')));
    }
    await project.store.materializeAll(items, activity);
    await project.git.transport.pushLfs(remote, pointers, folder, activity);
    return transferOf(pointers, project.clock.now() - started);
  });
}

async function inFolder<T>({ files, home, random }: IProject, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = `${home}/transport/${random.hex(8)}`;
  await ensureDirectory(files, folder);
  try {
    return await work(folder);
  } finally {
    await removeTree(files, folder).catch(() => undefined);
  }
}

/** What travels is not told by git-lfs; whole contents do. */
function transferOf(pointers: readonly Pointer[], milliseconds: number): Transfer {
  const bytes = pointers.reduce((sum, { size }) => sum + size, 0);
  return { contents: pointers.length, bytes, transferred: bytes, milliseconds };
}

function requireSame(sha256: Sha256, pointer: Pointer): void {
  if (sha256 !== pointer.sha256) {
    throw new BranchbookError(
      'OBJECT_CORRUPT',
      `git-lfs brought other bytes than ${pointer.sha256} names.`,
      { sha256: pointer.sha256 },
      'Ask whoever keeps that remote; nothing was taken in.'
    );
  }
}
