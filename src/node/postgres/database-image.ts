/**
 * A new embedded database comes out of an image that was made when Branchbook was built (scripts/database-image.mjs): gzip of
 * a line of JSON, which says which folders there are and where each file's bytes stand after that line, and those bytes.
 */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ensureDirectory, parentOf, removeTree, writeSynced } from '../../core/durable';
import type { IFileSystem } from '../../core/port';

/** Files that are flushed at the same time. */
const AT_ONCE = 16;
const NEWLINE = 0x0a;

type Contents = {
  readonly folders: readonly string[];
  /** Path, first byte, number of bytes. */
  readonly files: readonly (readonly [string, number, number])[];
};

/** `folder`: absolute; left as it is when it is there. It appears whole, or not at all; empty where there is no image. */
export async function ensureDatabase(files: IFileSystem, image: string, folder: string): Promise<void> {
  if (await files.lstat(`${folder}/PG_VERSION`)) {
    return;
  }
  const packed = await files.readFile(image);
  if (!packed) {
    // In a checkout that is not built: PGlite makes one itself.
    return ensureDirectory(files, folder);
  }
  const draft = `${folder}.new`;
  await removeTree(files, draft);
  await ensureDirectory(files, draft);
  await unpack(files, await promisify(gunzip)(packed), draft);
  if (await files.lstat(folder)) {
    // Only when it is empty: what is in there may be somebody's.
    await files.rmdir(folder);
  }
  await files.rename(draft, folder);
  await files.syncDirectory(parentOf(folder));
}

async function unpack(files: IFileSystem, image: Uint8Array, root: string): Promise<void> {
  const start = image.indexOf(NEWLINE) + 1;
  const contents = JSON.parse(new TextDecoder().decode(image.subarray(0, start))) as Contents;
  for (const folder of contents.folders) {
    await files.mkdir(`${root}/${folder}`);
  }
  for (let first = 0; first < contents.files.length; first += AT_ONCE) {
    const some = contents.files.slice(first, first + AT_ONCE);
    await Promise.all(
      some.map(([path, at, size]) =>
        writeSynced(files, `${root}/${path}`, image.subarray(start + at, start + at + size), 0o600)
      )
    );
  }
  for (const folder of ['', ...contents.folders.map(path => `/${path}`)]) {
    await files.chmod(`${root}${folder}`, 0o700);
    await files.syncDirectory(`${root}${folder}`);
  }
}
