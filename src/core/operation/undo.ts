/** `undo`: take back one operation after another, newest first; with `redo`, put them back in turn. */
import { BranchbookError, hasCode } from '../error';
import type { Head, ObjectId, RefChange } from '../model/git';
import type { UndoArgs, UndoResult } from '../model/result';
import { nextSteps, readOperations, toRecord, undoneIds } from '../oplog/operation-log';
import type { LoggedFile, LoggedOperation, NextSteps } from '../oplog/operation-log';
import type { Activity, IProject } from '../port';
import { isSameHead } from '../transition/carry-out';
import { targetOf } from '../transition/content';
import type { Target } from '../transition/content';
import { changesBetween, moveWorkTree, treeOf } from '../transition/move-work-tree';
import type { Move, Moved } from '../transition/move-work-tree';
import type { PathChange } from '../transition/path-change';
import { afterwards } from './afterwards';
import { headName, refuseInProgress } from './head';
import type { Operation } from './operation';

export const undoOperation: Operation<'undo'> = {
  verb: 'undo',
  summary: 'Take back the last operation, and on the next call the one before it',
  mutates: args => !args.list,
  run: undo
};

const nothingMoved: Moved = { changed: [], added: [], removed: [], notices: [] };

/** NOTHING_TO_UNDO; UNDO_REFUSED when something else moved since, or unsnapshotted work would be overwritten. */
async function undo(project: IProject, args: UndoArgs, activity: Activity): Promise<UndoResult> {
  if (args.list) {
    return { ...(await describeLog(project)), undone: null, redone: null, ...nothingMoved };
  }
  const step = chooseStep(await nextSteps(project), args.redo ?? false);
  await refuseInProgress(project);
  await refuseMoved(project, step);
  const move = await inverse(project, step);
  const moved = await carefully(step, () => moveWorkTree(project, move, activity));
  const record = toRecord(step.operation, new Set(step.redo ? [] : [step.operation.id]));
  const log = await afterwards(`"${record.description}" is ${step.redo ? 'redone' : 'undone'}`, () =>
    describeLog(project)
  );
  return {
    ...log,
    undone: step.redo ? null : record,
    redone: step.redo ? record : null,
    ...moved
  };
}

async function describeLog(project: IProject): Promise<Pick<UndoResult, 'operations' | 'nextUndo' | 'nextRedo'>> {
  const operations = await readOperations(project);
  const next = await nextSteps(project);
  const ids = undoneIds(operations);
  return {
    operations: operations.map(operation => toRecord(operation, ids)),
    nextUndo: next.undo && toRecord(next.undo, new Set()),
    nextRedo: next.redo && toRecord(next.redo.operation, new Set([next.redo.operation.id]))
  };
}

/** One step through the log. */
type Step = {
  readonly redo: boolean;
  /** What people call it by. */
  readonly operation: LoggedOperation;
  /** What is taken back: the operation, or for a redo the undo of it. */
  readonly last: LoggedOperation;
};

function chooseStep({ undo: operation, redo }: NextSteps, wantsRedo: boolean): Step {
  if (wantsRedo && redo) {
    return { redo: true, operation: redo.operation, last: redo.undo };
  }
  if (!wantsRedo && operation) {
    return { redo: false, operation, last: operation };
  }
  throw wantsRedo ? nothingToRedo() : nothingToUndo(redo !== null);
}

function nothingToRedo(): BranchbookError {
  return new BranchbookError(
    'NOTHING_TO_UNDO',
    'There is nothing to redo: the last operation was not an undo.',
    {},
    'Redo puts back what was undone, until something else is done. `branchbook undo --list` shows what was done.'
  );
}

function nothingToUndo(allUndone: boolean): BranchbookError {
  return new BranchbookError(
    'NOTHING_TO_UNDO',
    allUndone ? 'Every operation of this project is undone already.' : 'No operation was recorded in this project yet.',
    {},
    allUndone
      ? '`branchbook undo --redo` puts back the one undone last.'
      : 'Changes made with plain git are undone with plain git.'
  );
}

