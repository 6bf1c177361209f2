/** `compute`. */
import { writeDurable } from '../durable';
import { BranchbookError } from '../error';
import type { ComputeArgs, ComputeResult } from '../model/sharing';
import { checkPath } from '../model/path';
import type { Activity, IAccount } from '../port';
import type { AccountOperation } from './operation';
import { exchangeContributors } from './kubeflow';
import { kernelOf, parseNotebook, runNotebook } from './run-notebook';
import { sharedNamespace } from './shared-namespace';

type Of<A extends ComputeArgs['action']> = Extract<ComputeArgs, { readonly action: A }>;

/** Seconds. */
const LINK_LIFETIME = 86_400;
const WARNING = 'Whoever may use your server can run code as you, and read and change all that you can.';

export const computeOperation: AccountOperation<'compute'> = {
  verb: 'compute',
  summary: 'Share compute, and run notebooks on shared endpoints',
  run
};

/** FORBIDDEN, ENTRY_UNKNOWN, COMPUTE_UNAVAILABLE, and what finding the namespace fails with. */
async function run(account: IAccount, args: ComputeArgs, activity: Activity): Promise<ComputeResult> {
  switch (args.action) {
    case 'list':
    case 'add':
    case 'remove':
      return changeEndpoints(account, args);
    case 'run':
      return runThere(account, args, activity);
    case 'server-shares':
      return account.places.serverSharing().list();
    case 'share-server':
    case 'share-server-link':
    case 'unshare-server':
      return shareServer(account, args);
    case 'kubeflow-import':
    case 'kubeflow-export':
      return exchangeContributors(account, args);
  }
}

async function changeEndpoints(account: IAccount, args: Of<'list'> | Of<'add'> | Of<'remove'>): Promise<ComputeResult> {
  const { place, name: namespace } = await sharedNamespace(account, args.namespace);
  if (args.action === 'list') {
    return { endpoints: (await place.namespaces.view(namespace)).endpoints };
  }
  if (args.action === 'remove') {
    const view = await place.namespaces.change(namespace, { type: 'remove-endpoint', name: args.name });
    return {
      endpoints: view.endpoints,
      done: `Nobody can run notebooks on ${args.name} through ${namespace} any more.`
    };
  }
  const { action: _action, namespace: _namespace, ...endpoint } = args;
  const view = await place.namespaces.change(namespace, { type: 'add-endpoint', ...endpoint });
  const done = `Members of ${namespace} who may run can run notebooks on ${args.name}. Its token is kept from them.`;
  return { endpoints: view.endpoints, done };
}

/** The notebook itself stays as it is: what came out is in a copy beside it. */
async function runThere(account: IAccount, args: Of<'run'>, activity: Activity): Promise<ComputeResult> {
  const { root, path, output } = await pathsOf(account, args);
  const bytes = await account.files.readFile(`${root}/${path}`);
  if (bytes === null) {
    throw new BranchbookError('PATH_UNKNOWN', `There is no notebook ${path}.`, { path });
  }
  const notebook = parseNotebook(path, bytes);
  const { place, name: namespace } = await sharedNamespace(account, args.namespace);
  const started = account.clock.now();
  const kernel = await place.startKernel(namespace, args.name, kernelOf(notebook));
  try {
    const ran = await runNotebook(notebook, kernel, activity);
    const text = `${JSON.stringify(ran.notebook, null, 1)}\n`;
    await writeDurable(account.files, `${root}/${output}`, new TextEncoder().encode(text));
    const milliseconds = account.clock.now() - started;
    return { ran: { notebook: path, output, cells: ran.cells, failed: ran.failed, milliseconds } };
  } finally {
    // A kernel that cannot be ended any more is gone, or is ended by the endpoint's own culling.
    await kernel.close().catch(() => undefined);
  }
}

/** NOT_A_PROJECT, PATH_UNSAFE. */
async function pathsOf(account: IAccount, { notebook: path, output, name }: Of<'run'>) {
  const project = await account.project();
  if (project === null) {
    throw new BranchbookError('NOT_A_PROJECT', `${account.cwd} is not in a Branchbook project.`, { path: account.cwd });
  }
  const copy = output ?? `${path.replace(/\.ipynb$/, '')}-on-${name}.ipynb`;
  checkPath(path);
  checkPath(copy);
  return { root: project.root, path, output: copy };
}

async function shareServer(
  { places }: IAccount,
  args: Of<'share-server'> | Of<'share-server-link'> | Of<'unshare-server'>
): Promise<ComputeResult> {
  const sharing = places.serverSharing();
  if (args.action === 'share-server-link') {
    return { link: await sharing.link(args.expiresIn ?? LINK_LIFETIME), done: WARNING };
  }
  if (args.action === 'unshare-server' && args.codes) {
    await sharing.revokeCodes();
    return { ...(await sharing.list()), done: 'The links to your server give access no more.' };
  }
  const receiver = receiverOf(args);
  const name = 'user' in receiver ? receiver.user : `the group ${receiver.group}`;
  if (args.action === 'share-server') {
    await sharing.share(receiver);
    return { ...(await sharing.list()), done: `Your server is shared with ${name}. ${WARNING}` };
  }
  await sharing.unshare(receiver);
  return { ...(await sharing.list()), done: `Your server is not shared with ${name} any more.` };
}

function receiverOf({ user, group }: Of<'share-server'> | Of<'unshare-server'>): { user: string } | { group: string } {
  if (user !== undefined && group === undefined) {
    return { user };
  }
  if (group !== undefined && user === undefined) {
    return { group };
  }
  throw new BranchbookError('USAGE', 'Name one person or one group.', { argument: 'user', reason: 'one is needed' });
}
