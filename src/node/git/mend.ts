/**
 * What is left in a repository that we serve when git did not come to its end, because the machine did not: locks that nobody
 * holds, in whose way every later push of that branch would be, and objects that were on their way. git itself clears
 * up whenever it is only told to stop, or loses who it speaks with.
 */
import { listNames, removeTree } from '../../core/durable';
import type { IFileSystem } from '../../core/port';

/** Milliseconds. git holds the lock of a ref for as long as it takes to write a few bytes, of any other file while it packs. */
const REF_LOCK_AGE = 60_000;
const OTHER_AGE = 24 * 60 * 60 * 1000;

const LOCK = /\.lock$/;
/** Of objects that are being received, and of packs that are being made. */
const PARTIAL = /^(tmp_|\.tmp-|incoming-)/;

/** Remove it, as far as it is so old at `now` (milliseconds since 1970) that nobody can be at work on it. */
export async function mendRepository(files: IFileSystem, repository: string, now: number): Promise<void> {
  const removeOld = async (path: string, age: number): Promise<void> => {
    const last = await lastChange(files, path);
    if (last !== null && last < now - age) {
      await removeTree(files, path);
    }
  };
  const below = async (folder: string, names: RegExp, age: number): Promise<void> => {
    for (const name of (await listNames(files, folder)).filter(each => names.test(each))) {
      await removeOld(`${folder}/${name}`, age);
    }
  };
  for (const path of [`${repository}/HEAD.lock`, `${repository}/packed-refs.lock`]) {
    await removeOld(path, REF_LOCK_AGE);
  }
  for (const folder of await foldersBelow(files, `${repository}/refs`)) {
    await below(folder, LOCK, REF_LOCK_AGE);
  }
  await below(repository, LOCK, OTHER_AGE);
  const objects = `${repository}/objects`;
  for (const folder of [`${objects}/info`, `${objects}/info/commit-graphs`, `${objects}/pack`]) {
    await below(folder, LOCK, OTHER_AGE);
  }
  await below(objects, PARTIAL, OTHER_AGE);
  await below(`${objects}/pack`, PARTIAL, OTHER_AGE);
}

/** When anything at or below a path changed last, milliseconds since 1970; null when it is gone. */
async function lastChange(files: IFileSystem, path: string): Promise<number | null> {
  const stat = await files.lstat(path);
  if (!stat) {
    return null;
  }
  const names = stat.kind === 'directory' ? await listNames(files, path) : [];
  const times = await Promise.all(names.map(name => lastChange(files, `${path}/${name}`)));
  return Math.max(Number(stat.mtimeNs / 1_000_000n), ...times.map(time => time ?? 0));
}

async function foldersBelow(files: IFileSystem, folder: string): Promise<readonly string[]> {
  const folders = [folder];
  for (const { name, kind } of await files.readdir(folder).catch(() => [])) {
    if (kind === 'directory') {
      folders.push(...(await foldersBelow(files, `${folder}/${name}`)));
    }
  }
  return folders;
}