function refused({ operation, redo }: Step, reason: string, hint: string): BranchbookError {
  const what = redo ? 'be redone' : 'be undone';
  return new BranchbookError('UNDO_REFUSED', `"${operation.description}" cannot ${what}: ${reason}.`, { reason }, hint);
}

/** Refs and HEAD must be where the operation left them. */
async function refuseMoved(project: IProject, step: Step): Promise<void> {
  const { last } = step;
  const refs = new Map((await project.git.refs('refs/')).map(ref => [ref.name, ref.object]));
  for (const ref of last.refs) {
    if ((refs.get(ref.name) ?? null) !== ref.to) {
      throw refused(step, `${ref.name} moved since`, 'Use git to go back further: `git reflog` shows where it was.');
    }
  }
  const head = await project.git.head();
  const touchesHead = !isSameHead(last.before, last.after) || last.files.length > 0;
  if (touchesHead && !isSameHead(head, last.after)) {
    throw refused(step, `HEAD is at ${headName(head)} since`, `Switch back to ${headName(last.after)} first.`);
  }
}

/** The move that leads back. */
async function inverse(project: IProject, { redo, operation, last }: Step): Promise<Move> {
  const here = await project.git.head();
  const moves = !isSameHead(last.before, last.after);
  const description = `${redo ? 'redo' : 'undo'}: ${operation.description}`;
  const refs: readonly RefChange[] = last.refs.map(ref => ({ name: ref.name, from: ref.to, to: ref.from }));
  return {
    changes: await changesBack(project, last),
    before: here,
    ...(moves && movesHeadItself(last) && { head: last.before }),
    refs,
    unsnapshotted: 'refuse',
    expected: new Map(last.files.flatMap(file => (file.after === undefined ? [] : [[file.path, file.after] as const]))),
    logged: last.files.map(swap),
    verb: 'undo',
    description,
    reflog: reflogOf(last) ?? description,
    undoes: last.id,
    workTree: last.workTree
  };
}

/** HEAD follows its branch by itself; it is written only when it points elsewhere or is detached. */
function movesHeadItself({ before, after }: LoggedOperation): boolean {
  return !(before.kind === 'branch' && after.kind === 'branch' && before.branch === after.branch);
}

/** `git switch -` and "recent branches" read these lines; null when HEAD does not go elsewhere. */
function reflogOf(last: LoggedOperation): string | null {
  return movesHeadItself(last) ? `checkout: moving from ${fullName(last.after)} to ${fullName(last.before)}` : null;
}

function fullName(head: Head): string {
  return head.kind === 'branch' ? head.branch : head.commit;
}

function swap(file: LoggedFile): LoggedFile {
  return {
    path: file.path,
    ...(file.after !== undefined && { before: file.after }),
    ...(file.before !== undefined && { after: file.before })
  };
}

async function changesBack(project: IProject, last: LoggedOperation): Promise<readonly PathChange[]> {
  const [from, to] = [await treeOf(project, last.after.commit), await treeOf(project, last.before.commit)];
  const changes = new Map((await changesBetween(project, from, to)).map(change => [change.path, change]));
  for (const file of last.files) {
    const change = changes.get(file.path) ?? (await unchanged(project, from, file.path));
    changes.set(file.path, { ...change, to: file.before === undefined ? change.to : file.before });
  }
  return [...changes.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function unchanged(project: IProject, tree: ObjectId | null, path: string): Promise<PathChange> {
  const entry = tree ? await project.git.entry(tree, path) : null;
  const to: Target | null = entry && targetOf(entry);
  return { path, from: entry, entry, to };
}

async function carefully(step: Step, work: () => Promise<Moved>): Promise<Moved> {
  try {
    return await work();
  } catch (error) {
    if (hasCode(error, 'WORK_TREE_DIRTY')) {
      throw refused(step, error.message.replace(/\.$/, ''), 'Snapshot or discard that work first.');
    }
    throw error;
  }
}
