import { ensureDirectory, parentOf, writeDurable } from '../durable';
import { BranchbookError } from '../error';
import type { IProject } from '../port';
import { explainCrossDevice } from '../transition/file-systems';
import { stagingOf } from '../transition/steps';

/**
 * Rewrite a small text file of the work tree (a project path); a missing one counts as empty. True when it changed.
 * PATH_UNSAFE when it is a symbolic link, which may lead outside the project; FORMAT_INVALID when it is not UTF-8.
 */
export async function editTextFile(project: IProject, path: string, edit: (text: string) => string): Promise<boolean> {
  const absolute = `${project.root}/${path}`;
  const text = await readTextFile(project, path);
  const edited = edit(text);
  if (edited === text) {
    return false;
  }
  await ensureDirectory(project.files, parentOf(absolute));
  const mode = (await project.files.lstat(absolute))?.mode;
  await replace(project, absolute, new TextEncoder().encode(edited), mode === undefined ? 0o666 : mode & 0o777);
  return true;
}

/** A crash leaves the new file among what is staged, where recovery clears it, not among the user's files. */
async function replace(project: IProject, path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const { files } = project;
  const staging = stagingOf(project, project.random.hex(8));
  await ensureDirectory(files, parentOf(staging));
  const inode = (await files.lstat(path))?.ino;
  try {
    await writeDurable(files, path, bytes, mode, staging);
  } catch (error) {
    const now = await files.lstat(path).catch(() => null);
    throw now?.ino === inode ? explainCrossDevice(error) : changedAllTheSame(path, error);
  }
}

function changedAllTheSame(path: string, error: unknown): BranchbookError {
  const cause = BranchbookError.from(error);
  return new BranchbookError(
    'OUTCOME_UNKNOWN',
    `${path} was changed, but that may not last: ${cause.message}`,
    { cause: cause.toJSON() },
    'Look at the file before you try again.'
  );
}

/**
 * The text of a work-tree file, empty when it does not exist. PATH_UNSAFE when it is not a regular file, FORMAT_INVALID
 * when it is not UTF-8: what cannot be read must not be written back.
 */
export async function readTextFile(project: IProject, path: string): Promise<string> {
  const absolute = `${project.root}/${path}`;
  const stat = await project.files.lstat(absolute);
  if (stat && stat.kind !== 'file') {
    throw new BranchbookError(
      'PATH_UNSAFE',
      `${path} is not a regular file.`,
      { path, reason: `it is a ${stat.kind}` },
      `Replace it by a regular file, then try again.`
    );
  }
  const bytes = (await project.files.readFile(absolute)) ?? new Uint8Array();
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const reason = 'it is not UTF-8 text';
    throw new BranchbookError(
      'FORMAT_INVALID',
      `${path} cannot be edited: ${reason}.`,
      { format: 'utf-8', path, reason },
      'Save it as UTF-8, then try again.'
    );
  }
}
