/**
 * The journal of a change to the work tree: everything needed to carry it through, durable before the first rename.
 * One file per change, `<home>/journal/<id>.json`; it is deleted when the change is complete, so that a file there
 * means work to finish. See recover.ts.
 */
import {
  encodeSealed,
  ensureDirectory,
  listNames,
  readSealed,
  removeTree,
  unlinkQuietly,
  writeDurable
} from '../durable';
import { BranchbookError, hasCode } from '../error';
import type { Head, RefChange } from '../model/git';
import type { LoggedOperation } from '../oplog/operation-log';
import { isOfThisWorkTree } from '../oplog/work-tree';
import type { IProject } from '../port';
import type { Selection } from './selection';
import { readPortions, stagingOf } from './steps';
import type { ParkedFile, Portion, SetAside, Step } from './steps';

/** Written as 1 where that is enough: then earlier programs can complete it too. */
const VERSION = 2;

export type Journal = Portion & {
  /** 2 when portions were set aside. */
  readonly version: 1 | typeof VERSION;
  readonly id: string;
  readonly root: string;
  /** See `worktreeOf`. Missing in what version 0.1 wrote. */
  readonly worktree?: string;
  /** `<commonDir>/branchbook` when it was written: files waiting there have absolute paths. */
  readonly home?: string;
  /** What comes before the portion that stands here. */
  readonly aside?: readonly SetAside[];
  readonly before: Head;
  /** When HEAD itself moves (switch). */
  readonly head: Head | null;
  readonly refs: readonly RefChange[];
  readonly reflog: string;
  readonly operation: LoggedOperation;
  /** What the work tree is to remember (selection.ts); as it was when missing. */
  readonly selection?: Selection;
};

const folderOf = (project: IProject): string => `${project.home}/journal`;
const pathOf = (project: IProject, id: string): string => `${folderOf(project)}/${id}.json`;

export async function writeJournal(project: IProject, journal: Journal): Promise<void> {
  const path = pathOf(project, journal.id);
  await ensureDirectory(project.files, folderOf(project));
  try {
    const bytes = await encodeSealed(journal, text => project.git.hashBlob(text));
    await writeDurable(project.files, path, bytes);
  } catch (error) {
    // It may be in place although it is not known to be durable; a change that is reported as failed must not happen.
    await unlinkQuietly(project.files, path);
    throw error;
  }
}

/**
 * null when it is not there (any more). They are written in one step, so one that cannot be read was damaged later:
 * FORMAT_INVALID; or FORMAT_TOO_NEW.
 */
export async function readJournal(project: IProject, id: string): Promise<Journal | null> {
  const path = pathOf(project, id);
  const hint = 'Move it out of the way with `branchbook check --repair`.';
  try {
    const journal = (await readSealed(project.files, path, text => project.git.hashBlob(text))) as Journal | null;
    if (journal && journal.version > VERSION) {
      const data = { found: journal.version, supported: VERSION };
      const message = 'A newer Branchbook was interrupted in the middle of a change.';
      throw new BranchbookError('FORMAT_TOO_NEW', message, data, 'Update Branchbook, then try again.');
    }
    if (journal && (journal.id !== id || typeof journal.root !== 'string' || !Array.isArray(journal.steps))) {
      throw new BranchbookError('FORMAT_INVALID', `${path} is not a journal.`, { format: 'journal', path });
    }
    const isWhole = journal === null || (await hasPortions(project, journal));
    return isWhole ? journal : null;
  } catch (error) {
    const { code, message, data } = BranchbookError.from(error);
    throw code === 'FORMAT_INVALID' ? new BranchbookError(code, message, data, hint) : error;
  }
}

/**
 * FORMAT_INVALID when a portion is damaged: better known before the first step than in the middle. False when the journal
 * is gone as well: the change was completed meanwhile.
 */
async function hasPortions(project: IProject, { id, aside = [] }: Journal): Promise<boolean> {
  try {
    for await (const portion of readPortions(project, id, aside)) {
      void portion;
    }
    return true;
  } catch (error) {
    if (!hasCode(error, 'FORMAT_INVALID') || (await project.files.lstat(pathOf(project, id)))) {
      throw error;
    }
    return false;
  }
}

/** All journals of this work tree. */
export async function readJournals(project: IProject): Promise<readonly Journal[]> {
  return (await readAllJournals(project)).filter(journal => isOfThisWorkTree(project, journal));
}

/** All of the change, portion by portion. The project may have been moved since: then so were the files in its home. */
export async function* portionsOf(project: IProject, journal: Journal): AsyncGenerator<Portion> {
  for await (const portion of readPortions(project, journal.id, journal.aside ?? [])) {
    yield relocated(portion, journal.home, project.home);
  }
  yield relocated(journal, journal.home, project.home);
}

function relocated({ steps, index }: Portion, from: string | undefined, to: string): Portion {
  if (from === undefined || from === to) {
    return { steps, index };
  }
  const here = (file: ParkedFile | null): ParkedFile | null =>
    file?.place.startsWith(`${from}/`) ? { ...file, place: `${to}${file.place.slice(from.length)}` } : file;
  return { steps: steps.map(step => ({ ...step, leaves: here(step.leaves), comes: here(step.comes) })), index };
}

/** The steps alone. */
export async function* stepsOf(project: IProject, journal: Journal): AsyncGenerator<readonly Step[]> {
  for await (const { steps } of portionsOf(project, journal)) {
    yield steps;
  }
}

/** Those of linked work trees as well. They are written atomically, so there is no such thing as half a journal. */
export async function readAllJournals(project: IProject): Promise<readonly Journal[]> {
  const journals: Journal[] = [];
  for (const name of await listNames(project.files, folderOf(project))) {
    const journal = name.endsWith('.json') ? await readJournal(project, name.slice(0, -'.json'.length)) : null;
    if (journal) {
      journals.push(journal);
    }
  }
  return journals;
}

/** The change is complete (or taken back): forget it, then what it had staged. */
export async function removeJournal(project: IProject, id: string): Promise<void> {
  await project.files.unlink(pathOf(project, id));
  await project.files.syncDirectory(folderOf(project));
  await removeTree(project.files, stagingOf(project, id));
}
