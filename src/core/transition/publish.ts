/** From "everything is ready" to "it happened": journal, then carry out. */
import { throwIfCancelled } from '../cancel';
import { removeTree } from '../durable';
import type { Head, RefChange } from '../model/git';
import { stampOperation } from '../oplog/operation-log';
import type { LoggedFile } from '../oplog/operation-log';
import type { Activity, IGitTransaction, IProject } from '../port';
import { carryOut, headAfter } from './carry-out';
import { worktreeOf } from '../oplog/work-tree';
import { writeJournal } from './journal';
import type { Journal } from './journal';
import type { Selection } from './selection';
import { stagingOf } from './steps';
import type { Portion, SetAside } from './steps';

export type Publication = Portion & {
  /** Names journal and staging. */
  readonly id: string;
  /** Portions that were set aside. */
  readonly aside?: readonly SetAside[];
  readonly before: Head;
  /** When HEAD itself moves. */
  readonly head: Head | null;
  readonly refs: readonly RefChange[];
  readonly reflog: string;
  readonly verb: string;
  readonly description: string;
  readonly files: readonly LoggedFile[];
  readonly workTree: 'follow' | 'stay';
  readonly undoes?: string | undefined;
  /** A new choice of assets to remember; as it was when missing. */
  readonly selection?: Selection | undefined;
};

/** The last moment to cancel is before the journal is written; from then on the change happens, or is taken back. */
export async function publish(
  project: IProject,
  transaction: IGitTransaction,
  publication: Publication,
  activity: Activity
): Promise<void> {
  const { id, aside = [], steps, index, before, head, refs, reflog } = publication;
  const operation = await stampOperation(project, {
    verb: publication.verb,
    description: publication.description,
    before,
    after: headAfter(publication),
    refs,
    files: publication.files,
    workTree: publication.workTree,
    ...(publication.undoes && { undoes: publication.undoes })
  });
  const journal: Journal = {
    version: aside.length > 0 ? 2 : 1,
    id,
    root: project.root,
    worktree: worktreeOf(project),
    home: project.home,
    ...(aside.length > 0 && { aside }),
    steps,
    index,
    before,
    head,
    refs,
    reflog,
    operation,
    ...(publication.selection !== undefined && { selection: publication.selection })
  };
  throwIfCancelled(activity);
  await writeJournal(project, journal);
  await carryOut(project, journal, transaction);
}

/** Run `work` in an open transaction; when it fails, let go of the index and of what was staged. */
export async function guardStaging<T>(
  project: IProject,
  id: string,
  transaction: IGitTransaction,
  work: () => Promise<T>
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await transaction.rollback();
    // Staging that a journal still needs stays with it; other leftovers are cleared by recovery at the latest.
    const journal = await project.files.lstat(`${project.home}/journal/${id}.json`).catch(() => null);
    if (!journal) {
      await removeTree(project.files, stagingOf(project, id)).catch(() => undefined);
    }
    throw error;
  }
}
