/** What a file system does for many files at once, one after the other. */
import type { FileStat, Glance, IFileSystem, SeenFile } from '../../core/port';
import { isSameFile } from '../fs/same-file';

type Files = Pick<IFileSystem, 'lstat' | 'readFile'>;

function toGlance(stat: FileStat): Glance {
  const milliseconds = (time: bigint): number =>
    Number(time / 1_000_000_000n) * 1000 + Number(time % 1_000_000_000n) / 1_000_000;
  const { mode, size, ino, mtimeNs, ctimeNs } = stat;
  return { mode, size, ino: Number(ino), mtimeMs: milliseconds(mtimeNs), ctimeMs: milliseconds(ctimeNs) };
}

export async function glanceAll(
  files: Files,
  paths: readonly string[],
  visit: (position: number, glance: Glance | null) => void
): Promise<void> {
  for (const [position, path] of paths.entries()) {
    const stat = await files.lstat(path);
    visit(position, stat && toGlance(stat));
  }
}

export async function readUnchanged(
  files: Files,
  seen: readonly SeenFile[],
  into: Uint8Array
): Promise<readonly boolean[]> {
  const isRead: boolean[] = [];
  let start = 0;
  for (const { path, stat } of seen) {
    const now = await files.lstat(path);
    const bytes = now?.kind === 'file' && isSameFile(now, stat) ? await files.readFile(path) : null;
    into.set(bytes ?? [], start);
    start += stat.size;
    isRead.push(bytes !== null);
  }
  return isRead;
}
