/** `switch`: make the work tree another branch's. */
import { BranchbookError } from '../error';
import type { Head, RefChange } from '../model/git';
import type { SwitchArgs, SwitchResult } from '../model/result';
import type { Activity, IProject, Scan } from '../port';
import { cleanFilter } from '../transition/clean-filter';
import { targetOf } from '../transition/content';
import { isSameHead } from '../transition/carry-out';
import { changesBetween, moveWorkTree, treeOf } from '../transition/move-work-tree';
import type { Move, Moved } from '../transition/move-work-tree';
import type { PathChange } from '../transition/path-change';
import { recover } from '../transition/recover';
import { writeSelection } from '../transition/selection';
import type { Selection } from '../transition/selection';
import { afterwards } from './afterwards';
import { noticesOnLeaving, refuseInOtherWorktree, unborn } from './branch-guards';
import { headName, refuseInProgress } from './head';
import type { Operation } from './operation';
import { changesOfForm, chosenSelection, loggedForms } from './select-assets';
import type { Reformed } from './select-assets';
import { takeSnapshot } from './snapshot';

export const switchOperation: Operation<'switch'> = {
  verb: 'switch',
  summary: 'Make notebooks, data and models on disk those of another branch',
  mutates: true,
  run: switchBranch
};

/** Where a switch goes. */
type Destination = {
  readonly head: Head & { readonly commit: string };
  /** For a branch that only a remote had: it is created here. */
  readonly refs: readonly RefChange[];
  readonly upstream: { readonly remote: string; readonly branch: string } | null;
};

const unmoved: Moved = { changed: [], added: [], removed: [], notices: [] };

/** WORK_TREE_DIRTY, OPERATION_IN_PROGRESS, BRANCH_UNKNOWN, BRANCH_IN_USE, and what `moveWorkTree` throws. */
export async function switchBranch(project: IProject, args: SwitchArgs, activity: Activity): Promise<SwitchResult> {
  const started = project.clock.now();
  const selection = chosenSelection(args);
  await refuseInProgress(project);
  const wanted = await findDestination(project, args);
  const parked = args.changes === 'park' ? await park(project, activity) : null;
  // Parking moves the branch we are on, which may be the one that is wanted.
  const to = parked === null ? wanted : await findDestination(project, args);
  const before = await project.git.head();
  const scan = await project.git.scan(cleanFilter(project));
  const difference = await changesBetween(project, scan.tree, await treeOf(project, to.head.commit));
  const discards = args.changes === 'discard' ? await discarded(project, to, scan, difference) : [];
  const reformed =
    selection === undefined ? unreformed : await reform(project, to, selection, scan, difference, activity);
  const changes = [...difference, ...discards, ...reformed.changes].sort((a, b) => (a.path < b.path ? -1 : 1));
  const from = headName(before);
  const name = headName(to.head);
  const move: Move = {
    changes,
    before,
    head: to.head,
    refs: to.refs,
    unsnapshotted: args.changes === 'discard' ? 'save' : 'refuse',
    ...(selection !== undefined && { selection, logged: loggedForms(reformed.changes) }),
    verb: 'switch',
    description: `switch ${from} → ${name}`,
    reflog: `checkout: moving from ${before.kind === 'branch' ? from : before.commit} to ${name}`
  };
  // Where we are already there is nothing to do, and nothing to undo later.
  const stays = isSameHead(before, to.head) && changes.length === 0;
  const moved = stays ? await remember(project, selection) : await moveWorkTree(project, move, activity);
  const leaving = await afterwards(`Switched to ${name}`, async () => {
    await setUpstream(project, to);
    return noticesOnLeaving(project, before, to.head.commit);
  });
  const touched = new Set(changes.map(change => change.path));
  return {
    from,
    to: name,
    commit: to.head.commit,
    ...moved,
    carried: scan.changes.map(change => change.path).filter(path => !touched.has(path)),
    parked,
    notices: [...moved.notices, ...reformed.notices, ...leaving],
    milliseconds: project.clock.now() - started
  };
}

const unreformed: Reformed = { changes: [], notices: [] };

/** Nothing moves, so that there is nothing to journal. */
async function remember(project: IProject, selection: Selection | undefined): Promise<Moved> {
  if (selection !== undefined) {
    await writeSelection(project, selection);
  }
  return unmoved;
}

