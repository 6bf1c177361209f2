/**
 * Small files of git that left the work tree wait in `parked/`, named by their blob, and come back by rename: creating,
 * flushing and deleting files is what a switch would otherwise spend most of its time on. Only a cache: git has the
 * content, every file is verified when it is taken, and all of them may be deleted at any time.
 */
import { listNames, unlinkQuietly } from '../durable';
import { hasCode } from '../error';
import { decodePointer } from '../format/pointer';
import type { FileMode, ObjectId } from '../model/git';
import type { IProject } from '../port';
import { identityOf, isExecutable } from './content';
import type { Target } from './content';
import type { ParkedFile } from './steps';
import type { KeptFile } from './keep-contents';
import { rescue } from './verified-file';

/** Larger files are not parked, bytes. */
const MAX_BYTES = 64 * 1024;
/** So many may wait; more are deleted every now and then, those first that left first. */
const MAX_FILES = 20_000;
/** Operations between two looks at how many there are. */
const CLEAN_EVERY = 32;

export function parkedFolder(project: IProject): string {
  return `${project.home}/parked`;
}

/** Where a leaving file may wait; null when it is not one of these, or another one waits there already. */
export async function parkingPlace(project: IProject, { target, asset, stat }: KeptFile): Promise<string | null> {
  const { content } = target;
  if (asset || content.kind !== 'git' || stat.kind !== 'file' || stat.size > MAX_BYTES) {
    return null;
  }
  const place = `${parkedFolder(project)}/${content.oid}`;
  return (await project.files.lstat(place)) ? null : place;
}

/**
 * The waiting file that holds the blob, as new: with the time of now, since programs take files whose time did not
 * advance for unchanged. Not flushed. null when there is none, or none that is ours to use, and for the text of a
 * pointer, which stands for an asset.
 */
export async function takeParked(project: IProject, oid: ObjectId, mode: FileMode): Promise<ParkedFile | null> {
  try {
    return await take(project, `${parkedFolder(project)}/${oid}`, oid, mode);
  } catch (error) {
    if (hasCode(error, 'PERMISSION_DENIED', 'PATH_UNKNOWN')) {
      return null;
    }
    throw error;
  }
}

async function take(project: IProject, place: string, oid: ObjectId, mode: FileMode): Promise<ParkedFile | null> {
  const { files, git, clock } = project;
  const found = await files.lstat(place);
  if (found?.kind !== 'file') {
    return null;
  }
  if (isExecutable(found) !== (mode === '100755')) {
    await files.chmod(place, mode === '100755' ? found.mode | 0o111 : found.mode & ~0o111);
  }
  await files.touch(place, clock.now());
  // The look comes before the content: what a program that still has it open writes from here on changes its time.
  const stat = await files.lstat(place);
  const bytes = await files.readFile(place);
  if (!stat || !bytes || (await git.hashBlob(bytes)) !== oid) {
    await rescue(project, place);
    return null;
  }
  const target: Target = { mode, content: { kind: 'git', oid } };
  return decodePointer(bytes) ? null : { identity: identityOf(stat), place, target };
}

/** Call after each operation. What cannot be deleted stays until the next time. */
export async function limitParked(project: IProject, operation: string): Promise<void> {
  if (Number(operation) % CLEAN_EVERY !== 0) {
    return;
  }
  const paths = (await listNames(project.files, parkedFolder(project))).map(name => `${parkedFolder(project)}/${name}`);
  if (paths.length <= MAX_FILES) {
    return;
  }
  const left: { readonly path: string; readonly time: number }[] = [];
  await project.files.glanceAll(paths, (at, glance) => {
    left.push({ path: paths[at] as string, time: glance?.ctimeMs ?? 0 });
  });
  left.sort((a, b) => a.time - b.time);
  for (const { path } of left.slice(0, left.length - MAX_FILES)) {
    await unlinkQuietly(project.files, path);
  }
}
