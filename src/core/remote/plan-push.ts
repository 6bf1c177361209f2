/** Which refs of a remote are to move, and whether they may. */
import { BranchbookError } from '../error';
import type { ObjectId, Ref } from '../model/git';
import type { PushArgs } from '../model/sharing';
import type { Activity, IGit, IProject, RemoteRefs } from '../port';
import { unborn } from '../operation/branch-guards';
import { upstreamOf } from './configured';
import { fetchHistory, trackingRef } from './fetch-history';
import type { OpenedRemote } from './open-remote';
import { standingOf } from './standing';
import type { Standing } from './standing';

export type PlannedRef = {
  /** Short name here. */
  readonly name: string;
  /** Full name at the remote. */
  readonly there: string;
  readonly from: ObjectId | null;
  /** What the ref will hold: `commit`, or an annotated tag that leads to it. */
  readonly to: ObjectId;
  readonly commit: ObjectId;
};

/** PUSH_REJECTED, FORBIDDEN, BRANCH_UNKNOWN, DETACHED_HEAD, UNBORN_HEAD. What is there already is left out. */
export async function planPush(
  project: IProject,
  opened: OpenedRemote,
  args: PushArgs,
  listed: RemoteRefs,
  activity: Activity
): Promise<readonly PlannedRef[]> {
  const { git } = project;
  const planned: PlannedRef[] = [];
  for (const ref of await wantedRefs(git, args)) {
    const there = await nameThere(git, opened, ref.name);
    const from = listed.refs.get(there) ?? null;
    if (from !== ref.object) {
      const name = ref.name.replace(/^refs\/(heads|tags)\//, '');
      planned.push({ name, there, from, to: ref.object, commit: ref.commit });
    }
  }
  for (const ref of planned) {
    await refuseForbidden(opened, ref);
  }
  await refuseMoved(git, opened, planned, activity);
  return planned;
}

async function wantedRefs(git: IGit, { branches, all }: PushArgs): Promise<readonly Ref[]> {
  const refs = await git.refs('refs/');
  if (all) {
    return refs.filter(({ name }) => /^refs\/(heads|tags)\//.test(name));
  }
  const names = branches && branches.length > 0 ? branches : [await currentBranch(git)];
  return names.map(name => {
    const found =
      refs.find(ref => ref.name === `refs/heads/${name}`) ?? refs.find(ref => ref.name === `refs/tags/${name}`);
    if (!found) {
      throw new BranchbookError(
        'BRANCH_UNKNOWN',
        `There is no branch or tag ${JSON.stringify(name)}.`,
        { name },
        '`branchbook branch` lists the branches.'
      );
    }
    return found;
  });
}

async function currentBranch(git: IGit): Promise<string> {
  const head = await git.head();
  if (head.kind === 'detached') {
    throw new BranchbookError(
      'DETACHED_HEAD',
      'No branch is checked out, so there is nothing to push.',
      {},
      'Switch to a branch, or name the branches to push.'
    );
  }
  if (head.commit === null) {
    throw unborn(head.branch);
  }
  return head.branch;
}

/** A branch goes to its upstream when that is there; else to its own name. */
async function nameThere(git: IGit, { remote }: OpenedRemote, name: string): Promise<string> {
  const branch = /^refs\/heads\/(.+)$/.exec(name)?.[1];
  const upstream = branch === undefined ? null : await upstreamOf(git, branch);
  return upstream?.remote === remote.name ? `refs/heads/${upstream.branch}` : name;
}

/** Asked before anything is sent; who keeps the remote decides again. */
async function refuseForbidden({ shared }: OpenedRemote, { there }: PlannedRef): Promise<void> {
  const reason = shared ? await shared.mayPush(there.replace(/^refs\/(heads|tags)\//, '')) : null;
  if (reason !== null) {
    throw new BranchbookError(
      'FORBIDDEN',
      reason,
      { right: 'edit', object: there, because: [reason] },
      'Keep working on a branch of your own, or ask for the right: `branchbook share request`.'
    );
  }
}

/** A ref only ever moves forward: what others pushed is never thrown away. */
async function refuseMoved(
  git: IGit,
  opened: OpenedRemote,
  planned: readonly PlannedRef[],
  activity: Activity
): Promise<void> {
  const existing = planned.filter(({ from }) => from !== null);
  const held = new Set((await git.refs('refs/')).map(({ object }) => object));
  const unknown = existing.filter(({ from }) => !held.has(from!));
  if (unknown.length > 0) {
    await fetchHistory(git, opened, activity, new Set(unknown.map(({ there }) => there)));
  }
  for (const ref of existing) {
    const isTag = ref.there.startsWith('refs/tags/');
    if (isTag || !(await git.isAncestor(ref.from!, ref.commit))) {
      throw isTag ? movedTag(ref, opened) : moved(ref, opened, await standingOf(git, ref.commit, ref.from));
    }
  }
}

function moved({ name, there }: PlannedRef, { address, remote }: OpenedRemote, standing: Standing): BranchbookError {
  const { behind, incoming } = standing;
  const authors = [...new Set(incoming.map(({ author }) => author.name))].slice(0, 3).join(', ');
  const what = behind === 1 ? 'a snapshot' : `${behind} snapshots`;
  return new BranchbookError(
    'PUSH_REJECTED',
    `“${name}” has ${what} by ${authors} at ${address} that ${behind === 1 ? 'is' : 'are'} not here. Nothing was sent.`,
    { ref: there, remote: remote.name, tracking: trackingRef(remote.name, name), behind },
    'Bring what is new, merge it and push in one step: `branchbook push --pull`.'
  );
}

function movedTag({ name, there }: PlannedRef, { address, remote }: OpenedRemote): BranchbookError {
  return new BranchbookError(
    'PUSH_REJECTED',
    `${address} has another tag “${name}”. Nothing was sent.`,
    { ref: there, remote: remote.name, behind: 0 },
    'Tags stay what they are: give yours another name.'
  );
}
