import type { IProject } from '../port';

/** Which work tree of the repository, wherever it lies: empty for the main one, else its name. */
export function worktreeOf({ git }: Pick<IProject, 'git'>): string {
  return git.gitDir === git.commonDir ? '' : git.gitDir.slice(git.commonDir.length + 1);
}

export function isOfThisWorkTree(
  project: IProject,
  { root, worktree }: { readonly root: string; readonly worktree?: string }
): boolean {
  return worktree === undefined ? root === project.root : worktree === worktreeOf(project);
}
