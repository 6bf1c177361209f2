/** Which namespace a verb of sharing is about: named, or that of the project's remote. */
import { BranchbookError } from '../error';
import { checkNamespaceName, parseNamespaceAddress, parseProjectAddress } from '../model/place-address';
import type { IAccount, IGit, IPlace } from '../port';

export type SharedNamespace = {
  readonly place: IPlace;
  readonly name: string;
  /** The project that the user stands in, when it is shared there. */
  readonly project: string | null;
};

type Address = { readonly place: string; readonly namespace: string; readonly project: string | null };

/**
 * `given`: `<place>/<namespace>`, or its name alone in the place of the project's remote. ADDRESS_INVALID, USAGE,
 * REMOTE_UNKNOWN, and what connecting fails with.
 */
export async function sharedNamespace(account: IAccount, given?: string): Promise<SharedNamespace> {
  const address = await resolve(account, given);
  return { place: await account.places.connect(address.place), name: address.namespace, project: address.project };
}

async function resolve(account: IAccount, given?: string): Promise<Address> {
  const named = given === undefined || isBareName(given) ? null : parseNamespaceAddress(given);
  if (named) {
    return { ...named, project: null };
  }
  const own = await remoteAddress(account);
  if (own === null) {
    throw given === undefined ? noRemote() : onlyName(given);
  }
  return given === undefined || given === own.namespace ? own : { place: own.place, namespace: given, project: null };
}

const isBareName = (text: string): boolean => checkNamespaceName(text) === null;

/** Where the project of the current folder is shared; null when it is nowhere, or there is none. */
async function remoteAddress(account: IAccount): Promise<Address | null> {
  const project = await account.project();
  for (const remote of project ? await remotesInOrder(project.git) : []) {
    const address = await project!.git.config(`remote.${remote}.branchbook`);
    if (address) {
      return parseProjectAddress(address);
    }
  }
  return null;
}

/** The current branch's own first, then `origin`, then the others as git has them. */
async function remotesInOrder(git: IGit): Promise<readonly string[]> {
  const head = await git.head();
  const upstream = head.kind === 'branch' ? await git.config(`branch.${head.branch}.remote`) : null;
  const names = (await git.remotes()).map(({ name }) => name);
  return [...new Set([upstream, 'origin', ...names])].filter(name => name !== null);
}

function noRemote(): BranchbookError {
  return new BranchbookError(
    'REMOTE_UNKNOWN',
    'Which namespace? This is no project that is shared in one.',
    { name: '' },
    'Name it with --namespace PLACE/NAMESPACE, or share the project first: `branchbook push --to PLACE/NAMESPACE`.'
  );
}

function onlyName(namespace: string): BranchbookError {
  const reason = 'its place is missing, and this is no project that is shared in one';
  return new BranchbookError(
    'ADDRESS_INVALID',
    `${JSON.stringify(namespace)} does not say where: ${reason}.`,
    { address: namespace, reason },
    'Write PLACE/NAMESPACE, for example https://hub.example.org/ml-team or /srv/shared/ml-team.'
  );
}
