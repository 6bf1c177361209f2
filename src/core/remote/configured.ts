/**
 * Remotes as they stand in git's configuration: `remote.<name>.url` for git, `remote.<name>.branchbook` for the shared
 * project it is (`<place>/<namespace>/<project>`), `remote.<name>.assets` for where assets go, `remote.<name>.right` for
 * what the user may do there.
 */
import { BranchbookError } from '../error';
import { rights } from '../model/access';
import type { Right } from '../model/access';
import { kindOfPlace, parseProjectAddress, withoutSecrets } from '../model/place-address';
import type { RemoteInfo } from '../model/sharing';
import type { IGit } from '../port';

export type Remote = {
  readonly name: string;
  /** Where git finds it. */
  readonly url: string;
  /** The shared project it is; null for any other git repository. */
  readonly shared: string | null;
  /** `place`: the shared project's own store; `lfs`: the git host's; else the address of another shared project. */
  readonly assets: string;
};

/** The branch of a remote that a branch goes with. */
export type Upstream = { readonly remote: string; readonly branch: string };

export async function configuredRemotes(git: IGit): Promise<readonly Remote[]> {
  const urls = new Map((await git.remotes()).map(({ name, url }) => [name, url]));
  return Promise.all([...urls].map(([name, url]) => readRemote(git, name, url)));
}

async function readRemote(git: IGit, name: string, url: string): Promise<Remote> {
  const shared = (await git.config(`remote.${name}.branchbook`)) || null;
  const assets = (await git.config(`remote.${name}.assets`)) || (shared === null ? 'lfs' : 'place');
  return { name, url, shared, assets };
}

export async function upstreamOf(git: IGit, branch: string): Promise<Upstream | null> {
  const remote = await git.config(`branch.${branch}.remote`);
  const merge = /^refs\/heads\/(.+)$/.exec((await git.config(`branch.${branch}.merge`)) ?? '')?.[1];
  // A dot means this repository itself.
  return remote && remote !== '.' && merge ? { remote, branch: merge } : null;
}

/** The remote of that name; without one that of the current branch, the only one, or `origin`. REMOTE_UNKNOWN. */
export async function chooseRemote(git: IGit, name?: string): Promise<Remote> {
  const remotes = await configuredRemotes(git);
  const head = await git.head();
  const upstream = head.kind === 'branch' ? await upstreamOf(git, head.branch) : null;
  const wanted = name ?? upstream?.remote ?? (remotes.length === 1 ? remotes[0]!.name : 'origin');
  const found = remotes.find(remote => remote.name === wanted);
  if (!found) {
    throw unknownRemote(wanted, remotes);
  }
  return found;
}

function unknownRemote(name: string, remotes: readonly Remote[]): BranchbookError {
  return new BranchbookError(
    'REMOTE_UNKNOWN',
    remotes.length === 0 ? 'This project is not shared anywhere yet.' : `There is no remote ${JSON.stringify(name)}.`,
    { name, remotes: remotes.map(remote => remote.name) },
    remotes.length === 0
      ? 'Publish it with `branchbook push --to PLACE/NAMESPACE`, or name one with `branchbook remote add NAME ADDRESS`.'
      : '`branchbook remote` lists them.'
  );
}

/** What the user may do at a remote, as its place told last; null = it was never asked, or tells nobody. */
export async function lastRight(git: IGit, { name }: Remote): Promise<Right | null> {
  const told = await git.config(`remote.${name}.right`);
  return rights.find(right => right === told) ?? null;
}

/** So that it is known also when the place does not answer. */
export async function rememberRight(git: IGit, remote: Remote, right: Right): Promise<void> {
  if ((await lastRight(git, remote)) !== right) {
    await git.setConfig(`remote.${remote.name}.right`, right);
  }
}

/** What people see of it. */
export async function remoteInfo(git: IGit, remote: Remote): Promise<RemoteInfo> {
  const head = await git.head();
  const upstream = head.kind === 'branch' ? await upstreamOf(git, head.branch) : null;
  return {
    name: remote.name,
    address: remote.shared ?? withoutSecrets(remote.url),
    kind: (remote.shared && kindOfPlace(remote.shared)) || 'git',
    assets: remote.assets,
    isUpstream: upstream?.remote === remote.name
  };
}

/** Write a remote as git would, and what is ours beside it. */
export async function configureRemote(git: IGit, { name, url, shared, assets }: Remote): Promise<void> {
  await git.setConfig(`remote.${name}.url`, url);
  await git.setConfig(`remote.${name}.fetch`, `+refs/heads/*:refs/remotes/${name}/*`);
  if (shared !== null) {
    await git.setConfig(`remote.${name}.branchbook`, shared);
  }
  await git.setConfig(`remote.${name}.assets`, assets);
}

export async function setUpstream(git: IGit, branch: string, upstream: Upstream): Promise<void> {
  await git.setConfig(`branch.${branch}.remote`, upstream.remote);
  await git.setConfig(`branch.${branch}.merge`, `refs/heads/${upstream.branch}`);
}

/** USAGE unless it is `place`, `lfs` or the address of a shared project. */
export function requireAssetsSetting(assets: string, shared: string | null): void {
  if (assets === 'lfs' || (assets === 'place' && shared !== null)) {
    return;
  }
  if (assets === 'place') {
    throw new BranchbookError(
      'USAGE',
      'That remote is no project of a place, so it has no store for assets.',
      { argument: 'assets', reason: 'a plain git repository' },
      'Choose `lfs`, the git host’s own storage, or the address of a shared project: PLACE/NAMESPACE/PROJECT.'
    );
  }
  parseProjectAddress(assets);
}
