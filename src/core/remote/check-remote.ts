/** How the current branch stands to a remote, who is there, and what the user may do. */
import { covers } from '../model/access';
import { parseProjectAddress } from '../model/place-address';
import type { RemoteCheck } from '../model/sharing';
import type { Activity, IProject } from '../port';
import { chooseRemote, remoteInfo, upstreamOf } from './configured';
import { fetchHistory, trackingRef } from './fetch-history';
import { openRemote } from './open-remote';
import type { OpenedRemote } from './open-remote';
import { standingOf } from './standing';

/** REMOTE_UNKNOWN, and what talking to it throws. */
export async function checkRemote(
  project: IProject,
  { name, document }: { readonly name?: string; readonly document?: string },
  activity: Activity
): Promise<RemoteCheck> {
  const { git } = project;
  const remote = await chooseRemote(git, name);
  const opened = await openRemote(project.places, remote);
  await fetchHistory(git, opened, activity);
  const head = await git.head();
  const branch = head.kind === 'branch' ? head.branch : null;
  const set = branch === null ? null : await upstreamOf(git, branch);
  const there = set?.remote === remote.name ? set.branch : branch;
  const tip = there === null ? null : await tipOf(project, trackingRef(remote.name, there));
  return {
    remote: await remoteInfo(git, remote),
    upstream: tip === null ? null : `${remote.name}/${there!}`,
    ...(await standingOf(git, head.commit, tip)),
    ...(await askPlace(opened, there, document ?? null))
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
