/** `join`: take what a link gives, and open it. */
import { BranchbookError } from '../error';
import { grantSentence } from '../model/grant-words';
import type { Joined, LinkOffer } from '../model/namespace';
import { formatProjectAddress, kindOfPlace } from '../model/place-address';
import type { CloneResult, JoinArgs, JoinResult } from '../model/sharing';
import type { Activity, IAccount, IPlace, IProject } from '../port';
import { configuredRemotes } from '../remote/configured';
import { clone } from './clone';
import type { AccountOperation } from './operation';

export const joinOperation: AccountOperation<'join'> = {
  verb: 'join',
  summary: 'Open what somebody shared by link',
  run: join
};

/** LINK_INVALID, SIGNED_OUT, PLACE_UNKNOWN, PLACE_UNREACHABLE; then what cloning throws: what the link gave stays given. */
async function join(account: IAccount, args: JoinArgs, activity: Activity): Promise<JoinResult> {
  const { place: address, code } = parseLink(args.link);
  const place = await account.places.connect(address);
  if (args.look) {
    const offer = await place.namespaces.offer(code);
    return { place: place.address, joined: offer, offer, clone: null, root: null, done: lookedAt(place, offer) };
  }
  const joined = await place.namespaces.join(code);
  const done = await describe(place, joined);
  const project = args.only ? null : projectOf(joined);
  if (project === null || !(await isReadable(place, joined, project))) {
    return { place: place.address, joined, clone: null, root: null, done };
  }
  const shared = formatProjectAddress({ place: place.address, namespace: joined.namespace, project });
  const folder = args.folder ?? `${account.cwd}/${project}`;
  const here = await cloneHere(account, folder, shared);
  const made = here === null ? await cloneTo(account, shared, folder, joined, activity) : null;
  return { place: place.address, joined, clone: made, root: here ?? made!.root, done };
}

function lookedAt({ address }: IPlace, { by, namespace }: LinkOffer): string {
  return `${by} invites you to ${namespace} at ${address}. Nothing was taken yet.`;
}

/** `<place>/join/<code>`, or the address of a JupyterLab that carries one. LINK_INVALID. */
function parseLink(link: string): { readonly place: string; readonly code: string } {
  const carried = /[?&]branchbook-join=([^&#]+)/.exec(link)?.[1];
  const [, place, code] = /^(.+)\/join\/([A-Za-z0-9_-]{16,128})\/?$/.exec(decode(carried) ?? link.trim()) ?? [];
  if (place === undefined || code === undefined || kindOfPlace(place) === null) {
    throw new BranchbookError(
      'LINK_INVALID',
      'That is no link of Branchbook.',
      {},
      'Give the whole link as it was sent, for example https://hub.example.org/join/….'
    );
  }
  return { place, code };
}

function decode(text: string | undefined): string | undefined {
  try {
    return text && decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

async function describe({ namespaces }: IPlace, { namespace, object, right }: Joined): Promise<string> {
  const { displayName } = await namespaces.whoAmI();
  return grantSentence({ principal: { kind: 'user', name: displayName }, right, object, until: null, namespace });
}

/** The one project that was shared; null when it was something else. */
function projectOf({ workspace, object }: Joined): string | null {
  return workspace?.project ?? ('project' in object ? object.project : null);
}

/** Whoever was given some assets only has no history to clone. */
async function isReadable(place: IPlace, { namespace }: Joined, project: string): Promise<boolean> {
  return (await place.project(namespace, project)).rights.classes.code !== null;
}

/** A clone that is here already: the project one stands in, or the folder it would come to. */
async function cloneHere(account: IAccount, folder: string, shared: string): Promise<string | null> {
  const candidates = [() => account.project(), () => projectAt(account, folder)];
  for (const candidate of candidates) {
    const project = await candidate();
    const remotes = project ? await configuredRemotes(project.git) : [];
    if (project && remotes.some(remote => remote.shared === shared)) {
      return project.root;
    }
  }
  return null;
}

async function projectAt(account: IAccount, folder: string): Promise<IProject | null> {
  const isThere = (await account.files.lstat(`${folder}/.git`)) !== null;
  return isThere ? account.open(folder).catch(() => null) : null;
}

/** The branch that was shared may be gone by now: then the one its owners chose. */
async function cloneTo(
  account: IAccount,
  address: string,
  folder: string,
  { workspace }: Joined,
  activity: Activity
): Promise<CloneResult> {
  const args = { address, folder, lazy: true };
  try {
    return await clone(account, { ...args, ...(workspace && { branch: workspace.branch }) }, activity);
  } catch (error) {
    if (workspace && error instanceof BranchbookError && error.code === 'BRANCH_UNKNOWN') {
      return clone(account, args, activity);
    }
    throw error;
  }
}
