/** `clone`: a project of one's own from a shared one. */
import { ensureDirectory, readJson, removeTree, writeDurable } from '../durable';
import { BranchbookError } from '../error';
import type { ObjectId } from '../model/git';
import { withoutSecrets } from '../model/place-address';
import type { CloneArgs, CloneResult } from '../model/sharing';
import type { Activity, IAccount, IProject, RemoteRefs } from '../port';
import { bringContents, problemsOf } from '../remote/bring-contents';
import { configureRemote, setUpstream } from '../remote/configured';
import type { Remote } from '../remote/configured';
import { describeRemote } from '../remote/describe-remote';
import { fetchHistory } from '../remote/fetch-history';
import { openRemote } from '../remote/open-remote';
import type { OpenedRemote } from '../remote/open-remote';
import { pointersOfTree } from '../remote/pointers';
import { raiseLabel } from '../remote/send-contents-of';
import { changesBetween, moveWorkTree, treeOf } from '../transition/move-work-tree';
import { recover } from '../transition/recover';
import { findStandIns } from '../transition/stand-in';
import { markProject } from './init';
import type { AccountOperation } from './operation';
import { refusedNames } from './pull';

export const cloneOperation: AccountOperation<'clone'> = {
  verb: 'clone',
  summary: 'Make a project from a shared one',
  run: clone
};

const REMOTE = 'origin';

/** What a clone that was killed had in mind: `<folder>/.git/branchbook/cloning.json`, gone when it is complete. */
type Intent = { readonly version: 1; readonly address: string };

/**
 * USAGE when the folder is not empty; BRANCH_UNKNOWN; what connecting and fetching throw. A clone that fails leaves nothing,
 * one that is killed goes on when it is asked for again.
 */
export async function clone(account: IAccount, args: CloneArgs, activity: Activity): Promise<CloneResult> {
  const address = absoluteAddress(account, args.address);
  const remote = await describeRemote(account.places, REMOTE, address);
  const opened = await openRemote(account.places, remote);
  const root = args.folder ?? `${account.cwd}/${folderName(address)}`;
  const intent: Intent = { version: 1, address: opened.address };
  const found = await prepareFolder(account, root, intent);
  try {
    const project = await account.open(root, { create: 'here' });
    return await fill(project, opened, args, intent, activity);
  } catch (error) {
    await clearAway(account, root, found);
    throw error;
  }
}

/** git takes folders relative to where one stands. */
function absoluteAddress({ cwd }: IAccount, address: string): string {
  const trimmed = address.trim().replace(/(.)\/+$/, '$1');
  return /^\.{1,2}(\/|$)/.test(trimmed) ? `${cwd}/${trimmed}` : trimmed;
}

function folderName(address: string): string {
  const name = withoutSecrets(address)
    .split(/[/:]/)
    .at(-1)!
    .replace(/\.git$/, '');
  if (name === '' || name === '.' || name === '..') {
    throw new BranchbookError(
      'USAGE',
      `The address ${withoutSecrets(address)} gives the folder no name.`,
      { argument: 'folder', reason: 'no name' },
      'Name the folder to clone into.'
    );
  }
  return name;
}

/** What was there before. */
type Found = 'nothing' | 'empty' | 'begun';

/** A clone that was begun earlier keeps what it has: it goes on the next time. */
async function clearAway({ files }: IAccount, root: string, found: Found): Promise<void> {
  const doomed = {
    nothing: [root],
    empty: (await files.readdir(root)).map(({ name }) => `${root}/${name}`),
    begun: []
  }[found];
  for (const path of doomed) {
    // The failure is told, not what it leaves.
    await removeTree(files, path).catch(() => undefined);
  }
}

