/** Move the work tree, the index and refs from one state to another, atomically: the engine below every verb. */
import { BranchbookError } from '../error';
import type { Pointer } from '../model/asset';
import type { Head, ObjectId, RefChange, TreeEntry } from '../model/git';
import type { LoggedFile } from '../oplog/operation-log';
import type { Activity, IIndex, IProject } from '../port';
import { isSameHead } from './carry-out';
import { identityOf, readPointer, targetOf } from './content';
import type { FileIdentity, Target } from './content';
import type { IndexChange, Step } from './journal';
import { noteMove } from './materialized';
import { planChanges } from './plan';
import type { Obstacle, Plan } from './plan';
import type { PathChange } from './path-change';
import { refuseOtherFileSystems } from './file-systems';
import { keepContents } from './keep-contents';
import type { KeptFile } from './keep-contents';
import { prepareSteps } from './prepare';
import { guardStaging, publish } from './publish';
import { bringContents, problemsOf } from '../remote/bring-contents';
import { configuredRemotes } from '../remote/configured';
import { applySelection, readSelection } from './selection';
import type { Selection } from './selection';
import { describeStandIns, standInsOf } from './stand-in';

export type Move = {
  readonly changes: readonly PathChange[];
  /** HEAD as the caller saw it; REF_CONFLICT when it moved since. */
  readonly before: Head;
  /** When HEAD itself moves. */
  readonly head?: Head;
  readonly refs?: readonly RefChange[];
  /** What to do with unsnapshotted work in the way: WORK_TREE_DIRTY, or keep it in the operation log. */
  readonly unsnapshotted: 'refuse' | 'save';
  /** Unsnapshotted contents that are kept already, so that they may go (undo). */
  readonly expected?: ReadonlyMap<string, Target | null>;
  /** What the log should say of paths whose contents no commit tells, besides those this move saves. */
  readonly logged?: readonly LoggedFile[];
  readonly verb: string;
  readonly description: string;
  /** The reflog's line, in git's own words where it has any. */
  readonly reflog: string;
  readonly undoes?: string;
  /** Which assets come as files; as the work tree remembers it when missing. */
  readonly selection?: Selection;
  /** For `undo` of a snapshot: index and refs move, files stay. */
  readonly workTree?: 'follow' | 'stay';
};

export type Moved = {
  /** Project paths on disk that now hold other content, are new, are gone. */
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Things the user should know: assets that come as their pointers only. */
  readonly notices: readonly string[];
};

/** The changes that lead from one commit's tree to another's. */
export async function changesBetween(
  project: IProject,
  from: ObjectId | null,
  to: ObjectId | null
): Promise<readonly PathChange[]> {
  const changes = await project.git.diffTrees(from, to);
  return changes.map(change => ({
    path: change.path,
    from: change.from,
    entry: change.to,
    to: change.to && targetOf(change.to)
  }));
}

/** The tree of a commit; null for an unborn branch. */
export async function treeOf(project: IProject, commit: ObjectId | null): Promise<ObjectId | null> {
  return commit ? (await project.git.readCommit(commit)).tree : null;
}

/**
 * Carry out a move. Until the first rename it can be cancelled and fails without a trace: WORK_TREE_DIRTY, PATH_UNSAFE,
 * CASE_COLLISION, CROSS_DEVICE, DISK_FULL, ASSET_MISSING, OBJECT_CORRUPT, REF_CONFLICT, CANCELLED.
 */
export async function moveWorkTree(project: IProject, move: Move, activity: Activity): Promise<Moved> {
  // Before index and HEAD are held: remotes take their time.
  const problems = move.workTree === 'stay' ? [] : await bringComing(project, move, activity);
  const transaction = await project.git.begin();
  const id = project.random.hex(8);
  return guardStaging(project, id, transaction, async () => {
    await checkHead(project, move.before);
    const selection = move.selection === undefined ? await readSelection(project) : move.selection;
    const changes = await applySelection(project, selection, move.changes);
    const plan = await planMove(project, { ...move, changes }, transaction);
    await refuseOtherFileSystems(
      project,
      [...plan.leaving, ...plan.coming].map(({ path }) => path)
    );
    if (move.unsnapshotted === 'refuse') {
      refuseObstacles(plan.obstacles);
    }
    const leaving = await keepContents(project, plan.leaving, activity);
    const steps = await prepareSteps(project, id, leaving, plan.coming, activity);
    const standIns = await standInsOf(project, steps);
    const publication = {
      id,
      steps,
      index: indexChanges(plan, steps, transaction),
      before: move.before,
      head: move.head ?? null,
      refs: move.refs ?? [],
      reflog: move.reflog,
      verb: move.verb,
      description: move.description,
      files: loggedFiles(move, plan.obstacles, leaving),
      workTree: move.workTree ?? 'follow',
      undoes: move.undoes,
      selection: move.selection
    };
    await publish(project, transaction, publication, activity);
    // The move is done; what is kept ready beyond the budget may as well go next time.
    await noteMove(project, steps).catch(() => undefined);
    return { ...summarize(steps), notices: [...describeStandIns(standIns), ...problems] };
  });
}

