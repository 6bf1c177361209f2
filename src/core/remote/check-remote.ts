/** How the current branch stands to a remote, who is there, and what the user may do. */
import { covers } from '../model/access';
import { parseProjectAddress } from '../model/place-address';
import type { RemoteArgs, RemoteCheck } from '../model/sharing';
import type { Activity, IGit, IProject } from '../port';
import { chooseRemote, lastRight, remoteInfo, upstreamOf } from './configured';
import type { Remote } from './configured';
import { fetchHistory, trackingRef } from './fetch-history';
import { openRemote } from './open-remote';
import type { OpenedRemote } from './open-remote';
import { standingOf } from './standing';

export type Question = Omit<Extract<RemoteArgs, { readonly action: 'check' }>, 'action'>;

/** REMOTE_UNKNOWN, and what talking to it throws. */
export async function checkRemote(
  project: IProject,
  { name, document, offline = false }: Question,
  activity: Activity
): Promise<RemoteCheck> {
  const { git } = project;
  const remote = await chooseRemote(git, name);
  const opened = offline ? null : await openRemote(project.places, remote);
  if (opened) {
    await fetchHistory(git, opened, activity);
  }
  const head = await git.head();
  const branch = head.kind === 'branch' ? head.branch : null;
  const set = branch === null ? null : await upstreamOf(git, branch);
  const there = set?.remote === remote.name ? set.branch : branch;
  const tip = there === null ? null : await tipOf(project, trackingRef(remote.name, there));
  return {
    remote: await remoteInfo(git, remote),
    upstream: tip === null ? null : `${remote.name}/${there!}`,
    ...(await standingOf(git, head.commit, tip)),
    ...(opened ? await askPlace(opened, there, document ?? null) : await lastTold(git, remote))
  };
}

async function tipOf({ git }: IProject, name: string): Promise<string | null> {
  return (await git.refs(name)).find(ref => ref.name === name)?.commit ?? null;
}

type OfPlace = Pick<
  RemoteCheck,
  'namespace' | 'project' | 'identity' | 'right' | 'canPush' | 'reason' | 'label' | 'people' | 'requests'
>;

/** A plain git host tells only when it is pushed to. */
const plain: OfPlace = {
  namespace: null,
  project: null,
  identity: null,
  right: null,
  canPush: true,
  reason: null,
  label: null,
  people: [],
  requests: 0
};

/** Which branches have rules, only the place knows. */
async function lastTold(git: IGit, remote: Remote): Promise<OfPlace> {
  if (remote.shared === null) {
    return plain;
  }
  const { namespace, project } = parseProjectAddress(remote.shared);
  const right = await lastRight(git, remote);
  return { ...plain, namespace, project, right, canPush: right === null || covers(right, 'edit') };
}

async function askPlace(opened: OpenedRemote, branch: string | null, document: string | null): Promise<OfPlace> {
  const { shared, place, address } = opened;
  if (!shared || !place) {
    return plain;
  }
  const { namespace, project } = parseProjectAddress(address);
  const { right } = shared.rights;
  const [identity, people, reason, requests] = await Promise.all([
    place.namespaces.whoAmI(),
    shared.presence({ branch, document }),
    branch === null ? null : shared.mayPush(branch),
    covers(right, 'manage') ? openRequests(opened, namespace) : 0
  ]);
  return {
    namespace,
    project,
    identity,
    right,
    canPush: reason === null,
    reason,
    label: shared.record.label,
    people,
    requests
  };
}

async function openRequests({ place }: OpenedRemote, namespace: string): Promise<number> {
  const { requests } = await place!.namespaces.view(namespace);
  return requests.filter(({ answer }) => answer === 'open').length;
}
