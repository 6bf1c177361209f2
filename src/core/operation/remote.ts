/** `remote`: where a project is shared, and how its branch stands there. */
import { BranchbookError } from '../error';
import { checkRefName } from '../model/ref-name';
import type { RemoteArgs, RemoteResult } from '../model/sharing';
import type { Activity, IProject } from '../port';
import { checkRemote } from '../remote/check-remote';
import {
  chooseRemote,
  configuredRemotes,
  configureRemote,
  remoteInfo,
  requireAssetsSetting,
  upstreamOf
} from '../remote/configured';
import { describeRemote } from '../remote/describe-remote';
import { trackingRef } from '../remote/fetch-history';
import type { Operation } from './operation';
import { exclusively } from './run';

export const remoteOperation: Operation<'remote'> = {
  verb: 'remote',
  summary: 'Where the project is shared, and how the branch stands there',
  mutates: args => args.action !== 'list',
  locksItself: true,
  run
};

/** REMOTE_UNKNOWN, REMOTE_EXISTS, USAGE, ADDRESS_INVALID; `check` also what asking a remote throws. */
async function run(project: IProject, args: RemoteArgs, activity: Activity): Promise<RemoteResult> {
  if (args.action === 'check') {
    const check = await checkRemote(project, args, activity);
    return { ...(await list(project)), check };
  }
  if (args.action !== 'list') {
    await exclusively(project, 'remote', activity, () => change(project, args));
  }
  return list(project);
}

type Change = Extract<RemoteArgs, { readonly action: 'add' | 'set' | 'remove' }>;

async function change(project: IProject, args: Change): Promise<void> {
  switch (args.action) {
    case 'add':
      return add(project, args.name, args.address, args.assets);
    case 'set':
      return set(project, args.name, args.address, args.assets);
    case 'remove':
      return remove(project, args.name);
  }
}

async function list({ git }: IProject): Promise<RemoteResult> {
  const remotes = await configuredRemotes(git);
  return { remotes: await Promise.all(remotes.map(remote => remoteInfo(git, remote))) };
}

async function add(project: IProject, name: string, address: string, assets?: string): Promise<void> {
  const reason = checkRefName(name);
  if (reason !== null) {
    throw new BranchbookError(
      'USAGE',
      `A remote cannot be called ${JSON.stringify(name)}: ${reason}.`,
      { argument: 'name', reason },
      'Use letters, digits, “-” and “_”, for example origin.'
    );
  }
  if ((await configuredRemotes(project.git)).some(remote => remote.name === name)) {
    throw new BranchbookError(
      'REMOTE_EXISTS',
      `There is a remote ${JSON.stringify(name)} already.`,
      { name },
      'Choose another name, or give it another address with `branchbook remote set`.'
    );
  }
  await configureRemote(project.git, await describeRemote(project.places, name, address, assets));
}

async function set(project: IProject, name: string, address?: string, assets?: string): Promise<void> {
  const before = await chooseRemote(project.git, name);
  const after =
    address === undefined
      ? { ...before, assets: assets ?? before.assets }
      : await describeRemote(project.places, name, address, assets);
  requireAssetsSetting(after.assets, after.shared);
  if (address !== undefined) {
    // What the old address had besides (`branchbook`) does not hold for the new one.
    await project.git.removeConfig(`remote.${name}`);
  }
  await configureRemote(project.git, after);
}

/** Branches keep their snapshots; what is known of the remote's is forgotten, as with git. */
async function remove({ git }: IProject, name: string): Promise<void> {
  await chooseRemote(git, name);
  const refs = await git.refs(trackingRef(name, ''));
  await git.updateRefs(
    refs.map(ref => ({ name: ref.name, from: ref.object, to: null })),
    `remote: remove ${name}`
  );
  for (const ref of await git.refs('refs/heads/')) {
    const branch = ref.name.slice('refs/heads/'.length);
    if ((await upstreamOf(git, branch))?.remote === name) {
      await git.removeConfig(`branch.${branch}`);
    }
  }
  await git.removeConfig(`remote.${name}`);
}
