/** Move the work tree, the index and refs from one state to another, atomically: the engine below every verb. */
import { BranchbookError } from '../error';
import type { Pointer } from '../model/asset';
import type { Head, ObjectId, RefChange } from '../model/git';
import type { LoggedFile } from '../oplog/operation-log';
import type { Activity, IProject } from '../port';
import { bringContents, problemsOf } from '../remote/bring-contents';
import { configuredRemotes } from '../remote/configured';
import { isSameHead } from './carry-out';
import { readPointer, targetOf } from './content';
import { noteMove } from './materialized';
import { openPlanner, refuseObstacles } from './plan';
import type { PathChange } from './path-change';
import { prepareMove } from './prepare-move';
import type { MoveRequest, Paths } from './prepare-move';
import { guardStaging, publish } from './publish';
import { applySelection, readSelection } from './selection';
import type { Selection } from './selection';
import { describeStandIns } from './stand-in';

export type Move = MoveRequest & {
  /** HEAD as the caller saw it; REF_CONFLICT when it moved since. */
  readonly before: Head;
  /** When HEAD itself moves. */
  readonly head?: Head;
  readonly refs?: readonly RefChange[];
  /** What the log should say of paths whose contents no commit tells, besides those this move saves. */
  readonly logged?: readonly LoggedFile[];
  readonly verb: string;
  readonly description: string;
  /** The reflog's line, in git's own words where it has any. */
  readonly reflog: string;
  readonly undoes?: string;
  /** Which assets come as files; as the work tree remembers it when missing. */
  readonly selection?: Selection;
};

export type Moved = Paths & {
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
    const prepared = await prepareMove(project, id, { ...move, changes }, transaction, activity);
    const { steps, index, aside, paths, standIns } = prepared;
    const publication = {
      id,
      steps,
      index,
      aside,
      before: move.before,
      head: move.head ?? null,
      refs: move.refs ?? [],
      reflog: move.reflog,
      verb: move.verb,
      description: move.description,
      files: loggedFiles(move, prepared.saved),
      workTree: move.workTree ?? 'follow',
      undoes: move.undoes,
      selection: move.selection
    };
    await publish(project, transaction, publication, activity);
    // The move is done; what is kept ready beyond the budget may as well go next time.
    await noteMove(project, prepared.traffic).catch(() => undefined);
    return { ...paths, notices: [...describeStandIns(standIns), ...problems] };
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
  const plan = await openPlanner(project, { changes, index: transaction, expected: new Map() });
  refuseObstacles((await plan(changes)).obstacles);
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

/** Contents that only the log knows: what this move takes away unsnapshotted, and what the caller adds. */
function loggedFiles(move: Move, saved: readonly LoggedFile[]): readonly LoggedFile[] {
  const files = new Map((move.logged ?? []).map(file => [file.path, file]));
  for (const file of saved) {
    files.set(file.path, { ...files.get(file.path), ...file });
  }
  return [...files.values()];
}
