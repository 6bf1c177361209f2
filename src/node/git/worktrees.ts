/** The work trees of a repository: the main one and linked ones (Documentation/git-worktree.adoc). */
import { listNames } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import { requireBranchName } from '../../core/model/ref-name';
import type { IFileSystem } from '../../core/port';
import { decodeText } from './bytes';
import { runGit } from './runner';

export type Worktree = { readonly root: string; readonly branch: string | null };

async function branchOf(files: IFileSystem, gitDir: string): Promise<string | null> {
  const head = decodeText((await files.readFile(`${gitDir}/HEAD`)) ?? new Uint8Array());
  return /^ref:\s*refs\/heads\/(\S+)\s*$/.exec(head)?.[1] ?? null;
}

/** Every work tree that exists on disk, the main one first. */
export async function listWorktrees(files: IFileSystem, commonDir: string): Promise<readonly Worktree[]> {
  const main = { root: commonDir.replace(/\/\.git$/, ''), branch: await branchOf(files, commonDir) };
  const linked: Worktree[] = [];
  for (const name of await listNames(files, `${commonDir}/worktrees`)) {
    const gitDir = `${commonDir}/worktrees/${name}`;
    const link = decodeText((await files.readFile(`${gitDir}/gitdir`)) ?? new Uint8Array()).trim();
    if (link !== '' && (await files.lstat(link))) {
      linked.push({ root: link.replace(/\/\.git$/, ''), branch: await branchOf(files, gitDir) });
    }
  }
  return [main, ...linked];
}

/**
 * Link a new work tree at `root`, on `branch`. Its files are not written: assets are not git's to check out. The caller
 * fills it as for a switch. BRANCH_IN_USE when another work tree has the branch.
 */
export async function addWorktree(
  files: IFileSystem,
  from: { readonly root: string; readonly commonDir: string },
  root: string,
  branch: string
): Promise<void> {
  requireBranchName(branch);
  const user = (await listWorktrees(files, from.commonDir)).find(worktree => worktree.branch === branch);
  if (user) {
    throw new BranchbookError(
      'BRANCH_IN_USE',
      `The branch “${branch}” is already checked out in ${user.root}.`,
      { branch, worktree: user.root },
      'Use that folder, or choose another branch.'
    );
  }
  // The last one is a short name on purpose: for a full one git would detach HEAD. It has been checked above.
  const command = ['worktree', 'add', '--no-checkout'];
  await runGit({ files, cwd: from.root, command, operands: [root, branch] });
}
