/**
 * After a crash at any point: a journal that is there is carried through, staging without a journal is discarded. The
 * caller holds the project's lock, so whoever wrote a journal found here is gone. Running it twice changes nothing.
 */
import { listNames, removeTree, unlinkQuietly } from '../durable';
import { hasCode } from '../error';
import type { Head, ObjectId, TreeEntry } from '../model/git';
import type { IProject } from '../port';
import { finish, gitState, headAfter, isSameHead, stageIndex, unpublished } from './carry-out';
import { isSameTarget, standInOf, targetOf } from './content';
import { readJournals, removeJournal, stepsOf } from './journal';
import type { Journal } from './journal';
import { invert, moveFiles } from './move-files';
import { treeOf } from './move-work-tree';
import type { ParkedFile, Step } from './steps';

/** True when an interrupted change waits to be completed. */
export async function needsRecovery(project: IProject): Promise<boolean> {
  return (await readJournals(project)).length > 0;
}

/** Complete interrupted changes and clear what crashes left. */
export async function recover(project: IProject): Promise<void> {
  for (const journal of await readJournals(project)) {
    await complete(project, journal);
  }
  await discardStaging(project);
  await releaseIndex(project);
}

/** Plain git refuses to work beside an `index.lock`. Taking the lock breaks one that a dead process of ours left. */
async function releaseIndex(project: IProject): Promise<void> {
  if (await project.files.lstat(`${project.git.gitDir}/index.lock`)) {
    try {
      await (await project.git.begin()).rollback();
    } catch (error) {
      // A running git has it.
      if (!hasCode(error, 'LOCKED')) {
        throw error;
      }
    }
  }
}

async function complete(project: IProject, journal: Journal): Promise<void> {
  const state = await gitState(project, journal);
  if (state === 'elsewhere' && !(await isBuiltUpon(project, journal))) {
    await followHead(project, journal);
    await removeJournal(project, journal.id);
    return;
  }
  // `before` equals `after` for changes that move no ref (restore): carrying them out again does no harm.
  if (state === 'before' || state === 'between') {
    await moveFiles(project, () => stepsOf(project, journal));
    const transaction = await project.git.begin();
    try {
      await stageIndex(project, journal, transaction);
      await transaction.commit(await unpublished(project, journal));
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }
  await finish(project, journal);
}

/** The change was published, and another program committed on top of it before it was complete. */
async function isBuiltUpon(project: IProject, journal: Journal): Promise<boolean> {
  const { before } = journal;
  const after = headAfter(journal);
  const now = await project.git.head();
  if (after.kind !== 'branch' || now.kind !== 'branch' || after.branch !== now.branch || isSameHead(before, after)) {
    return false;
  }
  // Undoing leads back to an older commit, which is below everything: then it must not be below what was undone as well.
  const undone = before.kind === 'branch' && before.branch === now.branch && (await isBelow(project, after, before));
  return (await isBelow(project, after, now)) && !(undone && (await isBelow(project, before, now)));
}

async function isBelow(project: IProject, ancestor: Head, descendant: Head): Promise<boolean> {
  if (!ancestor.commit || !descendant.commit) {
    return false;
  }
  return ancestor.commit === descendant.commit || project.git.isAncestor(ancestor.commit, descendant.commit);
}

/**
 * Another program moved HEAD meanwhile. Where HEAD has what was coming, it comes; elsewhere our files go back if their
 * places are still free.
 */
async function followHead(project: IProject, journal: Journal): Promise<void> {
  const tree = await treeOf(project, (await project.git.head()).commit);
  await moveFiles(project, () => stepsAsHead(project, journal, tree));
}

async function* stepsAsHead(
  project: IProject,
  journal: Journal,
  tree: ObjectId | null
): AsyncGenerator<readonly Step[]> {
  for await (const steps of stepsOf(project, journal)) {
    const turned: Step[] = [];
    for (const step of steps) {
      const entry = tree ? await project.git.entry(tree, step.path) : null;
      const wanted = isTarget(step.comes, entry) && !isTarget(step.leaves, entry);
      turned.push(wanted && isCommitted(step.leaves) ? step : invert(step));
    }
    yield turned;
  }
}

/** Unsnapshotted work only goes together with an entry in the operation log. */
function isCommitted(file: ParkedFile | null): boolean {
  return file === null || file.target.content.kind === 'git' || file.target.content.kind === 'pointer';
}

function isTarget(file: ParkedFile | null, entry: TreeEntry | null): boolean {
  if (!file || !entry) {
    return file === entry;
  }
  const target = targetOf(entry);
  return isSameTarget(file.target, target) || isSameTarget(file.target, standInOf(target));
}

/** Staged files that no journal names, and journals that were never complete. */
async function discardStaging(project: IProject): Promise<void> {
  const folder = `${project.home}/staging`;
  const journals = new Set<string>();
  for (const name of await listNames(project.files, `${project.home}/journal`)) {
    if (name.endsWith('.tmp')) {
      await unlinkQuietly(project.files, `${project.home}/journal/${name}`);
    } else {
      journals.add(name.slice(0, -'.json'.length));
    }
  }
  for (const name of await listNames(project.files, folder)) {
    if (!journals.has(name)) {
      await removeTree(project.files, `${folder}/${name}`);
    }
  }
}
