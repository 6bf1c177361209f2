/** What is new at a remote, brought here: objects first, then the refs that follow its branches. */
import { hasCode } from '../error';
import type { ObjectId, Ref, RefChange } from '../model/git';
import type { Activity, IGit, RemoteRefs } from '../port';
import { rememberRight } from './configured';
import type { OpenedRemote } from './open-remote';

/** Somebody else may be fetching at the same time. */
const ATTEMPTS = 5;

export const trackingRef = (remote: string, branch: string): string => `refs/remotes/${remote}/${branch}`;

/**
 * Bring the remote's branches, or only some of them, and its tags, and remember what the user may do there.
 * `refs/remotes/<name>/…` stand where the branches stand there; tags that are here stay as they are. What `ITransport` throws.
 */
export async function fetchHistory(
  git: IGit,
  { remote, history, shared }: OpenedRemote,
  activity: Activity,
  only?: ReadonlySet<string>
): Promise<RemoteRefs> {
  const listed = await git.transport.list(history, activity);
  // Not before: what the place told may be from when it was still there.
  if (shared) {
    await rememberRight(git, remote, shared.rights.right);
  }
  const wanted = new Map([...listed.refs].filter(([name]) => !only || only.has(name)));
  // What our refs hold is complete; an object that merely lies here may be left of a fetch that was killed.
  const held = new Set((await git.refs('refs/')).map(({ object }) => object));
  const missing = new Set([...wanted.values()].filter(oid => !held.has(oid)));
  await git.transport.fetch(history, [...missing], activity);
  for (let attempt = 1; ; attempt += 1) {
    const changes = await trackingChanges(git, remote.name, wanted, only === undefined ? listed : null);
    try {
      await git.updateRefs(changes, `fetch ${remote.name}`);
      return listed;
    } catch (error) {
      if (attempt === ATTEMPTS || !hasCode(error, 'REF_CONFLICT', 'LOCKED')) {
        throw error;
      }
    }
  }
}

/**
 * Branches that are gone there stay here, as with git, unless `fetch.prune` says otherwise or their names are in the way
 * of new ones. `all` = everything the remote has; null when only a part was asked for.
 */
async function trackingChanges(
  git: IGit,
  remote: string,
  wanted: ReadonlyMap<string, ObjectId>,
  all: RemoteRefs | null
): Promise<readonly RefChange[]> {
  const here = new Map((await git.refs('refs/')).map(ref => [ref.name, ref]));
  const changes = [...wanted].flatMap(([name, to]): readonly RefChange[] => {
    const branch = /^refs\/heads\/(.+)$/.exec(name)?.[1];
    const ref = branch === undefined ? name : trackingRef(remote, branch);
    const from = here.get(ref)?.object ?? null;
    const stays = from === to || (branch === undefined && from !== null);
    return stays ? [] : [{ name: ref, from, to }];
  });
  const gone = all ? await goneRefs(git, remote, all, here, changes) : [];
  return [...gone, ...changes];
}

async function goneRefs(
  git: IGit,
  remote: string,
  { refs }: RemoteRefs,
  here: ReadonlyMap<string, Ref>,
  changes: readonly RefChange[]
): Promise<readonly RefChange[]> {
  const prefix = trackingRef(remote, '');
  const prunes = /^(true|yes|on|1)$/i.test(
    (await git.config(`remote.${remote}.prune`)) ?? (await git.config('fetch.prune')) ?? 'false'
  );
  const isInTheWay = (name: string): boolean =>
    changes.some(({ name: made }) => made.startsWith(`${name}/`) || name.startsWith(`${made}/`));
  return [...here.values()]
    .filter(({ name }) => name.startsWith(prefix) && name !== `${prefix}HEAD`)
    .filter(({ name }) => !refs.has(`refs/heads/${name.slice(prefix.length)}`) && (prunes || isInTheWay(name)))
    .map(({ name, object }) => ({ name, from: object, to: null }));
}
