/**
 * A file of this machine with exactly the content of a version, for readers that need one (DuckDB). Never a copy where
 * the content stands somewhere already: the unmodified file of the work tree, or a file that is kept ready.
 *
 * Such a file may be moved away, or replaced by another branch's, while it is read: a switch renames files. So the file is
 * looked at before and after, and what was made of another file is thrown away and made again (`withContentFile`). Its
 * inode, size and time of modification tell; renaming does not change them.
 */
import { ensureDirectory, parentOf, temporaryName, unlinkQuietly } from '../durable';
import { BranchbookError } from '../error';
import { encodePointer } from '../format/pointer';
import type { Sha256 } from '../model/asset';
import type { TreeEntry } from '../model/git';
import type { Activity, FileStat, IProject } from '../port';
import { bringContents, missingContent } from '../remote/bring-contents';
import { buildAssets } from '../transition/build-assets';
import { cleanFilter } from '../transition/clean-filter';
import { identityOf, isIdentity, readPointer } from '../transition/content';
import type { FileIdentity } from '../transition/content';
import { readStandIn } from '../transition/stand-in';
import { materializedPath, recordSignature, verifyFile } from '../transition/verified-file';

const READ_ONLY = 0o444;
/** A file is moved away rarely, by a person who switches. */
const ATTEMPTS = 3;

/** What to read: a version, or whatever the work tree has at a project path. */
export type ContentSource =
  | {
      readonly entry: TreeEntry;
      /** The file of the work tree that has this content although no snapshot says so yet. */
      readonly onDisk?: FileIdentity | null;
    }
  | { readonly workTreePath: string };

/**
 * Run `work` on a file with the content; again when the file was moved or changed meanwhile. What `contentFile` throws, and
 * FILE_CHANGED for a file of the work tree that keeps changing.
 */
export async function withContentFile<T>(
  project: IProject,
  source: ContentSource,
  activity: Activity,
  work: (file: string, stat: FileStat) => Promise<T>
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const file = await contentFile(project, source, activity);
    const before = await project.files.lstat(file);
    const outcome = before && isMeant(project, source, file, before) && (await settle(() => work(file, before)));
    const after = await project.files.lstat(file);
    if (outcome && after && isIdentity(after, identityOf(before))) {
      if ('error' in outcome) {
        throw outcome.error;
      }
      return outcome.value;
    }
    if (attempt === ATTEMPTS) {
      throw new BranchbookError(
        'FILE_CHANGED',
        `${file} changed while it was read.`,
        { path: file, attempts: ATTEMPTS },
        'Try again when no program writes to it.'
      );
    }
  }
}

/** A file of the work tree may have changed since it was chosen. */
function isMeant({ root }: IProject, source: ContentSource, file: string, stat: FileStat): boolean {
  const chosen = 'entry' in source && source.onDisk && file === `${root}/${source.entry.path}`;
  return !chosen || isIdentity(stat, source.onDisk!);
}

async function settle<T>(work: () => Promise<T>): Promise<{ readonly value: T } | { readonly error: unknown }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

/**
 * Absolute path of a file with the content, valid now: see `withContentFile`. PATH_UNKNOWN, ASSET_MISSING, OBJECT_CORRUPT,
 * DISK_FULL.
 */
export async function contentFile(project: IProject, source: ContentSource, activity: Activity): Promise<string> {
  if ('workTreePath' in source) {
    return workTreeFile(project, source.workTreePath, activity);
  }
  const { entry, onDisk } = source;
  const here = `${project.root}/${entry.path}`;
  if (onDisk && isIdentity(await project.files.lstat(here), onDisk)) {
    return here;
  }
  if (await isUnmodified(project, entry)) {
    return here;
  }
  const sha256 = await knownHash(project, entry);
  if (sha256) {
    const kept = materializedPath(project, sha256);
    if (await verifyFile(project, kept, sha256, activity)) {
      return kept;
    }
  }
  return cacheContent(project, entry, activity);
}

async function workTreeFile(project: IProject, path: string, activity: Activity): Promise<string> {
  const file = `${project.root}/${path}`;
  const stat = await project.files.lstat(file);
  const absent = await readStandIn(project, path, stat);
  const oid = absent && (await project.git.hashBlob(encodePointer(absent)));
  if (oid && (await project.git.hasObject(oid))) {
    return cacheContent(project, { path, mode: '100644', oid }, activity);
  }
  if (stat?.kind === 'file' || stat?.kind === 'directory') {
    return file;
  }
  throw new BranchbookError('PATH_UNKNOWN', `There is no file ${path} in the work tree.`, { path });
}

/** The work tree has this version of the file: neither a changed one nor only its pointer. */
export async function isUnmodified(project: IProject, entry: TreeEntry): Promise<boolean> {
  const stat = await project.files.lstat(`${project.root}/${entry.path}`);
  if (stat?.kind !== 'file' || entry.mode === '120000') {
    return false;
  }
  const head = await project.git.head();
  const there = head.commit && (await project.git.entry((await project.git.readCommit(head.commit)).tree, entry.path));
  if (!there || there.oid !== entry.oid || (await readStandIn(project, entry.path, stat))) {
    return false;
  }
  const scan = await project.git.scan(cleanFilter(project), [entry.path]);
  return scan.changes.every(change => change.path !== entry.path);
}

/** `<home>/cache/<sha256>/<name>`, read-only, verified again whenever it may have been touched. */
export async function cacheContent(project: IProject, entry: TreeEntry, activity: Activity): Promise<string> {
  const { files, home } = project;
  await ensureDirectory(files, `${home}/cache`);
  const temporary = temporaryName(`${home}/cache/get`);
  try {
    const known = await knownHash(project, entry);
    if (!known) {
      await writeContent(project, entry, temporary, activity);
    }
    const sha256 = known ?? (await project.store.hashFile(temporary, activity));
    const file = `${home}/cache/${sha256}/${entry.path.slice(entry.path.lastIndexOf('/') + 1)}`;
    if (await verifyFile(project, file, sha256, activity)) {
      return file;
    }
    if (known) {
      await writeContent(project, entry, temporary, activity);
    }
    await ensureDirectory(files, parentOf(file));
    await files.chmod(temporary, READ_ONLY);
    await files.rename(temporary, file);
    await files.syncDirectory(parentOf(file));
    await recordSignature(project, file, (await files.lstat(file))!);
    return file;
  } finally {
    await unlinkQuietly(files, temporary);
  }
}

/** Write the content to a new file, flushed. */
export async function writeContent(
  project: IProject,
  entry: TreeEntry,
  file: string,
  activity: Activity
): Promise<void> {
  const pointer = entry.mode === '120000' ? null : await readPointer(project, entry.oid);
  if (pointer) {
    const { missing, problems } = await bringContents(project, [pointer], activity, 'file');
    // What lies ready in `materialized/` need not be in the store.
    if (missing.length > 0 && !(await project.files.lstat(materializedPath(project, pointer.sha256)))) {
      throw missingContent(pointer.sha256, entry.path, problems);
    }
    await buildAssets(project, [{ sha256: pointer.sha256, place: file }], activity);
    return;
  }
  const handle = await project.files.open(file, 'create');
  try {
    await handle.write(await project.git.readBlob(entry.oid), 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function knownHash(project: IProject, entry: TreeEntry): Promise<Sha256 | null> {
  return entry.mode === '120000' ? null : ((await readPointer(project, entry.oid))?.sha256 ?? null);
}