/** The folder, made where there is none. USAGE when something else is in it. */
async function prepareFolder({ files }: IAccount, root: string, intent: Intent): Promise<Found> {
  const stat = await files.lstat(root);
  const names = stat?.kind === 'directory' ? await files.readdir(root) : [];
  const before = (await readJson(files, intentFile(root)).catch(() => null)) as Intent | null;
  const goesOn = before?.address === intent.address;
  if (stat && !goesOn && (stat.kind !== 'directory' || names.length > 0)) {
    throw new BranchbookError(
      'USAGE',
      `${root} is there already, and is not empty.`,
      { argument: 'folder', reason: 'not empty' },
      'Name another folder: `branchbook clone ADDRESS FOLDER`.'
    );
  }
  await ensureDirectory(files, root);
  return stat === null ? 'nothing' : goesOn ? 'begun' : 'empty';
}

const intentFile = (root: string): string => `${root}/.git/branchbook/cloning.json`;

async function fill(
  project: IProject,
  opened: OpenedRemote,
  args: CloneArgs,
  intent: Intent,
  activity: Activity
): Promise<CloneResult> {
  const { git, files, root, home } = project;
  await ensureDirectory(files, home);
  await writeDurable(files, intentFile(root), new TextEncoder().encode(JSON.stringify(intent)));
  await configureRemote(git, opened.remote);
  const listed = await fetchHistory(git, opened, activity);
  await raiseLabel(git, opened);
  const branch = chooseBranch(listed, args.branch, opened.remote);
  const commit = listed.refs.get(`refs/heads/${branch}`) ?? null;
  const wanted = args.lazy ? new Map() : await pointersOfTree(project, await treeOf(project, commit));
  const brought = await bringContents(
    project,
    [...wanted.values()].map(({ pointer }) => pointer),
    activity,
    'file'
  );
  // Only now, so that a clone which is not complete is taken for no project.
  await checkOut(project, branch, commit, args.lazy ?? false, activity);
  await setUpstream(git, branch, { remote: REMOTE, branch });
  await markProject(project);
  await files.unlink(intentFile(root));
  const absent = await findStandIns(project);
  return {
    root,
    branch,
    remote: REMOTE,
    transfer: brought.transfer,
    absent: { assets: absent.length, bytes: absent.reduce((sum, { pointer }) => sum + pointer.size, 0) },
    notices: [...refusedNames(listed.refused), ...problemsOf(brought)]
  };
}

/** The one asked for, else the remote's own, else `main`, `master` or any. BRANCH_UNKNOWN. */
function chooseBranch({ head, refs }: RemoteRefs, wanted: string | undefined, { url }: Remote): string {
  const has = (name: string): boolean => refs.has(`refs/heads/${name}`);
  if (wanted !== undefined && !has(wanted)) {
    throw new BranchbookError(
      'BRANCH_UNKNOWN',
      `${withoutSecrets(url)} has no branch ${JSON.stringify(wanted)}.`,
      { name: wanted },
      'Leave `--branch` out to get the one its owners chose.'
    );
  }
  const [first] = [...refs.keys()].filter(name => name.startsWith('refs/heads/')).sort();
  const standard = ['main', 'master'].find(has) ?? first?.slice('refs/heads/'.length);
  return wanted ?? head ?? standard ?? 'main';
}

/** Nothing is logged that `undo` could take back: there was nothing before. */
async function checkOut(
  project: IProject,
  branch: string,
  commit: ObjectId | null,
  lazy: boolean,
  activity: Activity
): Promise<void> {
  const { git, files, home } = project;
  await recover(project);
  const before = await git.head();
  if (commit === null || before.commit === commit) {
    return;
  }
  const changes = await changesBetween(project, null, await treeOf(project, commit));
  await moveWorkTree(
    project,
    {
      changes,
      before,
      head: { kind: 'branch', branch, commit },
      refs: [{ name: `refs/heads/${branch}`, from: null, to: commit }],
      unsnapshotted: 'refuse',
      ...(lazy && { selection: [] }),
      verb: 'clone',
      description: `clone ${branch}`,
      reflog: 'clone'
    },
    activity
  );
  await removeTree(files, `${home}/operations`);
}
