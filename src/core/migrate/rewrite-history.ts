/**
 * Rewriting the history of all branches and tags: each commit again with a changed tree, everything else as it was.
 * Nothing of it is visible before `publishHistory`; until then a failure leaves only objects that nothing refers to.
 */
import { throwIfCancelled } from '../cancel';
import { BranchbookError } from '../error';
import type { Head, ObjectId, Ref } from '../model/git';
import type { Activity, IObjectBatch, IProject, NewTreeEntry } from '../port';
import { cleanFilter } from '../transition/clean-filter';
import { eachCommit } from './each-commit';

export type TreeChanges = ReadonlyMap<string, NewTreeEntry | null>;

/** What becomes of each tree. Asked once for each; the same for the same tree. */
export interface ITreeMigration {
  /** By project path; empty when the tree stays. Without a batch nothing is written, and only the paths count. */
  changesOf(tree: ObjectId, batch: IObjectBatch | null): Promise<TreeChanges>;
}

export type RewrittenRef = { readonly name: string; readonly from: ObjectId; readonly to: ObjectId };

export type Rewritten = {
  readonly refs: readonly RewrittenRef[];
  /** Commits written anew. */
  readonly commits: number;
};

/** Stands for objects that a dry run does not make. */
const UNKNOWN: ObjectId = '0'.repeat(40);

/**
 * A history that may be rewritten. DETACHED_HEAD, UNBORN_HEAD, WORK_TREE_DIRTY, BRANCH_IN_USE for other work trees,
 * REPOSITORY_UNSUPPORTED for a shallow clone.
 */
export async function requireRewritable(project: IProject): Promise<Head & { readonly commit: ObjectId }> {
  const { git, files } = project;
  const head = await git.head();
  if (head.kind === 'detached') {
    throw new BranchbookError(
      'DETACHED_HEAD',
      'No branch is checked out; its history would be rewritten under your feet.',
      {},
      'Switch to a branch first.'
    );
  }
  if (head.commit === null) {
    throw new BranchbookError('UNBORN_HEAD', `${head.branch} has no snapshot yet.`, {}, 'There is nothing to migrate.');
  }
  const others = (await git.worktrees()).filter(tree => tree.root !== project.root);
  if (others.length > 0) {
    throw new BranchbookError(
      'BRANCH_IN_USE',
      `The history cannot be rewritten while other work trees use it: ${others.map(({ root }) => root).join(', ')}.`,
      { worktrees: others.map(({ root }) => root) },
      'Remove them with `git worktree remove FOLDER`, then try again.'
    );
  }
  if (await files.lstat(`${git.commonDir}/shallow`)) {
    throw new BranchbookError(
      'REPOSITORY_UNSUPPORTED',
      'This is a shallow clone: a part of the history is not here.',
      { path: git.root },
      'Get all of it first: `git fetch --unshallow`.'
    );
  }
  await refuseChanges(project);
  return { ...head, commit: head.commit };
}

async function refuseChanges(project: IProject): Promise<void> {
  const scan = await project.git.scan(cleanFilter(project));
  const paths = scan.changes
    .filter(({ kind }) => kind !== 'untracked')
    .map(({ path, kind }) => ({ path, reason: kind }));
  if (paths.length > 0) {
    const list = paths.slice(0, 5).map(({ path, reason }) => `${path} (${reason})`);
    throw new BranchbookError(
      'WORK_TREE_DIRTY',
      `Rewriting the history needs a work tree without changes: ${list.join(', ')}${paths.length > 5 ? ', …' : ''}.`,
      { paths },
      'Snapshot them first: `branchbook snapshot -m "before the migration"`.'
    );
  }
}

/** Branches and tags: what may be rewritten. Remote-tracking branches say what others have. */
export async function rewritableRefs(project: IProject): Promise<readonly Ref[]> {
  return (await project.git.refs('refs/')).filter(({ name }) => /^refs\/(heads|tags)\//.test(name));
}

/** With a batch, the new objects are in it and `commit` makes them durable; without, only tells what would change. */
export async function rewriteHistory(
  project: IProject,
  migration: ITreeMigration,
  batch: IObjectBatch | null,
  activity: Activity
): Promise<Rewritten> {
  const refs = await rewritableRefs(project);
  const commits = new Map<ObjectId, ObjectId>();
  const trees = new Map<ObjectId, ObjectId>();
  const rewriteTree = async (tree: ObjectId): Promise<ObjectId> => {
    const changes = await migration.changesOf(tree, batch);
    const rewritten = changes.size === 0 ? tree : batch ? await batch.writeTree(tree, changes) : UNKNOWN;
    trees.set(tree, rewritten);
    return rewritten;
  };
  const tips = refs.map(({ commit }) => commit);
  for await (const commit of eachCommit(project, tips)) {
    throwIfCancelled(activity);
    const tree = trees.get(commit.tree) ?? (await rewriteTree(commit.tree));
    const parents = commit.parents.map(parent => commits.get(parent) ?? parent);
    if (tree !== commit.tree || parents.some((parent, index) => parent !== commit.parents[index])) {
      commits.set(commit.oid, batch ? await batch.rewriteCommit(commit.oid, tree, parents) : UNKNOWN);
      activity.onProgress?.({ phase: 'Rewriting', done: commits.size, total: null, unit: 'commits' });
    }
  }
  const rewritten: RewrittenRef[] = [];
  for (const { name, commit, object } of refs) {
    const to = commits.get(commit);
    if (to !== undefined) {
      const isTag = object !== commit && batch !== null;
      rewritten.push({ name, from: object, to: isTag ? await batch.rewriteTag(object, to) : to });
    }
  }
  return { refs: rewritten, commits: commits.size };
}
