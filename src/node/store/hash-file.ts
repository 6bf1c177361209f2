import { createHash } from 'node:crypto';
import type { Sha256 } from '../../core/model/asset';
import type { IFileSystem } from '../../core/port';
import { ReadAhead, readAheadBytes } from './read-ahead';
import type { ReadHooks } from './read-ahead';
import { UnchangingFile } from './unchanging-file';

/** SHA-256 of a file that must not change meanwhile: FILE_CHANGED, FILE_UNREADABLE, or the signal's CANCELLED. */
export async function hashFile(files: IFileSystem, path: string, hooks: ReadHooks): Promise<Sha256> {
  const file = await UnchangingFile.open(files, path, await files.lstat(path));
  const hash = createHash('sha256');
  const pieces = new ReadAhead(file, new Uint8Array(readAheadBytes(file.size)), hooks);
  try {
    while (await pieces.advance()) {
      hash.update(pieces.take(pieces.end - pieces.start));
    }
    await file.verify();
    return hash.digest('hex');
  } finally {
    await pieces.settle();
    await file.close();
  }
}
