/** Room on the disk, looked at before work that would fill it. */
import { BranchbookError } from './error';
import { formatBytes } from './format/bytes';
import type { IFileSystem } from './port';

/** Left free for git's own files, journals and logs. */
const RESERVE_BYTES = 4 * 1024 * 1024;

/** DISK_FULL when `needed` bytes more do not fit where `folder` is. */
export async function requireSpace(files: IFileSystem, folder: string, needed: number): Promise<void> {
  const available = needed > 0 ? await files.freeBytes(folder) : Infinity;
  if (needed + RESERVE_BYTES > available) {
    throw new BranchbookError(
      'DISK_FULL',
      `${formatBytes(needed + RESERVE_BYTES)} are needed on the disk, and ${formatBytes(available)} are free.`,
      { needed, available },
      'Free some space and try again; nothing was changed.'
    );
  }
}
