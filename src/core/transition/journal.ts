/**
 * The journal of a change to the work tree: everything needed to carry it through, durable before the first rename.
 * One file per change, `<home>/journal/<id>.json`; it is deleted when the change is complete, so that a file there
 * means work to finish. See recover.ts.
 */
import { ensureDirectory, listNames, readJson, removeTree, unlinkQuietly, writeDurable } from '../durable';
import type { Head, RefChange, TreeEntry } from '../model/git';
import type { LoggedOperation } from '../oplog/operation-log';
import type { IProject } from '../port';
import type { FileIdentity, Target } from './content';

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

export type Journal = {
  readonly version: 1;
  readonly id: string;
  readonly root: string;
  readonly steps: readonly Step[];
  readonly index: readonly IndexChange[];
  readonly before: Head;
  /** When HEAD itself moves (switch). */
  readonly head: Head | null;
  readonly refs: readonly RefChange[];
  readonly reflog: string;
  readonly operation: LoggedOperation;
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
    await writeDurable(project.files, path, new TextEncoder().encode(JSON.stringify(journal)));
  } catch (error) {
    // It may be in place although it is not known to be durable; a change that is reported as failed must not happen.
    await unlinkQuietly(project.files, path);
    throw error;
  }
}

/** All journals of this work tree. */
export async function readJournals(project: IProject): Promise<readonly Journal[]> {
  return (await readAllJournals(project)).filter(journal => journal.root === project.root);
}

/** Those of linked work trees as well. They are written atomically, so there is no such thing as half a journal. */
export async function readAllJournals(project: IProject): Promise<readonly Journal[]> {
  const journals: Journal[] = [];
  for (const name of await listNames(project.files, folderOf(project))) {
    const journal = name.endsWith('.json') ? await readJson(project.files, `${folderOf(project)}/${name}`) : null;
    if (journal) {
      journals.push(journal as Journal);
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
