/** `check --repair`: git's objects first, since they say what is needed; then the store; then the files beside it. */
import { hasCode } from '../error';
import type { Repair } from '../model/maintenance';
import { readAllOperations } from '../oplog/operation-log';
import type { Activity, FindCopies, IProject, Part } from '../port';
import type { Sha256 } from '../model/asset';
import { stagingOf } from '../transition/steps';
import { rescue } from '../transition/verified-file';
import { checkHistory, sizesOf } from './check-history';
import { holds, standIns, unreadableJournals } from './check-own-files';
import { folderRemotes, openCopies } from './find-copies';
import { ObjectHealer } from './heal-object';
import type { RemoteCopies } from './remote-copies';

export type Data = { readonly readData: boolean; readonly part: Part | undefined };

/**
 * A journal that cannot be read would keep every change from being made. It goes to `rescued/`, together with the files
 * that its change had taken out of the work tree.
 */
export async function prepareRepair(project: IProject): Promise<void> {
  for (const path of await unreadableJournals(project)) {
    const id = path.slice(path.lastIndexOf('/') + 1, -'.json'.length);
    if (await project.files.lstat(stagingOf(project, id))) {
      await rescue(project, stagingOf(project, id));
    }
    await rescue(project, path);
  }
}

/** The caller holds the project's lock. Tells what was put right; what remains, a check afterwards tells. */
export async function* repair(
  project: IProject,
  data: Data,
  remotes: RemoteCopies,
  activity: Activity
): AsyncGenerator<Repair> {
  yield* repairIndexes(project);
  const healer = new ObjectHealer(project, await folderRemotes(project));
  const history = await checkHistory(project, activity, object => healer.heal(object));
  yield* healer.healed;
  const here = await openCopies(project, sha256 => history.wanted.get(sha256)?.paths ?? []);
  const copies: FindCopies = async function* (sha256) {
    yield* here(sha256);
    const asset = history.wanted.get(sha256);
    // A lazy clone stays one: what never came from a remote is no damage.
    if (asset && !(asset.elsewhere && (await isUnknown(project, sha256)))) {
      yield* remotes.of({ sha256, size: asset.size });
    }
  };
  yield* project.store.repair({ ...data, ...activity, wanted: sizesOf(history), copies });
  yield* repairOperationLog(project);
  yield* data.readData ? repairStandIns(project, activity) : [];
}

async function isUnknown({ store }: IProject, sha256: Sha256): Promise<boolean> {
  return (await store.info(sha256)) === null;
}

async function* repairOperationLog(project: IProject): AsyncGenerator<Repair> {
  for (const path of (await readAllOperations(project)).damaged) {
    await rescue(project, path);
    yield { object: path, message: 'An entry of the operation log that cannot be read was put aside.', from: '' };
  }
}

async function* repairStandIns(project: IProject, activity: Activity): AsyncGenerator<Repair> {
  for (const { path, sha256 } of await standIns(project)) {
    if (!(await holds(project, path, sha256, activity))) {
      await rescue(project, path);
      yield { object: path, message: `${path} was put aside: it does not hold what its name says.`, from: '' };
    }
  }
}

/** An index that cannot be read is made again from HEAD: the files on disk stay, what was staged is staged no more. */
async function* repairIndexes(project: IProject): AsyncGenerator<Repair> {
  for (const { root } of await project.git.worktrees()) {
    const tree = await project.at(root).catch(() => null);
    const damaged = await tree?.git.indexed().then(
      () => false,
      error => hasCode(error, 'FORMAT_INVALID')
    );
    if (tree && damaged && (await rebuildIndex(tree))) {
      const message = 'The index was made again; what was staged is not staged any more.';
      yield { object: `${tree.git.gitDir}/index`, message, from: 'HEAD' };
    }
  }
}

/** False when HEAD itself cannot be read. */
async function rebuildIndex(project: IProject): Promise<boolean> {
  const { git } = project;
  const { commit } = await git.head();
  const entries = commit
    ? await git
        .readCommit(commit)
        .then(({ tree }) => git.listTree(tree))
        .catch(() => null)
    : [];
  if (!entries) {
    return false;
  }
  await rescue(project, `${git.gitDir}/index`);
  const transaction = await git.begin();
  try {
    entries.forEach(entry => transaction.set(entry, null));
    await transaction.commit({ reflog: 'check: index made again' });
    return true;
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}
