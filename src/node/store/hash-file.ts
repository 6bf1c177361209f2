import { createHash } from 'node:crypto';
import type { Sha256 } from '../../core/model/asset';
import type { FileStat, IFileSystem, SeenFile } from '../../core/port';
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

/** Bytes read before they are hashed. */
const TOGETHER_BYTES = 1024 * 1024;

/** SHA-256 of each of many small files; null for one that is not what its stat says. */
export async function hashUnchanged(
  files: IFileSystem,
  seen: readonly SeenFile[]
): Promise<readonly (Sha256 | null)[]> {
  const hashes: (Sha256 | null)[] = [];
  const buffer = new Uint8Array(Math.max(TOGETHER_BYTES, ...seen.map(({ stat }) => stat.size)));
  for (let at = 0; at < seen.length;) {
    const some = fitting(seen, at, buffer.length);
    const isRead = await files.readUnchanged(some, buffer);
    let start = 0;
    some.forEach(({ stat: { size } }, position) => {
      const bytes = buffer.subarray(start, start + size);
      hashes.push(isRead[position] ? createHash('sha256').update(bytes).digest('hex') : null);
      start += size;
    });
    at += some.length;
  }
  return hashes;
}

/** As many from `at` on as have room together. */
function fitting(seen: readonly SeenFile[], at: number, bytes: number): readonly SeenFile[] {
  let end = at;
  for (let left = bytes; end < seen.length && seen[end]!.stat.size <= left; end += 1) {
    left -= seen[end]!.stat.size;
  }
  return seen.slice(at, end);
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
