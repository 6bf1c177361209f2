/**
 * Carrying a journalled change through: rename, publish index and refs, log, forget. When a part fails, everything is
 * taken back; when even that fails the journal stays, and the next operation completes the change (recover.ts).
 */
import { BranchbookError } from '../error';
import type { Head, RefChange } from '../model/git';
import { writeOperation } from '../oplog/operation-log';
import type { IGitTransaction, IIndex, IProject } from '../port';
import { isIdentity } from './content';
import { explainCrossDevice } from './file-systems';
import { removeJournal } from './journal';
import type { Journal } from './journal';
import { invert, moveFiles } from './move-files';
import { limitParked } from './parked-blob';
import { recordSignature } from './verified-file';

/** Publish a journalled change. Throws what made it fail, after taking it back. */
export async function carryOut(project: IProject, journal: Journal, transaction: IGitTransaction): Promise<void> {
  try {
    await moveFiles(project, journal.steps);
    await stageIndex(project, journal, transaction);
    await transaction.commit(publication(journal));
  } catch (error) {
    if (!(await isPublished(project, journal))) {
      await takeBack(project, journal, transaction, error);
      throw explainCrossDevice(error);
    }
  }
  // Published. What is left is bookkeeping, which the next operation does from the journal should it fail here.
  await finish(project, journal).catch(() => undefined);
}

function publication(journal: Journal): { head?: Head; refs: readonly RefChange[]; reflog: string } {
  return { ...(journal.head && { head: journal.head }), refs: journal.refs, reflog: journal.reflog };
}

/** Enter the journal's index changes; a file that is not the one we placed is left for git to look at. */
export async function stageIndex(project: IProject, journal: Journal, transaction: IGitTransaction): Promise<void> {
  for (const { path, entry, identity } of journal.index) {
    if (!entry) {
      transaction.remove(path);
      continue;
    }
    const stat = identity && (await project.files.lstat(`${project.root}/${path}`));
    transaction.set(entry, identity && isIdentity(stat, identity) ? stat : null);
  }
}

/** Log the operation and drop the journal; harmless to repeat. */
export async function finish(project: IProject, journal: Journal): Promise<void> {
  await writeOperation(project, journal.operation);
  for (const { leaves } of journal.steps) {
    if (leaves?.place.startsWith(`${project.home}/materialized/`)) {
      const stat = await project.files.lstat(leaves.place);
      if (isIdentity(stat, leaves.identity)) {
        await recordSignature(project, leaves.place, stat);
      }
    }
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

/** Where git stands: as before the change, as after it, or somewhere else (another program moved it). */
export async function gitState(project: IProject, journal: Journal): Promise<'before' | 'after' | 'elsewhere'> {
  const head = await project.git.head();
  const refs = new Map((await project.git.refs('refs/')).map(ref => [ref.name, ref.object]));
  const all = (side: 'from' | 'to'): boolean => journal.refs.every(ref => (refs.get(ref.name) ?? null) === ref[side]);
  if (isSameHead(head, journal.before) && all('from')) {
    return 'before';
  }
  return isSameHead(head, headAfter(journal)) && all('to') ? 'after' : 'elsewhere';
}

async function isPublished(project: IProject, journal: Journal): Promise<boolean> {
  const state = await gitState(project, journal).catch(() => 'elsewhere');
  return state === 'after';
}

async function takeBack(
  project: IProject,
  journal: Journal,
  transaction: IGitTransaction,
  cause: unknown
): Promise<void> {
  try {
    await moveFiles(project, invert(journal.steps));
    await transaction.rollback();
    await restoreIndex(project, journal, transaction);
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

/** The index is replaced just before the refs; when the refs then failed it has to be put back. */
async function restoreIndex(project: IProject, journal: Journal, original: IIndex): Promise<void> {
  const transaction = await project.git.begin();
  try {
    const changed = journal.index.filter(
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
    await (changed.length > 0 ? transaction.commit({ reflog: journal.reflog }) : transaction.rollback());
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}
