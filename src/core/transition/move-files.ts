/**
 * The renames themselves. Idempotent: every step looks at what is there and does what is left to do, so that running
 * it again after a crash at any point completes it. A file that is neither the one that leaves nor the one that comes
 * is the user's: it stays where it is.
 */
import { mapConcurrently } from '../concurrency';
import { ensureDirectory, isExisting, parentOf, removeTree } from '../durable';
import { hasCode } from '../error';
import { foldersAbove } from '../model/path';
import type { FileStat, IProject } from '../port';
import { isIdentity } from './content';
import type { Target } from './content';
import { prepareSteps } from './prepare';
import { stagingOf } from './steps';
import type { ParkedFile, Step } from './steps';
import { recordSignature } from './verified-file';

/** Steps, some at a time: they are gone through more than once. */
export type Steps = () => AsyncIterable<readonly Step[]>;

/** The same step the other way round. */
export function invert({ path, leaves, comes }: Step): Step {
  return { path, leaves: comes, comes: leaves };
}

/**
 * Take every step: first all files leave, then emptied folders go, then all files come. So a file may become a folder,
 * a folder a file, and a name may change only in case. The renames are durable on return.
 */
export async function moveFiles(project: IProject, steps: Steps): Promise<void> {
  const touched = new Set<string>();
  const waiting = new Set<string>();
  const left = new Set<string>();
  const needed = new Set<string>();
  for await (const some of steps()) {
    for (const step of some) {
      addFolders(step.path, step.comes ? needed : left);
      if (step.leaves) {
        await ensureOnce(project, parentOf(step.leaves.place), waiting);
        await leave(project, step, step.leaves, touched);
      }
    }
  }
  await removeEmptyFolders(project, left, needed, touched);
  const folders = new Set<string>();
  for await (const some of steps()) {
    for (const step of some) {
      if (step.comes) {
        await come(project, step, step.comes, touched, folders);
      }
    }
  }
  await mapConcurrently([...touched], folder => syncIfThere(project, folder));
}

/** Thousands of files wait in one folder. */
async function ensureOnce(project: IProject, folder: string, known: Set<string>): Promise<void> {
  if (!known.has(folder)) {
    await ensureDirectory(project.files, folder);
    known.add(folder);
  }
}

async function leave(project: IProject, step: Step, parked: ParkedFile, touched: Set<string>): Promise<void> {
  const { files } = project;
  const path = `${project.root}/${step.path}`;
  if (!isIdentity(await files.lstat(path), parked.identity)) {
    return;
  }
  await files.rename(path, parked.place);
  const stat = await files.lstat(parked.place);
  // Somebody wrote to it between the look and the rename: that content is nowhere else, so it goes back.
  if (!isIdentity(stat, parked.identity)) {
    await files.rename(parked.place, path);
    return;
  }
  if (parked.place.startsWith(`${project.home}/materialized/`)) {
    await recordSignature(project, parked.place, stat).catch(() => undefined);
  }
  touched.add(parentOf(path)).add(parentOf(parked.place));
}

async function come(
  project: IProject,
  step: Step,
  parked: ParkedFile,
  touched: Set<string>,
  folders: Set<string>
): Promise<void> {
  const { files } = project;
  const path = `${project.root}/${step.path}`;
  if ((await files.lstat(path)) || !(await makeFolders(project, step.path, touched, folders))) {
    return;
  }
  if (isIdentity(await files.lstat(parked.place), parked.identity)) {
    await files.rename(parked.place, path);
    touched.add(parentOf(path)).add(parentOf(parked.place));
  } else {
    await buildAgain(project, step.path, parked.target);
    touched.add(parentOf(path));
  }
}

/** What was made ready is gone, or a program that still has it open wrote to it since. */
async function buildAgain(project: IProject, path: string, target: Target): Promise<void> {
  const id = project.random.hex(8);
  const [step] = await prepareSteps(project, id, [], [{ path, target }], {});
  await project.files.rename(step!.comes!.place, `${project.root}/${path}`);
  await removeTree(project.files, stagingOf(project, id));
}

/**
 * Create the folders above a path. False when something that is not a folder stands in the way. `known` are folders that
 * were seen: thousands of files come to one.
 */
async function makeFolders(
  project: IProject,
  path: string,
  touched: Set<string>,
  known: Set<string>
): Promise<boolean> {
  for (const folder of foldersAbove(path)) {
    if (known.has(folder)) {
      continue;
    }
    const absolute = `${project.root}/${folder}`;
    const stat = await project.files.lstat(absolute);
    if (stat === null) {
      await project.files.mkdir(absolute);
      touched.add(parentOf(absolute));
    } else if (stat.kind !== 'directory') {
      return false;
    }
    known.add(folder);
  }
  return true;
}

/** Add the folders above a path. Those above one that is known are known. */
function addFolders(path: string, known: Set<string>): void {
  for (let folder = parentIn(path); folder !== '' && !known.has(folder); folder = parentIn(folder)) {
    known.add(folder);
  }
}

/** The folder that holds a project path; empty for the root. */
const parentIn = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** git knows no empty folders: those that lost their last file go, unless a file comes to them. */
async function removeEmptyFolders(
  project: IProject,
  left: ReadonlySet<string>,
  needed: ReadonlySet<string>,
  touched: Set<string>
): Promise<void> {
  const deepestFirst = [...left].filter(folder => !needed.has(folder)).sort((a, b) => (a < b ? 1 : -1));
  for (const folder of deepestFirst) {
    const absolute = `${project.root}/${folder}`;
    if (await removeIfEmpty(project, absolute)) {
      touched.add(parentOf(absolute));
    }
  }
}

async function removeIfEmpty(project: IProject, folder: string): Promise<boolean> {
  const { files } = project;
  const stat: FileStat | null = await files.lstat(folder);
  if (stat?.kind !== 'directory' || (await files.readdir(folder)).length > 0) {
    return false;
  }
  try {
    await files.rmdir(folder);
    return true;
  } catch (error) {
    // A file appeared in it meanwhile.
    if (isNotEmpty(error)) {
      return false;
    }
    throw error;
  }
}

function isNotEmpty(error: unknown): boolean {
  return isExisting(error) || (hasCode(error, 'IO') && error.data['errno'] === 'ENOTEMPTY');
}

async function syncIfThere(project: IProject, folder: string): Promise<void> {
  try {
    await project.files.syncDirectory(folder);
  } catch (error) {
    if (!hasCode(error, 'PATH_UNKNOWN')) {
      throw error;
    }
  }
}
