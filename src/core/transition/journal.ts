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
import { BranchbookError } from '../error';
import type { Head, RefChange, TreeEntry } from '../model/git';
import type { LoggedOperation } from '../oplog/operation-log';
import { isOfThisWorkTree } from '../oplog/work-tree';
import type { IProject } from '../port';
import type { FileIdentity, Target } from './content';
import type { Selection } from './selection';

/** A file that leaves or comes: what it is, and where it is while it is not in the work tree (absolute path). */
export type ParkedFile = {
  readonly identity: FileIdentity;
  readonly place: string;
  /** What it holds, to build it again should it be lost. */
  readonly target: Target;
};

/**
 * One path: the file that leaves it and the file that comes to it. Both ends look the same, so that a step is taken
 * back by exchanging them.
 */
export type Step = {
  /** Project path. */
  readonly path: string;
  readonly leaves: ParkedFile | null;
  readonly comes: ParkedFile | null;
};

/** What the index says of a path afterwards. */
export type IndexChange = {
  readonly path: string;
  readonly entry: TreeEntry | null;
  /** The work-tree file known to hold exactly `entry`; null when that is not known. */
  readonly identity: FileIdentity | null;
};

const VERSION = 1;

export type Journal = {
  readonly version: typeof VERSION;
  readonly id: string;
  readonly root: string;
  /** See `worktreeOf`. Missing in what version 0.1 wrote. */
  readonly worktree?: string;
  /** `<commonDir>/branchbook` when it was written: files waiting there have absolute paths. */
  readonly home?: string;
  readonly steps: readonly Step[];
  readonly index: readonly IndexChange[];
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

/** Where the files of a change are made ready, and where leaving files wait until it is complete. */
export function stagingOf(project: IProject, id: string): string {
  return `${project.home}/staging/${id}`;
}

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
    return journal;
  } catch (error) {
    const { code, message, data } = BranchbookError.from(error);
    throw code === 'FORMAT_INVALID' ? new BranchbookError(code, message, data, hint) : error;
  }
}

/** The project may have been moved since: then so were the files that wait in its home. */
function moved(journal: Journal, project: IProject): Journal {
  const { home } = journal;
  if (home === undefined || home === project.home) {
    return journal;
  }
  const here = (file: ParkedFile | null): ParkedFile | null =>
    file?.place.startsWith(`${home}/`) ? { ...file, place: `${project.home}${file.place.slice(home.length)}` } : file;
  const steps = journal.steps.map(step => ({ ...step, leaves: here(step.leaves), comes: here(step.comes) }));
  return { ...journal, root: project.root, home: project.home, steps };
}

/** All journals of this work tree. */
export async function readJournals(project: IProject): Promise<readonly Journal[]> {
  const journals = (await readAllJournals(project)).filter(journal => isOfThisWorkTree(project, journal));
  return journals.map(journal => moved(journal, project));
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
