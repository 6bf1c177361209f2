/** Changes to a work tree are renames, which cannot leave a file system. */
import { BranchbookError } from '../error';
import { foldersAbove } from '../model/path';
import type { IProject } from '../port';

/** CROSS_DEVICE when one of these project paths lies on another file system than the project's own folder. */
export async function refuseOtherFileSystems(project: IProject, paths: readonly string[]): Promise<void> {
  const { files, home, root } = project;
  const device = (await files.lstat(home))?.dev;
  const folders = new Set(paths.flatMap(path => ['', ...foldersAbove(path)]));
  for (const folder of folders) {
    const stat = await files.lstat(folder === '' ? root : `${root}/${folder}`);
    if (stat?.kind === 'directory' && stat.dev !== device) {
      throw crossDevice(folder || root);
    }
  }
}

/** The same where device numbers do not tell (a folder of one file system mounted into itself). */
export function explainCrossDevice(error: unknown): unknown {
  const told = error instanceof BranchbookError && error.data['errno'] === 'EXDEV';
  return told ? crossDevice(String(error.data['path'])) : error;
}

function crossDevice(path: string): BranchbookError {
  return new BranchbookError(
    'CROSS_DEVICE',
    `${path} and the project’s .git folder are on different file systems, so files cannot be moved between them in one step.`,
    { path },
    'Keep all of the project on one file system; nothing was changed.'
  );
}
