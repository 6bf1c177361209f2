/**
 * Carrying a journalled change through: rename, publish index and refs, log, forget. When a part fails, everything is
 * taken back; when even that fails the journal stays, and the next operation completes the change (recover.ts).
 */
import { BranchbookError } from '../error';
import type { Head, ObjectId, RefChange } from '../model/git';
import { writeOperation } from '../oplog/operation-log';
import type { IGitTransaction, IIndex, IProject } from '../port';
import { isIdentity } from './content';
import { explainCrossDevice } from './file-systems';
import { portionsOf, removeJournal, stepsOf } from './journal';
import type { Journal } from './journal';
import { invert, moveFiles } from './move-files';
import { limitParked } from './parked-blob';
import { writeSelection } from './selection';
import type { IndexChange, Step } from './steps';

/** Publish a journalled change. Throws what made it fail, after taking it back. */
export async function carryOut(project: IProject, journal: Journal, transaction: IGitTransaction): Promise<void> {
  try {
    await moveFiles(project, () => stepsOf(project, journal));
    await stageIndex(project, journal, transaction);
    await transaction.commit(await unpublished(project, journal));
  } catch (error) {
    if ((await gitState(project, journal).catch(() => 'elsewhere')) !== 'after') {
      await takeBack(project, journal, transaction, error);
      throw explainCrossDevice(error);
    }
  }
  // Published. What is left is bookkeeping, which the next operation does from the journal should it fail here.
  await finish(project, journal).catch(() => undefined);
}

type Publication = { readonly head?: Head; readonly refs: readonly RefChange[]; readonly reflog: string };

/** What of the journal's refs and HEAD is still to be published. */
export async function unpublished(project: IProject, { head, refs, reflog }: Journal): Promise<Publication> {
  const now = await refValues(project);
  const isThere = head && isSameHead(await project.git.head(), head);
  return { ...(head && !isThere && { head }), refs: refs.filter(ref => now(ref.name) !== ref.to), reflog };
}

async function refValues(project: IProject): Promise<(name: string) => ObjectId | null> {
  const refs = new Map((await project.git.refs('refs/')).map(ref => [ref.name, ref.object]));
  return name => refs.get(name) ?? null;
}

/** Enter the journal's index changes; a file that is not the one we placed is left for git to look at. */
export async function stageIndex(project: IProject, journal: Journal, transaction: IGitTransaction): Promise<void> {
  for await (const { index } of portionsOf(project, journal)) {
    for (const { path, entry, identity } of index) {
      if (!entry) {
        transaction.remove(path);
        continue;
      }
      const stat = identity && (await project.files.lstat(`${project.root}/${path}`));
      transaction.set(entry, identity && isIdentity(stat, identity) ? stat : null);
    }
  }
}

/** Log the operation, remember the selection, and drop the journal; harmless to repeat. */
export async function finish(project: IProject, journal: Journal): Promise<void> {
  await writeOperation(project, journal.operation);
  if (journal.selection !== undefined) {
    await writeSelection(project, journal.selection);
  }
  await removeJournal(project, journal.id);
  await limitParked(project, journal.operation.id);
}

/** Where HEAD will stand when the journal is carried out. */
export function headAfter(journal: Pick<Journal, 'before' | 'head' | 'refs'>): Head {
  if (journal.head) {
    return journal.head;
  }
  const { before } = journal;
  const moved = before.kind === 'branch' && journal.refs.find(ref => ref.name === `refs/heads/${before.branch}`);
  return before.kind === 'branch' && moved ? { ...before, commit: moved.to } : before;
}

export function isSameHead(a: Head, b: Head): boolean {
  return (
    a.kind === b.kind && a.commit === b.commit && (a.kind !== 'branch' || b.kind !== 'branch' || a.branch === b.branch)
  );
}

/** As before the change, as after it, with some of its refs moved, or somewhere else: another program moved it. */
export type GitState = 'before' | 'between' | 'after' | 'elsewhere';

/** Where git stands. */
export async function gitState(project: IProject, journal: Journal): Promise<GitState> {
  const head = await project.git.head();
  const now = await refValues(project);
  const after = headAfter(journal);
  if (isSameHead(head, journal.before) && journal.refs.every(ref => now(ref.name) === ref.from)) {
    return 'before';
  }
  if (isSameHead(head, after) && journal.refs.every(ref => now(ref.name) === ref.to)) {
    return 'after';
  }
  const isKnown = journal.refs.every(ref => now(ref.name) === ref.from || now(ref.name) === ref.to);
  return isKnown && [journal.before, after].some(side => isAtOrMoved(head, side, journal)) ? 'between' : 'elsewhere';
}

/** HEAD is at `side`, or on its branch while that is one of those that move. */
function isAtOrMoved(head: Head, side: Head, { refs }: Journal): boolean {
  const moves = side.kind === 'branch' && refs.some(ref => ref.name === `refs/heads/${side.branch}`);
  return isSameHead(head, side) || (moves && head.kind === 'branch' && head.branch === side.branch);
}

async function takeBack(
  project: IProject,
  journal: Journal,
  transaction: IGitTransaction,
  cause: unknown
): Promise<void> {
  try {
    await moveFiles(project, () => inverted(project, journal));
    await transaction.rollback();
    await restoreGit(project, journal, transaction);
    await removeJournal(project, journal.id);
  } catch (error) {
    throw new BranchbookError(
      'OUTCOME_UNKNOWN',
      `${BranchbookError.from(cause).message} Taking the change back failed too: ${BranchbookError.from(error).message}`,
      { cause: BranchbookError.from(cause).toJSON() },
      'Nothing is lost: the next Branchbook command completes the change from its journal.'
    );
  }
}

async function* inverted(project: IProject, journal: Journal): AsyncGenerator<readonly Step[]> {
  for await (const steps of stepsOf(project, journal)) {
    yield steps.map(invert);
  }
}

/** The index is replaced just before the refs; when one of those then failed, index and refs have to be put back. */
async function restoreGit(project: IProject, journal: Journal, original: IIndex): Promise<void> {
  const transaction = await project.git.begin();
  try {
    let changed = 0;
    for await (const { index } of portionsOf(project, journal)) {
      changed += restoreIndex(transaction, original, index);
    }
    const refs = await movedRefs(project, journal);
    const isBack = changed === 0 && refs.length === 0;
    await (isBack ? transaction.rollback() : transaction.commit({ refs, reflog: journal.reflog }));
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

/** Enter again what `original` says where the index says something else; gives how many paths that were. */
function restoreIndex(transaction: IGitTransaction, original: IIndex, index: readonly IndexChange[]): number {
  const changed = index.filter(
    ({ path }) => transaction.entriesAt(path).at(-1)?.oid !== original.entriesAt(path).at(-1)?.oid
  );
  for (const { path } of changed) {
    const entry = original.entriesAt(path).at(-1);
    if (entry) {
      transaction.set({ path, mode: entry.mode, oid: entry.oid }, null);
    } else {
      transaction.remove(path);
    }
  }
  return changed.length;
}

/** The way back for refs that were moved before one could not be. HEAD moves last, so it was not. */
async function movedRefs(project: IProject, { refs }: Journal): Promise<readonly RefChange[]> {
  const now = await refValues(project);
  const moved = refs.filter(ref => ref.from !== ref.to && now(ref.name) === ref.to);
  return moved.map(({ name, from, to }) => ({ name, from: to, to: from }));
}
