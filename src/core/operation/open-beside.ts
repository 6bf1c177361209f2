/** A git work tree of another branch next to the project, for side-by-side work. */
import { ensureDirectory, parentOf, unlinkQuietly, writeSynced } from '../durable';
import { BranchbookError } from '../error';
import { decodePointer, POINTER_MAX_BYTES } from '../format/pointer';
import type { TreeEntry } from '../model/git';
import { checkPath } from '../model/path';
import type { Activity, FileStat, IProject } from '../port';
import { bringContents } from '../remote/bring-contents';
import { describeStandIns, findStandIns } from '../transition/stand-in';
import { requireBranch } from './branch-guards';

type Beside = { readonly worktree: string; readonly notices: readonly string[] };

/**
 * Absolute path of the work tree that has the branch; it is made when there is none, and completed when a crash left it
 * half-filled. Its assets are real files; `notices` name those that could not be had.
 * BRANCH_UNKNOWN, BRANCH_IN_USE for the current branch, and what rebuilding assets throws.
 */
export async function openBeside(project: IProject, name: string, activity: Activity): Promise<Beside> {
  await requireBranch(project, name);
  const worktrees = await project.git.worktrees();
  const there = worktrees.find(tree => tree.branch === name);
  if (there?.root === project.root) {
    throw new BranchbookError(
      'BRANCH_IN_USE',
      `${name} is the current branch; it is open here already.`,
      { name, worktree: there.root },
      'Name another branch.'
    );
  }
  const root = there?.root ?? (await addWorktree(project, name));
  const beside = await project.at(root);
  // The index comes last: without one, the work tree is new, or its filling was interrupted.
  if (!(await project.files.lstat(`${beside.git.gitDir}/index`))) {
    await fill(beside, activity);
  }
  return { worktree: root, notices: describeStandIns(await findStandIns(beside)) };
}

async function addWorktree(project: IProject, name: string): Promise<string> {
  const root = await freeFolder(project, name);
  await ensureDirectory(project.files, parentOf(root));
  await project.git.addWorktree(root, name);
  return root;
}

/** `<project>.worktrees/<branch>`, beside the main work tree also when called in a linked one. */
async function freeFolder(project: IProject, name: string): Promise<string> {
  const { commonDir } = project.git;
  const main = commonDir.endsWith('/.git') ? parentOf(commonDir) : project.root;
  const folder = `${main}.worktrees/${name.replaceAll('/', '-')}`;
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? folder : `${folder}-${count}`;
    if (!(await project.files.lstat(candidate))) {
      return candidate;
    }
  }
}

/** Write every file of HEAD that is not there yet. Links come last, so that nothing is written through one. */
async function fill(project: IProject, activity: Activity): Promise<void> {
  const head = await project.git.head();
  const { tree } = await project.git.readCommit(head.commit!);
  const entries = [...(await project.git.listTree(tree))].filter(entry => entry.mode !== '160000');
  entries.sort((a, b) => Number(a.mode === '120000') - Number(b.mode === '120000'));
  const transaction = await project.git.begin();
  try {
    for (const [done, entry] of entries.entries()) {
      activity.onProgress?.({ phase: 'Writing files', done, total: entries.length, unit: 'files', path: entry.path });
      transaction.set(entry, await writeFile(project, entry, activity));
    }
    await transaction.commit({ reflog: 'branchbook: open beside' });
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

/** Its stat; null when a file was there already, which its user may have changed since. */
async function writeFile(project: IProject, entry: TreeEntry, activity: Activity): Promise<FileStat | null> {
  checkPath(entry.path);
  const { files, home } = project;
  const path = `${project.root}/${entry.path}`;
  if (await files.lstat(path)) {
    return null;
  }
  await ensureDirectory(files, parentOf(path));
  await ensureDirectory(files, `${home}/tmp`);
  const temporary = `${home}/tmp/beside-${project.random.hex(8)}`;
  try {
    await writeContent(project, entry, temporary, activity);
    await files.rename(temporary, path);
  } catch (error) {
    await unlinkQuietly(files, temporary);
    throw error;
  }
  return files.lstat(path);
}

async function writeContent(project: IProject, entry: TreeEntry, path: string, activity: Activity): Promise<void> {
  const bytes = await project.git.readBlob(entry.oid);
  if (entry.mode === '120000') {
    await project.files.symlink(new TextDecoder().decode(bytes), path);
    return;
  }
  const pointer = bytes.length <= POINTER_MAX_BYTES ? decodePointer(bytes) : null;
  const { missing } = await bringContents(project, pointer ? [pointer] : [], activity, 'file');
  if (pointer && missing.length === 0) {
    await project.store.materialize(pointer.sha256, path, activity);
  } else {
    await writeSynced(project.files, path, bytes);
  }
  if (entry.mode === '100755') {
    await project.files.chmod(path, 0o755);
  }
}
