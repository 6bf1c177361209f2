/** What was being written into a folder's bucket when its writer died. */
import { setImmediate } from 'node:timers/promises';
import { removeTree } from '../../core/durable';
import type { IFileSystem } from '../../core/port';
import { isReserved, RESERVED } from './key';

/** Milliseconds: a draft that is being written changes all the time. */
const AGE = 24 * 60 * 60 * 1000;

/** Delete the drafts below `folder` that are so old at `now` that nobody can be writing them. */
export async function removeDrafts(
  files: IFileSystem,
  folder: string,
  now: number,
  signal: AbortSignal
): Promise<void> {
  const oldest = BigInt(now - AGE) * 1_000_000n;
  // Others want to be served meanwhile.
  await setImmediate();
  for (const { name, kind } of signal.aborted ? [] : await files.readdir(folder)) {
    const path = `${folder}/${name}`;
    if (name.startsWith(RESERVED) && name.endsWith('.tmp')) {
      const stat = await files.lstat(path);
      if (stat && stat.mtimeNs < oldest) {
        await removeTree(files, path);
      }
    } else if (kind === 'directory' && !isReserved(name)) {
      await removeDrafts(files, path, now, signal);
    }
  }
}
