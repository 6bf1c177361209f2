import { createHash } from 'node:crypto';
import type { Sha256 } from '../../core/model/asset';
import type { IFileSystem } from '../../core/port';
import type { IngestHooks } from './ingest';
import { UnchangingFile } from './unchanging-file';

const READ_BYTES = 1024 * 1024;

/** SHA-256 of a file that must not change meanwhile: FILE_CHANGED, FILE_UNREADABLE, or the signal's CANCELLED. */
export async function hashFile(files: IFileSystem, path: string, hooks: IngestHooks): Promise<Sha256> {
  const file = await UnchangingFile.open(files, path);
  try {
    const hash = createHash('sha256');
    const buffer = new Uint8Array(Math.min(READ_BYTES, file.size + 1));
    let position = 0;
    for (let count = -1; count !== 0; position += count) {
      hooks.signal?.throwIfAborted();
      count = await file.read(buffer, position);
      const piece = buffer.subarray(0, count);
      hash.update(piece);
      hooks.onBytes?.(piece);
    }
    await file.verify();
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}
