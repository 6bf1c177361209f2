/** The bytes of a version of a file, wherever they are: in the store, in git, or on disk only. */
import { bytesSource, fileSource, storeSource } from '../content/byte-source';
import type { IByteSource } from '../content/byte-source';
import { BranchbookError } from '../error';
import type { TreeEntry } from '../model/git';
import type { Activity, IProject } from '../port';
import { requireContent } from '../remote/bring-contents';
import { readStandIn } from '../transition/stand-in';
import { contentInfo } from './contents';

/** A file of a snapshot; with `entry` null, the file on disk. */
export type VersionOf = { readonly path: string; readonly entry: TreeEntry | null };

/**
 * Work on the bytes without writing them anywhere; only what is read is fetched. ASSET_MISSING, OBJECT_CORRUPT,
 * PATH_UNKNOWN for what is no file.
 */
export async function withSource<T>(
  project: IProject,
  { path, entry }: VersionOf,
  activity: Activity,
  work: (source: IByteSource) => Promise<T>
): Promise<T> {
  if (!entry) {
    return withFile(project, path, activity, work);
  }
  const { pointer, size } = await contentInfo(project, entry);
  if (!pointer) {
    return work(bytesSource(await project.git.readBlob(entry.oid)));
  }
  await requireContent(project, pointer, path, activity);
  return work(storeSource(project.store, pointer.sha256, size));
}

async function withFile<T>(
  project: IProject,
  path: string,
  activity: Activity,
  work: (source: IByteSource) => Promise<T>
): Promise<T> {
  const place = `${project.root}/${path}`;
  const stat = await project.files.lstat(place);
  if (stat?.kind !== 'file') {
    throw new BranchbookError('PATH_UNKNOWN', `${path} is not a file.`, { path }, 'Name a file of the project.');
  }
  const absent = await readStandIn(project, path, stat);
  if (absent) {
    await requireContent(project, absent, path, activity);
    return work(storeSource(project.store, absent.sha256, absent.size));
  }
  const handle = await project.files.open(place, 'read');
  try {
    return await work(fileSource(handle, stat.size));
  } finally {
    await handle.close();
  }
}
