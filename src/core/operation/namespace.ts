/** `namespace`. */
import { BranchbookError } from '../error';
import type { Policy } from '../model/access';
import type { NamespaceChange } from '../model/namespace';
import { parseNamespaceAddress } from '../model/place-address';
import type { NamespaceArgs, NamespaceListing, NamespaceResult } from '../model/sharing';
import type { Activity, IAccount } from '../port';
import type { AccountOperation } from './operation';
import { sharedNamespace } from './shared-namespace';

type Action<A extends NamespaceArgs['action']> = Extract<NamespaceArgs, { readonly action: A }>;

export const namespaceOperation: AccountOperation<'namespace'> = {
  verb: 'namespace',
  summary: 'List, make, show, set and delete namespaces',
  run
};

async function run(account: IAccount, args: NamespaceArgs, _activity: Activity): Promise<NamespaceResult> {
  switch (args.action) {
    case 'list':
      return { places: await list(account, args.place) };
    case 'create':
      return create(account, args);
    case 'show': {
      const { place, name } = await sharedNamespace(account, args.namespace);
      return { view: { ...(await place.namespaces.view(name)), place: place.address } };
    }
    case 'delete': {
      const { place, name } = await sharedNamespace(account, args.namespace);
      await place.namespaces.delete(name, { projects: args.projects === true });
      return { done: `${name} was deleted.` };
    }
    case 'set':
      return set(account, args);
    case 'set-project':
      return change(account, args.namespace, toSetProject(args), () => `${args.project} is set.`);
    case 'delete-project':
      return change(
        account,
        args.namespace,
        { type: 'remove-project', name: args.project },
        name => `${args.project} was deleted from ${name}. Clones of it stay as they are.`
      );
    case 'audit': {
      const { action: _action, namespace, ...query } = args;
      const { place, name } = await sharedNamespace(account, namespace);
      return { events: await place.namespaces.audit(name, query) };
    }
    case 'activity': {
      const { place, name, project } = await sharedNamespace(account, args.namespace);
      const about = args.project ?? project ?? undefined;
      return { events: await place.namespaces.activity(name, { project: about, limit: args.limit }) };
    }
  }
}

/** A place that does not answer does not keep the others from being listed; one that was named does. */
async function list(account: IAccount, place?: string): Promise<readonly NamespaceListing[]> {
  if (place !== undefined) {
    return [await listing(account, place)];
  }
  const known = await account.places.known();
  return Promise.all(
    known.map(({ address, kind }) =>
      listing(account, address).catch((error: unknown) => {
        const { message } = BranchbookError.from(error);
        return { place: address, kind, identity: null, namespaces: [], error: message };
      })
    )
  );
}

async function listing(account: IAccount, address: string): Promise<NamespaceListing> {
  const place = await account.places.connect(address);
  const [identity, namespaces] = await Promise.all([place.namespaces.whoAmI(), place.namespaces.list()]);
  return { place: place.address, kind: place.kind, identity, namespaces };
}

async function create(account: IAccount, args: Action<'create'>): Promise<NamespaceResult> {
  const address = parseNamespaceAddress(args.namespace);
  const place = await account.places.connect(address.place);
  const { namespace: name } = address;
  const { kind = 'team', title = name, label = 'unclassified', git = null } = args;
  const view = await place.namespaces.create({ name, kind, title, label, git });
  const next = `Publish a project there with \`branchbook push --to ${place.address}/${name}\`.`;
  return { view: { ...view, place: place.address }, done: `${name} was made, and you own it. ${next}` };
}

async function change(
  account: IAccount,
  namespace: string | undefined,
  what: NamespaceChange,
  done: (name: string) => string
): Promise<NamespaceResult> {
  const { place, name } = await sharedNamespace(account, namespace);
  const view = await place.namespaces.change(name, what);
  return { view: { ...view, place: place.address }, done: done(name) };
}

/** Cells and quotas that are not named stay as they are. */
async function set(
  account: IAccount,
  { namespace, title, label, policy, quota }: Action<'set'>
): Promise<NamespaceResult> {
  const { place, name } = await sharedNamespace(account, namespace);
  const { namespace: record } = await place.namespaces.view(name);
  const view = await place.namespaces.change(name, {
    type: 'set',
    ...(title !== undefined && { title }),
    ...(label !== undefined && { label }),
    ...(policy && { policy: withCells(record.policy, policy) }),
    ...(quota && { quota: { ...record.quota, ...quota } })
  });
  return { view: { ...view, place: place.address }, done: `${name} is set.` };
}

function withCells(policy: Policy, cells: NonNullable<Action<'set'>['policy']>): Policy {
  return {
    private: { ...policy.private, ...cells.private },
    team: { ...policy.team, ...cells.team },
    everyone: { ...policy.everyone, ...cells.everyone }
  };
}

function toSetProject({ project, description, label, branchRules }: Action<'set-project'>): NamespaceChange {
  return {
    type: 'set-project',
    name: project,
    ...(description !== undefined && { description }),
    ...(label !== undefined && { label }),
    ...(branchRules && { branchRules })
  };
}
