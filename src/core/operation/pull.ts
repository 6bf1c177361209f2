/** `pull`: bring what is new at a remote, and merge it. */
import { BranchbookError } from '../error';
import type { ObjectId } from '../model/git';
import type { MergeResult } from '../model/merge';
import type { PullArgs, PullResult } from '../model/sharing';
import type { Activity, IProject } from '../port';
import { bringContents, problemsOf } from '../remote/bring-contents';
import type { Brought } from '../remote/bring-contents';
import { chooseRemote, setUpstream, upstreamOf } from '../remote/configured';
import { fetchHistory, trackingRef } from '../remote/fetch-history';
import { openRemote } from '../remote/open-remote';
import type { OpenedRemote } from '../remote/open-remote';
import { pointersBetween, pointersOfTree } from '../remote/pointers';
import type { NamedPointer } from '../remote/pointers';
import { raiseLabel } from '../remote/send-contents-of';
import { standingOf } from '../remote/standing';
import { readSelection, selects } from '../transition/selection';
import { changesBetween, moveWorkTree, treeOf } from '../transition/move-work-tree';
import { merge } from './merge';
import type { Operation } from './operation';
import { exclusively } from './run';

export const pullOperation: Operation<'pull'> = {
  verb: 'pull',
  summary: 'Bring what is new at a remote, and merge it',
  mutates: true,
  locksItself: true,
  run: pull
};

/** What is pulled from where. */
type Source = {
  readonly opened: OpenedRemote;
  /** The branch there. */
  readonly there: string;
  /** The branch here; null when none is checked out. */
  readonly branch: string | null;
};

/**
 * REMOTE_UNKNOWN, BRANCH_UNKNOWN when the remote has no such branch, what talking to it throws (PLACE_UNREACHABLE, SIGNED_OUT,
 * …), and what `merge` throws: a conflict leaves the work tree as it was, with what was fetched.
 */
export async function pull(project: IProject, args: PullArgs, activity: Activity): Promise<PullResult> {
  const { git } = project;
  const opened = await openRemote(project.places, await chooseRemote(git, args.remote));
  const listed = await fetchHistory(git, opened, activity);
  await raiseLabel(git, opened);
  const source = await findSource(project, opened, args.branch ?? null);
  const theirs = await tipOf(project, source);
  if (theirs === null && listed.refs.size > 0 && (args.branch !== undefined || !args.fetchOnly)) {
    throw unknownThere(source);
  }
  const before = await git.head();
  const { incoming } = await standingOf(git, before.commit, theirs);
  const brought = await bring(project, theirs, args, activity);
  const merged =
    args.fetchOnly || theirs === null || incoming.length === 0
      ? null
      : await integrate(project, source, theirs, activity);
  const { ahead, behind } = await standingOf(git, (await git.head()).commit, theirs);
  return {
    remote: opened.remote.name,
    incoming,
    merged,
    ahead,
    behind,
    changed: merged ? [...merged.changed, ...merged.added, ...merged.removed].sort() : [],
    transfer: brought.transfer,
    notices: [...refusedNames(listed.refused), ...problemsOf(brought), ...(merged?.notices ?? [])]
  };
}

async function findSource({ git }: IProject, opened: OpenedRemote, wanted: string | null): Promise<Source> {
  const head = await git.head();
  const branch = head.kind === 'branch' ? head.branch : null;
  const set = branch === null ? null : await upstreamOf(git, branch);
  const there = wanted ?? (set?.remote === opened.remote.name ? set.branch : branch);
  if (there === null) {
    throw new BranchbookError(
      'DETACHED_HEAD',
      'No branch is checked out, so there is nothing to pull into.',
      {},
      'Switch to a branch first.'
    );
  }
  return { opened, there, branch };
}

async function tipOf({ git }: IProject, { opened, there }: Source): Promise<ObjectId | null> {
  const name = trackingRef(opened.remote.name, there);
  return (await git.refs(name)).find(ref => ref.name === name)?.commit ?? null;
}

function unknownThere({ opened, there }: Source): BranchbookError {
  return new BranchbookError(
    'BRANCH_UNKNOWN',
    `${opened.address} has no branch ${JSON.stringify(there)}.`,
    { name: there, remote: opened.remote.name },
    'Push it first with `branchbook push`, or name the branch to pull: `branchbook pull --branch NAME`.'
  );
}

/** Before the merge, so that it changes files, not pointers. What cannot be had comes as its pointer, and is told. */
async function bring(project: IProject, theirs: ObjectId | null, args: PullArgs, activity: Activity): Promise<Brought> {
  const wanted = theirs === null ? new Map<string, NamedPointer>() : await wantedOf(project, theirs, args, activity);
  return bringContents(
    project,
    [...wanted.values()].map(({ pointer }) => pointer),
    activity,
    args.assets === 'all' ? 'store' : 'file'
  );
}

async function wantedOf(
  project: IProject,
  theirs: ObjectId,
  { assets = 'needed', fetchOnly }: PullArgs,
  activity: Activity
): Promise<ReadonlyMap<string, NamedPointer>> {
  if (assets === 'all') {
    return pointersBetween(project, [theirs], [], activity);
  }
  if (assets === 'none' || fetchOnly) {
    return new Map();
  }
  return pointersOfTree(project, await treeOf(project, theirs), selects(await readSelection(project)));
}

/** The merge of a remote's branch into the current one. What `merge` throws. */
async function integrate(
  project: IProject,
  source: Source,
  theirs: ObjectId,
  activity: Activity
): Promise<MergeResult> {
  const { opened, there, branch } = source;
  const name = `${opened.remote.name}/${there}`;
  return exclusively(project, 'pull', activity, async () => {
    const head = await project.git.head();
    const merged =
      head.kind === 'branch' && head.commit === null
        ? await begin(project, head.branch, theirs, name, activity)
        : await merge(
            project,
            { branch: theirs, message: `Merge branch '${there}' of ${opened.address}` },
            activity,
            name
          );
    if (branch !== null && (await upstreamOf(project.git, branch)) === null) {
      await setUpstream(project.git, branch, { remote: opened.remote.name, branch: there });
    }
    return merged;
  });
}

/** A branch without any snapshot becomes the remote's. */
async function begin(
  project: IProject,
  branch: string,
  theirs: ObjectId,
  name: string,
  activity: Activity
): Promise<MergeResult> {
  const changes = await changesBetween(project, null, await treeOf(project, theirs));
  const moved = await moveWorkTree(
    project,
    {
      changes,
      before: { kind: 'branch', branch, commit: null },
      refs: [{ name: `refs/heads/${branch}`, from: null, to: theirs }],
      unsnapshotted: 'refuse',
      verb: 'pull',
      description: `pull ${name}`,
      reflog: `pull ${name}: storing head`
    },
    activity
  );
  return { kind: 'fast-forward', branch, merged: name, commit: theirs, ...moved };
}

export function refusedNames(refused: readonly string[]): readonly string[] {
  return refused.length === 0
    ? []
    : [`The remote has names that cannot be kept here; they were left alone: ${refused.slice(0, 5).join(', ')}.`];
}
