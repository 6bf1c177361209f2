/** Guards about branches that several verbs share. */
import { BranchbookError } from '../error';
import type { Head, ObjectId, Ref } from '../model/git';
import type { IProject } from '../port';
import { shortId } from './head';

/** Commit of a local branch. BRANCH_UNKNOWN; UNBORN_HEAD for the current branch before its first snapshot. */
export async function requireBranch(project: IProject, name: string): Promise<ObjectId> {
  const ref = (await project.git.refs('refs/heads/')).find(candidate => candidate.name === `refs/heads/${name}`);
  if (ref) {
    return ref.commit;
  }
  const head = await project.git.head();
  if (head.kind === 'branch' && head.branch === name) {
    throw unborn(name);
  }
  throw new BranchbookError(
    'BRANCH_UNKNOWN',
    `There is no branch ${JSON.stringify(name)}.`,
    { name },
    '`branchbook branch` lists the branches.'
  );
}

export function unborn(branch: string): BranchbookError {
  return new BranchbookError(
    'UNBORN_HEAD',
    `The branch ${branch} has no snapshot yet.`,
    { branch },
    'Take the first snapshot: `branchbook snapshot -m "first"`.'
  );
}

/** Branches, also of remotes, and tags: what keeps snapshots. */
export async function keepingRefs(project: IProject): Promise<readonly Ref[]> {
  return (await project.git.refs('refs/')).filter(ref => /^refs\/(heads|tags|remotes)\//.test(ref.name));
}

/** True when one of the refs has the commit in its history. */
export async function isKeptBy(project: IProject, refs: readonly Ref[], commit: ObjectId): Promise<boolean> {
  for (const ref of refs) {
    if (ref.commit === commit || (await project.git.isAncestor(commit, ref.commit))) {
      return true;
    }
  }
  return false;
}

/** What to know once HEAD moved from `before` to `after`: snapshots of a detached HEAD that nothing keeps. */
export async function noticesOnLeaving(project: IProject, before: Head, after: ObjectId): Promise<readonly string[]> {
  if (before.kind !== 'detached') {
    return [];
  }
  const refs = [{ name: 'HEAD', commit: after, object: after }, ...(await keepingRefs(project))];
  const id = shortId(before.commit);
  return (await isKeptBy(project, refs, before.commit))
    ? []
    : [`No branch has the snapshot ${id} that you left. To keep it: \`branchbook branch NAME --from ${id}\`.`];
}

/** BRANCH_IN_USE when another work tree of the repository has the branch checked out. */
export async function refuseInOtherWorktree(project: IProject, name: string): Promise<void> {
  const other = (await project.git.worktrees()).find(tree => tree.branch === name && tree.root !== project.root);
  if (other) {
    throw new BranchbookError(
      'BRANCH_IN_USE',
      `${name} is checked out in ${other.root}.`,
      { name, worktree: other.root },
      'Work there, or remove that work tree first: `git worktree remove`.'
    );
  }
}
