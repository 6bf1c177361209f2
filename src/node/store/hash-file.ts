import { createHash } from 'node:crypto';
import type { Sha256 } from '../../core/model/asset';
import type { FileStat, IFileSystem } from '../../core/port';
import { READ_AHEAD_BYTES, READ_BYTES, ReadAhead } from './read-ahead';
import type { ReadHooks } from './read-ahead';
import { UnchangingFile } from './unchanging-file';

/** SHA-256 of a file that must not change meanwhile (nor since `stat`, where that is given): FILE_CHANGED, FILE_UNREADABLE, or the signal's CANCELLED. */
export async function hashFile(
  files: IFileSystem,
  path: string,
  hooks: ReadHooks,
  stat?: FileStat | null
): Promise<Sha256> {
  const file = await UnchangingFile.open(files, path, stat === undefined ? await files.lstat(path) : stat);
  try {
    const sha256 = await (file.size <= READ_BYTES ? hashSmall(file, hooks) : hashLarge(file, hooks));
    await file.verify();
    return sha256;
  } finally {
    await file.close();
  }
}

/** In as much memory as it has bytes: a switch hashes a hundred thousand of them, faster than memory is collected. */
async function hashSmall(file: UnchangingFile, { signal, onBytes }: ReadHooks): Promise<Sha256> {
  signal?.throwIfAborted();
  const bytes = new Uint8Array(file.size);
  for (let done = 0; done < bytes.length;) {
    done += await file.read(bytes.subarray(done), done);
  }
  onBytes?.(bytes);
  return createHash('sha256').update(bytes).digest('hex');
}

async function hashLarge(file: UnchangingFile, hooks: ReadHooks): Promise<Sha256> {
  const hash = createHash('sha256');
  const pieces = new ReadAhead(file, new Uint8Array(READ_AHEAD_BYTES), hooks);
  try {
    while (await pieces.advance()) {
      hash.update(pieces.take(pieces.end - pieces.start));
    }
    return hash.digest('hex');
  } finally {
    await pieces.settle();
  }
}
