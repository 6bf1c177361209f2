/** `merge`: bring another branch's work into this one, or into a branch that is not checked out. */
import { BranchbookError } from '../error';
import { shellQuote } from '../format/shell-quote';
import type { Commit, ObjectId, RefChange } from '../model/git';
import type { MergeArgs, MergeConflict, MergeResult } from '../model/merge';
import type { Anomaly } from '../model/table-schema';
import type { Activity, IProject } from '../port';
import { targetOf } from '../transition/content';
import { changeRefs } from '../transition/change-refs';
import { changesBetween, moveWorkTree, refuseUnsnapshotted } from '../transition/move-work-tree';
import type { Moved } from '../transition/move-work-tree';
import type { PathChange } from '../transition/path-change';
import { requireBranch, refuseInOtherWorktree } from './branch-guards';
import { commonTree } from './common-tree';
import { refuseInProgress, shortId } from './head';
import { mergeTrees } from './merge-trees';
import type { MergedTree } from './merge-trees';
import type { Operation } from './operation';
import { guardTables, refuseFailures } from './table-guard';
import { schemasInTree, tablesAmong } from './table-schemas';

export const mergeOperation: Operation<'merge'> = {
  verb: 'merge',
  summary: 'Bring the work of another branch into this one',
  mutates: true,
  run: merge
};

/** What is merged into what. */
type Parts = {
  /** Branch that moves. */
  readonly into: string;
  readonly ours: Commit;
  /** As the user wrote it. */
  readonly name: string;
  readonly theirs: Commit;
  readonly current: boolean;
};

type Outcome = {
  readonly kind: MergeResult['kind'];
  readonly commit: ObjectId;
  readonly tree: ObjectId;
};

/**
 * MERGE_CONFLICT lists every conflict, SCHEMA_VIOLATED every anomaly; both change nothing. Also WORK_TREE_DIRTY, BRANCH_UNKNOWN, REVISION_UNKNOWN,
 * DETACHED_HEAD, UNBORN_HEAD, BRANCH_IN_USE, OPERATION_IN_PROGRESS, IDENTITY_MISSING.
 */
export async function merge(
  project: IProject,
  args: MergeArgs,
  activity: Activity,
  /** What people call what is merged, where the argument is not their own. */
  name: string = args.branch
): Promise<MergeResult> {
  const parts = { ...(await findParts(project, args)), name };
  if (parts.current) {
    await refuseInProgress(project);
  } else {
    await refuseInOtherWorktree(project, parts.into);
  }
  const outcome = await mergeCommits(project, parts, args);
  const anomalies = await findAnomalies(project, parts, outcome, activity);
  refuseFailures(anomalies, args.allowAnomalies);
  const moved = outcome.kind === 'up-to-date' ? nothingMoved : await publish(project, parts, outcome, activity);
  return {
    kind: outcome.kind,
    branch: parts.into,
    merged: parts.name,
    commit: outcome.commit,
    ...moved,
    ...(anomalies && { anomalies })
  };
}

/** Of the tables that the merge changes, or whose schema it does. */
async function findAnomalies(
  project: IProject,
  { ours }: Parts,
  { tree }: Outcome,
  activity: Activity
): Promise<readonly Anomaly[] | null> {
  const { git } = project;
  const schemas = await schemasInTree(project, tree, activity);
  if (tree === ours.tree || schemas.tables.length === 0) {
    return null;
  }
  const changed = tablesAmong((await git.diffTrees(ours.tree, tree)).map(({ path }) => path));
  const versions = {
    now: (path: string) => git.entry(tree, path),
    before: (path: string) => git.entry(ours.tree, path)
  };
  return guardTables(project, changed, schemas.texts, versions, activity);
}

const nothingMoved: Moved = { changed: [], added: [], removed: [], notices: [] };

async function findParts(project: IProject, args: MergeArgs): Promise<Parts> {
  const { git } = project;
  const head = await git.head();
  const into = args.into ?? (head.kind === 'branch' ? head.branch : null);
  if (into === null) {
    throw new BranchbookError(
      'DETACHED_HEAD',
      'No branch is checked out, so there is nothing to merge into.',
      {},
      'Switch to a branch, or say which one with --into.'
    );
  }
  const ours = await requireBranch(project, into);
  const theirs = await git.resolve(args.branch);
  return {
    into,
    ours: await git.readCommit(ours),
    name: args.branch,
    theirs: await git.readCommit(theirs),
    current: head.kind === 'branch' && head.branch === into
  };
}

