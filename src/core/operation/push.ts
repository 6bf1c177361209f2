/** `push`: assets first, then history, then refs: what a ref names is there. */
import { BranchbookError, hasCode } from '../error';
import type { ObjectId, RefChange } from '../model/git';
import type { PullResult, PushArgs, PushedRef, PushResult, Transfer } from '../model/sharing';
import type { Activity, IProject, RemoteRefs } from '../port';
import { addTransfers, noTransfer } from '../remote/bring-contents';
import { chooseRemote, configureRemote, setUpstream, upstreamOf } from '../remote/configured';
import { trackingRef } from '../remote/fetch-history';
import { openRemote } from '../remote/open-remote';
import type { OpenedRemote } from '../remote/open-remote';
import { pointersBetween } from '../remote/pointers';
import { planPush } from '../remote/plan-push';
import type { PlannedRef } from '../remote/plan-push';
import { publishingRemote } from '../remote/publish';
import { refuseLowerLabel, sendContentsOf } from '../remote/send-contents-of';
import type { Operation } from './operation';
import { pull } from './pull';

export const pushOperation: Operation<'push'> = {
  verb: 'push',
  summary: 'Send snapshots and their assets to a remote',
  mutates: true,
  locksItself: true,
  run: push
};

/** Milliseconds after which it is asked again what the place has, since it promises that for a day. */
const FRESH = 12 * 3_600_000;
/** Others push too: each time they are faster, their work is brought and merged again. */
const PULLS = 8;

type Attempt = Pick<PushResult, 'pushed' | 'transfer' | 'notices'>;

/**
 * PUSH_REJECTED when the branch moved there, unless `pullFirst`; FORBIDDEN, LABEL_REFUSED, ASSET_MISSING, QUOTA_EXCEEDED:
 * no ref has moved. Also REMOTE_UNKNOWN, BRANCH_UNKNOWN, what talking to the remote throws, and with `pullFirst` what
 * `pull` throws.
 */
async function push(project: IProject, args: PushArgs, activity: Activity): Promise<PushResult> {
  const { git, places } = project;
  const remote =
    args.to === undefined
      ? await chooseRemote(git, args.remote)
      : await publishingRemote(project, args.to, args.remote);
  const opened = await openRemote(places, remote);
  await refuseLowerLabel(git, opened);
  let pulled: PullResult | null = null;
  let transfer = noTransfer;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const done = await pushOnce(project, opened, args, activity);
      transfer = addTransfers(transfer, done.transfer);
      if (args.to !== undefined) {
        await configureRemote(git, remote);
      }
      await follow(project, opened, done.pushed);
      return { remote: remote.name, address: opened.address, ...done, transfer, pulled };
    } catch (error) {
      if (!args.pullFirst || attempt > PULLS || !hasCode(error, 'PUSH_REJECTED')) {
        throw error;
      }
      if (args.to !== undefined) {
        await configureRemote(git, remote);
      }
      pulled = await pull(project, { remote: remote.name }, activity);
      if (pulled.behind > 0 || pulled.merged === null) {
        // It was another branch that moved, or nothing that can be merged.
        throw error;
      }
    }
  }
}

async function pushOnce(project: IProject, opened: OpenedRemote, args: PushArgs, activity: Activity): Promise<Attempt> {
  const { git, clock } = project;
  const begun = clock.now();
  // Asked before the refs: what they lead to now was not about to be deleted then.
  const wary = (await opened.assets?.isLeaving(activity)) ?? false;
  const listed = await git.transport.list(opened.history, activity);
  const planned = await planPush(project, opened, args, listed, activity);
  if (planned.length === 0) {
    return { pushed: [], transfer: noTransfer, notices: ['Everything is there already.'] };
  }
  const known = args.all ? [] : wary ? movedFrom(planned) : await knownCommits(project, listed);
  const transfer = await sendContents(project, opened, planned, known, activity);
  if (clock.now() - begun > FRESH) {
    const again = await pushOnce(project, opened, args, activity);
    return { ...again, transfer: addTransfers(transfer, again.transfer) };
  }
  const changes = planned.map(({ there, from, to }): RefChange => ({ name: there, from, to }));
  await git.transport.push(opened.history, changes, activity);
  const notices = await tell(opened, changes);
  return { pushed: await Promise.all(planned.map(ref => describe(project, ref, listed))), transfer, notices };
}

/** The refs have moved: that the place cannot note it is told, and no reason to say that nothing was done. */
async function tell({ shared, address }: OpenedRemote, changes: readonly RefChange[]): Promise<readonly string[]> {
  try {
    await shared?.pushed(changes);
    return [];
  } catch (error) {
    return [`It is there, but the log of ${address} does not say so: ${BranchbookError.from(error).message}`];
  }
}

/**
 * What `known` do not lead to. With `all` the whole history's contents are looked for there, so that a store that was named
 * later becomes complete.
 */
async function sendContents(
  project: IProject,
  opened: OpenedRemote,
  planned: readonly PlannedRef[],
  known: readonly ObjectId[],
  activity: Activity
): Promise<Transfer> {
  const tips = planned.map(({ commit }) => commit);
  return sendContentsOf(project, opened, await pointersBetween(project, tips, known, activity), activity);
}

/** What refs lead to that can only move from there: another one could be deleted, and then its contents. */
function movedFrom(planned: readonly PlannedRef[]): readonly ObjectId[] {
  return planned.flatMap(({ from }) => from ?? []);
}

/** What the remote has for sure and is here in full. */
async function knownCommits({ git }: IProject, { refs }: RemoteRefs): Promise<readonly string[]> {
  const there = new Set(refs.values());
  const held = (await git.refs('refs/')).filter(({ object }) => there.has(object));
  return [...new Set(held.map(({ commit }) => commit))];
}

async function describe({ git }: IProject, ref: PlannedRef, listed: RemoteRefs): Promise<PushedRef> {
  const there = new Set(listed.refs.values());
  const known = (await git.refs('refs/')).filter(({ object }) => there.has(object)).map(({ commit }) => commit);
  const snapshots = (await git.commitsOnlyIn([ref.commit], known)).length;
  return { name: ref.name, from: ref.from, to: ref.to, snapshots };
}

/** As git does: the refs that follow the remote's, and the upstream of branches that have none. */
async function follow({ git }: IProject, { remote }: OpenedRemote, pushed: readonly PushedRef[]): Promise<void> {
  const here = new Map((await git.refs('refs/')).map(ref => [ref.name, ref.object]));
  const changes: RefChange[] = [];
  for (const { name, to } of pushed) {
    if (here.has(`refs/heads/${name}`) && here.get(`refs/tags/${name}`) !== to) {
      const upstream = (await upstreamOf(git, name)) ?? { remote: remote.name, branch: name };
      const ref = trackingRef(remote.name, upstream.remote === remote.name ? upstream.branch : name);
      const from = here.get(ref) ?? null;
      changes.push(...(from === to ? [] : [{ name: ref, from, to }]));
      await setUpstream(git, name, upstream);
    }
  }
  try {
    await git.updateRefs(changes, 'update by push');
  } catch (error) {
    // Somebody fetched meanwhile: then they say what the remote has, or the next fetch will.
    if (!hasCode(error, 'REF_CONFLICT', 'LOCKED')) {
      throw error;
    }
  }
}