async function park(project: IProject, activity: Activity): Promise<string | null> {
  const scan = await project.git.scan(cleanFilter(project));
  if (scan.changes.length === 0) {
    return null;
  }
  const { snapshot } = await takeSnapshot(project, { message: 'Parked changes' }, activity);
  // Should the end of it have failed, it has to be complete before the next change is logged.
  await recover(project);
  return snapshot.id;
}

/** Unsnapshotted changes of tracked files that the branches agree on; untracked files stay. */
async function discarded(
  project: IProject,
  to: Destination,
  scan: Scan,
  difference: readonly PathChange[]
): Promise<readonly PathChange[]> {
  const known = new Set(difference.map(change => change.path));
  const tree = await treeOf(project, to.head.commit);
  const changes: PathChange[] = [];
  for (const change of scan.changes) {
    if (change.kind !== 'untracked' && !known.has(change.path)) {
      const entry = tree ? await project.git.entry(tree, change.path) : null;
      changes.push({ path: change.path, from: change.head, entry, to: entry && targetOf(entry) });
    }
  }
  return changes;
}

/** Assets that both branches have alike, and that another selection wants in another form. Edited files stay. */
async function reform(
  project: IProject,
  to: Destination,
  selection: Selection,
  scan: Scan,
  difference: readonly PathChange[],
  activity: Activity
): Promise<Reformed> {
  const settled = new Set([...scan.changes, ...difference].map(({ path }) => path));
  return changesOfForm(project, await treeOf(project, to.head.commit), selection, settled, activity);
}

async function findDestination(project: IProject, args: SwitchArgs): Promise<Destination> {
  if (args.detach) {
    return { head: { kind: 'detached', commit: await project.git.resolve(args.branch) }, refs: [], upstream: null };
  }
  const name = `refs/heads/${args.branch}`;
  const local = (await project.git.refs('refs/heads/')).find(ref => ref.name === name);
  if (!local) {
    return findRemote(project, args.branch);
  }
  await refuseInOtherWorktree(project, args.branch);
  return { head: { kind: 'branch', branch: args.branch, commit: local.commit }, refs: [], upstream: null };
}

/** A branch that only a remote has: `refs/remotes/<remote>/<name>`; both parts may hold slashes. */
async function findRemote(project: IProject, branch: string): Promise<Destination> {
  const prefix = 'refs/remotes/';
  const refs = await project.git.refs(prefix);
  const found = branch === 'HEAD' ? [] : refs.filter(ref => ref.name.slice(prefix.length).endsWith(`/${branch}`));
  const chosen = found.find(ref => ref.name === `${prefix}origin/${branch}`) ?? (found.length === 1 ? found[0] : null);
  const head = await project.git.head();
  if (!chosen && head.kind === 'branch' && head.branch === branch) {
    throw unborn(branch);
  }
  if (!chosen) {
    throw unknownBranch(
      branch,
      found.map(ref => ref.name.slice(prefix.length))
    );
  }
  const remote = chosen.name.slice(prefix.length, -branch.length - 1);
  return {
    head: { kind: 'branch', branch, commit: chosen.commit },
    refs: [{ name: `refs/heads/${branch}`, from: null, to: chosen.commit }],
    upstream: { remote, branch }
  };
}

function unknownBranch(branch: string, remotes: readonly string[]): BranchbookError {
  return new BranchbookError(
    'BRANCH_UNKNOWN',
    remotes.length > 0
      ? `Several remotes have a branch ${JSON.stringify(branch)}: ${remotes.join(', ')}.`
      : `There is no branch ${JSON.stringify(branch)}.`,
    { name: branch, remotes },
    remotes.length > 0
      ? 'Create the local branch from one of them: `branchbook branch NAME --from REMOTE/NAME`.'
      : '`branchbook branch` lists the branches; `branchbook branch NAME` creates one; `--detach` takes any revision.'
  );
}

async function setUpstream(project: IProject, to: Destination): Promise<void> {
  if (to.upstream && to.head.kind === 'branch') {
    await project.git.setConfig(`branch.${to.head.branch}.remote`, to.upstream.remote);
    await project.git.setConfig(`branch.${to.head.branch}.merge`, `refs/heads/${to.upstream.branch}`);
  }
}
