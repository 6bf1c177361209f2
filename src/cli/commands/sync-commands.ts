/** clone, join, pull, push, remote. */
import type { Command } from 'commander';
import { BranchbookError } from '../../core/error';
import { kindOfPlace } from '../../core/model/place-address';
import type { CloneArgs, PullArgs, PushArgs, RemoteArgs } from '../../core/model/sharing';
import { renderClone, renderJoin, renderPull, renderPush, renderRemote } from '../render/sync';
import type { Paths, Session } from '../session';
import { addVerb } from './verb';

type CloneOptions = { readonly branch?: string; readonly lazy?: boolean };
type PullOptions = {
  readonly remote?: string;
  readonly branch?: string;
  readonly assets?: string;
  readonly fetch?: boolean;
};
type PushOptions = { readonly remote?: string; readonly all?: boolean; readonly to?: string; readonly pull?: boolean };
type RemoteOptions = { readonly assets?: string; readonly offline?: boolean };

const remoteOption = ['--remote <name>', 'which remote; default: the branch’s, else the only one'] as const;

export function addSyncCommands(program: Command, session: Session): void {
  addVerb(program, 'clone', [
    'branchbook clone https://hub.example.org/ml-team/iris',
    'branchbook clone /srv/shared/ml-team/iris --lazy',
    'branchbook clone git@github.com:ada/iris.git'
  ])
    .argument('<address>', 'PLACE/NAMESPACE/PROJECT, or where git finds a project')
    .argument('[folder]', 'where to; default: a new folder of that name')
    .option('--branch <name>', 'the branch to start on; default: the one its owners chose')
    .option('--lazy', 'assets come when they are asked for')
    .action((address: string, folder: string | undefined, options: CloneOptions) =>
      session.run('clone', paths => cloneArgs(address, folder, options, paths), renderClone)
    );

  addVerb(program, 'join', [
    'branchbook join https://hub.example.org/join/CODE',
    'branchbook join LINK --look',
    'branchbook join LINK --only'
  ])
    .argument('<link>', 'the link that was sent')
    .argument('[folder]', 'where to clone the project; default: a new folder of its name')
    .option('--look', 'take nothing: only say what the link gives, and from whom')
    .option('--only', 'take what the link gives, and clone nothing')
    .action((link: string, folder: string | undefined, options: { readonly look?: boolean; readonly only?: boolean }) =>
      session.run(
        'join',
        paths => ({
          link,
          ...(options.look && { look: true }),
          ...(options.only && { only: true }),
          ...(folder !== undefined && { folder: paths.absolute(folder) })
        }),
        renderJoin
      )
    );

  addVerb(program, 'pull', ['branchbook pull', 'branchbook pull --fetch', 'branchbook pull --assets all'])
    .option(...remoteOption)
    .option('--branch <name>', 'the branch there; default: the one this branch goes with')
    .option('--assets <which>', 'needed (those on disk), all (every version), none')
    .option('--fetch', 'only look what is new, without merging')
    .action((options: PullOptions) => session.run('pull', () => pullArgs(options), renderPull));

  addVerb(program, 'push', [
    'branchbook push',
    'branchbook push --pull',
    'branchbook push --to https://hub.example.org/ml-team'
  ])
    .argument('[branches...]', 'branches or tags; default: the current branch')
    .option(...remoteOption)
    .option('--all', 'all branches and tags, and every version of their assets')
    .option('--to <address>', 'publish in PLACE/NAMESPACE or as PLACE/NAMESPACE/PROJECT, and keep it as a remote')
    .option('--pull', 'when the branch moved there: bring it, merge it, push again')
    .action((branches: readonly string[], options: PushOptions) =>
      session.run('push', () => pushArgs(branches, options), renderPush)
    );

  addRemote(program, session);
}

function addRemote(program: Command, session: Session): void {
  addVerb(program, 'remote', [
    'branchbook remote',
    'branchbook remote check',
    'branchbook remote add github git@github.com:ada/iris.git --assets https://hub.example.org/ml-team/iris'
  ])
    .argument('[action]', 'list, check, add, set or remove', 'list')
    .argument('[name]', 'name of the remote')
    .argument('[address]', 'PLACE/NAMESPACE/PROJECT, or where git finds it')
    .option('--assets <where>', 'place (its own store), lfs (the git host’s), or another project’s address')
    .option('--offline', 'check: ask nobody, and say how it was when the remote was asked last')
    .action((action: string, name: string | undefined, address: string | undefined, options: RemoteOptions) =>
      session.run('remote', paths => remoteArgs(action, name, address, options, paths), renderRemote)
    );
}

/** Folders may be written from where one stands. */
function absoluteAddress(address: string, paths: Paths): string {
  const isFolder = /^\.{0,2}\//.test(address) || address === '.' || address === '..';
  return isFolder && kindOfPlace(address) !== 'folder' ? paths.absolute(address) : address;
}

function cloneArgs(address: string, folder: string | undefined, options: CloneOptions, paths: Paths): CloneArgs {
  return {
    address: absoluteAddress(address, paths),
    ...(folder !== undefined && { folder: paths.absolute(folder) }),
    ...(options.branch !== undefined && { branch: options.branch }),
    ...(options.lazy && { lazy: true })
  };
}

function pullArgs({ remote, branch, assets, fetch }: PullOptions): PullArgs {
  const which = (['needed', 'all', 'none'] as const).find(each => each === assets);
  if (assets !== undefined && which === undefined) {
    throw usage('assets', `--assets ${assets}: it is none of needed, all and none.`);
  }
  return {
    ...(remote !== undefined && { remote }),
    ...(branch !== undefined && { branch }),
    ...(which !== undefined && { assets: which }),
    ...(fetch && { fetchOnly: true })
  };
}

function pushArgs(branches: readonly string[], { remote, all, to, pull }: PushOptions): PushArgs {
  if (all && branches.length > 0) {
    throw usage('branches', 'Either some branches or --all, not both.');
  }
  return {
    ...(remote !== undefined && { remote }),
    ...(branches.length > 0 && { branches }),
    ...(all && { all: true }),
    ...(to !== undefined && { to }),
    ...(pull && { pullFirst: true })
  };
}

function remoteArgs(
  action: string,
  name: string | undefined,
  address: string | undefined,
  { assets, offline }: RemoteOptions,
  paths: Paths
): RemoteArgs {
  const where = address === undefined ? undefined : absoluteAddress(address, paths);
  const how = assets === undefined ? {} : { assets };
  switch (action) {
    case 'list':
      return { action };
    case 'check':
      return { action, ...(name !== undefined && { name }), ...(offline && { offline }) };
    case 'remove':
      return { action, name: required('name', name) };
    case 'add':
      return { action, name: required('name', name), address: required('address', where), ...how };
    case 'set':
      return { action, name: required('name', name), ...(where !== undefined && { address: where }), ...how };
    default:
      throw usage('action', `${JSON.stringify(action)} is none of list, check, add, set and remove.`);
  }
}

function required(argument: string, value: string | undefined): string {
  if (value === undefined) {
    throw usage(argument, `The remote’s ${argument} is missing.`);
  }
  return value;
}

function usage(argument: string, message: string): BranchbookError {
  return new BranchbookError('USAGE', message, { argument, reason: message }, 'See `--help` for examples.');
}