async function mergeCommits(project: IProject, parts: Parts, args: MergeArgs): Promise<Outcome> {
  const { git } = project;
  const { ours, theirs } = parts;
  const bases = await git.mergeBases(ours.oid, theirs.oid);
  const [base = null] = bases;
  if (base === theirs.oid) {
    return { kind: 'up-to-date', commit: ours.oid, tree: ours.tree };
  }
  if (base === ours.oid) {
    return { kind: 'fast-forward', commit: theirs.oid, tree: theirs.tree };
  }
  const author = await git.identity();
  const merged = await mergeTrees(project, {
    ...(await commonTree(project, bases)),
    ours: ours.tree,
    theirs: theirs.tree,
    preferOurs: (args.ours ?? []).map(toFolder),
    preferTheirs: (args.theirs ?? []).map(toFolder)
  });
  if (merged.conflicts.length > 0) {
    throw conflict(parts, base, merged.conflicts);
  }
  if (parts.current) {
    await refuseUnsnapshotted(project, await pathChanges(project, ours.tree, merged));
  }
  for (const bytes of merged.texts.values()) {
    await git.writeBlob(bytes);
  }
  const tree = await git.writeTree(ours.tree, merged.changes);
  const signature = { ...author, time: Math.floor(project.clock.now() / 1000), offset: project.clock.offset() };
  const message = args.message?.trim() || (await defaultMessage(project, parts));
  const commit = await git.writeCommit({
    tree,
    parents: [ours.oid, theirs.oid],
    author: signature,
    committer: signature,
    message: `${message}\n`
  });
  return { kind: 'merge', commit, tree };
}

/** What the merge will do to the work tree. A text that is merged does not exist yet: until then it stays ours. */
async function pathChanges(project: IProject, ours: ObjectId, merged: MergedTree): Promise<readonly PathChange[]> {
  const changes: PathChange[] = [];
  for (const [path, entry] of merged.changes) {
    const from = await project.git.entry(ours, path);
    const to = merged.texts.has(path) ? from : entry && { path, ...entry };
    changes.push({ path, from, entry: to, to: to && targetOf(to) });
  }
  return changes;
}

function toFolder(path: string): string {
  return path === '.' ? '' : path.replace(/\/+$/, '');
}

/** As git words it. */
async function defaultMessage(project: IProject, { name, into }: Parts): Promise<string> {
  const isBranch = (await project.git.refs(`refs/heads/${name}`)).some(ref => ref.name === `refs/heads/${name}`);
  return `Merge ${isBranch ? 'branch' : 'commit'} '${name}' into ${into}`;
}

function conflict(parts: Parts, base: ObjectId | null, conflicts: readonly MergeConflict[]): BranchbookError {
  const list = conflicts.map(({ path, reason }) => `${path} (${reason})`).join(', ');
  return new BranchbookError(
    'MERGE_CONFLICT',
    `${parts.name} and ${parts.into} both changed ${conflicts.length === 1 ? 'a file' : `${conflicts.length} files`}: ${list}.`,
    { conflicts, ours: parts.ours.oid, theirs: parts.theirs.oid, base },
    `Nothing was changed. Decide for each path: \`branchbook merge ${shellQuote(parts.name)}\` with --ours PATH or --theirs PATH; \`.\` means all.`
  );
}

async function publish(project: IProject, parts: Parts, outcome: Outcome, activity: Activity): Promise<Moved> {
  const { git } = project;
  const ref: RefChange = { name: `refs/heads/${parts.into}`, from: parts.ours.oid, to: outcome.commit };
  const description = `merge ${parts.name} into ${parts.into}`;
  const reflog = `merge ${parts.name}: ${outcome.kind === 'fast-forward' ? 'Fast-forward' : `Made ${shortId(outcome.commit)}`}`;
  const before = await git.head();
  if (parts.current) {
    const changes = await changesBetween(project, parts.ours.tree, outcome.tree);
    const move = { changes, before, refs: [ref], unsnapshotted: 'refuse', verb: 'merge', description, reflog } as const;
    return moveWorkTree(project, move, activity);
  }
  await changeRefs(project, { before, refs: [ref], verb: 'merge', description, reflog });
  return nothingMoved;
}