/** Contents that are not here, from remotes. What cannot be had comes as its pointer; gives the reasons, for people. */
async function bringComing(project: IProject, move: Move, activity: Activity): Promise<readonly string[]> {
  if ((await configuredRemotes(project.git)).length === 0) {
    return []; // Nobody to ask: not worth reading every pointer.
  }
  const selection = move.selection === undefined ? await readSelection(project) : move.selection;
  const wanted: Pointer[] = [];
  for (const { to } of await applySelection(project, selection, move.changes)) {
    const isNew = to?.content.kind === 'git' && to.mode !== '120000';
    const pointer = isNew && to.content.kind === 'git' ? await readPointer(project, to.content.oid) : null;
    if (pointer) {
      wanted.push(pointer);
    }
  }
  return problemsOf(await bringContents(project, wanted, activity, 'file'));
}

/** WORK_TREE_DIRTY when changes would take away unsnapshotted work; looks only, for callers that write before they move. */
export async function refuseUnsnapshotted(project: IProject, changes: readonly PathChange[]): Promise<void> {
  const transaction = await project.git.begin();
  await transaction.rollback();
  refuseObstacles((await planChanges(project, { changes, index: transaction, expected: new Map() })).obstacles);
}

async function checkHead(project: IProject, before: Head): Promise<void> {
  if (!isSameHead(await project.git.head(), before)) {
    throw new BranchbookError(
      'REF_CONFLICT',
      'Another program moved HEAD meanwhile.',
      { ref: 'HEAD' },
      'Try again; nothing was changed.'
    );
  }
}

async function planMove(project: IProject, move: Move, index: IIndex): Promise<Plan> {
  if (move.workTree === 'stay') {
    return { changes: move.changes, leaving: [], coming: [], settled: [], obstacles: [] };
  }
  return planChanges(project, {
    changes: move.changes,
    index,
    expected: move.expected ?? new Map()
  });
}

/** WORK_TREE_DIRTY naming every path and why. */
export function refuseObstacles(obstacles: readonly Obstacle[]): void {
  if (obstacles.length > 0) {
    const list = obstacles.map(({ path, reason }) => `${path} (${reason})`).join(', ');
    throw new BranchbookError(
      'WORK_TREE_DIRTY',
      `Unsnapshotted work would be overwritten: ${list}.`,
      { paths: obstacles },
      'Snapshot it, park it on the current branch, or discard it (discarding can be undone).'
    );
  }
}

/** Contents that only the log knows: what this move takes away unsnapshotted, and what the caller adds. */
function loggedFiles(move: Move, obstacles: readonly Obstacle[], leaving: readonly KeptFile[]): readonly LoggedFile[] {
  const files = new Map((move.logged ?? []).map(file => [file.path, file]));
  const left = new Map(leaving.map(file => [file.path, file.target]));
  for (const { path } of obstacles) {
    files.set(path, { ...files.get(path), path, before: left.get(path) ?? null });
  }
  return [...files.values()];
}

function indexChanges(plan: Plan, steps: readonly Step[], index: IIndex): readonly IndexChange[] {
  const placed = new Map<string, FileIdentity>();
  plan.settled.forEach(({ path, stat }) => placed.set(path, identityOf(stat)));
  steps.forEach(step => step.comes && placed.set(step.path, step.comes.identity));
  return plan.changes
    .filter(change => change.entry || index.entriesAt(change.path).length > 0)
    .map(({ path, entry, to }) => ({
      path,
      entry,
      identity: holdsEntry(entry, to) ? (placed.get(path) ?? null) : null
    }));
}

function holdsEntry(entry: TreeEntry | null, to: Target | null): boolean {
  const inGit = to?.content.kind === 'git' || to?.content.kind === 'pointer';
  return inGit && to.content.oid === entry?.oid && to.mode === entry.mode;
}

function summarize(steps: readonly Step[]): Omit<Moved, 'notices'> {
  const paths = (select: (step: Step) => boolean): readonly string[] =>
    steps
      .filter(select)
      .map(step => step.path)
      .sort();
  return {
    changed: paths(step => step.leaves !== null && step.comes !== null),
    added: paths(step => step.leaves === null && step.comes !== null),
    removed: paths(step => step.leaves !== null && step.comes === null)
  };
}
