/** `share`. */
import { BranchbookError } from '../error';
import { formatObject, formatPrincipal } from '../model/access';
import { dayOf, grantSentence } from '../model/grant-words';
import type { NamespaceChange, NamespaceView } from '../model/namespace';
import type { ShareArgs, ShareResult } from '../model/sharing';
import { parseUntil } from '../model/until';
import type { Activity, IAccount } from '../port';
import type { AccountOperation } from './operation';
import { sharedNamespace } from './shared-namespace';
import type { SharedNamespace } from './shared-namespace';

type Action<A extends ShareArgs['action']> = Extract<ShareArgs, { readonly action: A }>;

export const shareOperation: AccountOperation<'share'> = {
  verb: 'share',
  summary: 'Share a namespace, project, asset or endpoint, and say who can see what',
  run
};

async function run(account: IAccount, args: ShareArgs, _activity: Activity): Promise<ShareResult> {
  const at = await sharedNamespace(account, args.namespace);
  const now = account.clock.now();
  switch (args.action) {
    case 'list':
      return result(at, await at.place.namespaces.view(at.name));
    case 'grant':
      return grant(at, args, now);
    case 'link':
      return link(at, args, now);
    case 'revoke':
      return revoke(at, args.id);
    case 'explain': {
      const who = await at.place.namespaces.whoCan(at.name, args.object, args.principal);
      return { ...result(at, null), who };
    }
    case 'request': {
      const { right, object, message } = args;
      const words = `Asked for “${right}” on ${formatObject(object)}: whoever manages it sees that.`;
      return change(at, { type: 'request', right, object, ...(message !== undefined && { message }) }, words);
    }
    case 'answer': {
      const { id, answer, right } = args;
      const words = answer === 'granted' ? 'Granted.' : 'Refused.';
      return change(at, { type: 'answer-request', id, answer, ...(right && { right }) }, words);
    }
  }
}

async function grant(at: SharedNamespace, args: Action<'grant'>, now: number): Promise<ShareResult> {
  const { principal, right, object } = args;
  const until = args.until === undefined ? null : parseUntil(args.until, now);
  const words = grantSentence({ principal, right, object, until, namespace: at.name });
  return change(at, { type: 'add-grant', principal, right, object, expires: until }, words);
}

async function link(at: SharedNamespace, args: Action<'link'>, now: number): Promise<ShareResult> {
  const { right, object, gives = 'grant', uses = 'single', workspace = null } = args;
  const lifetime = args.until === undefined ? undefined : parseUntil(args.until, now) - now;
  const { namespaces, address } = at.place;
  const made = await namespaces.createLink(at.name, { right, object, gives, uses, workspace, lifetime });
  const principal = { kind: 'link', name: made.link.id } as const;
  const sentence = grantSentence({ principal, right, object, until: null, namespace: at.name });
  const limits = `It can be opened ${uses === 'single' ? 'once, ' : ''}until ${dayOf(made.link.expires)}`;
  return {
    ...result(at, await namespaces.view(at.name)),
    link: `${address}/join/${made.code}`,
    done: `${sentence} ${limits}, and is shown only now.`
  };
}

/** Grants and links have ids of one kind: which of them it is, is looked up. */
async function revoke(at: SharedNamespace, id: string): Promise<ShareResult> {
  const { grants, links } = await at.place.namespaces.view(at.name);
  const given = grants.find(one => one.id === id);
  if (given) {
    const who = formatPrincipal(given.principal);
    return change(at, { type: 'remove-grant', id }, `${who} has that no more: ${formatObject(given.object)}.`);
  }
  if (links.some(one => one.id === id)) {
    const words =
      'Nobody can open the link any more, and what it gave is taken back. Who became a member by it still is.';
    return change(at, { type: 'revoke-link', id }, words);
  }
  throw new BranchbookError(
    'ENTRY_UNKNOWN',
    `There is no share ${id} that you may take back.`,
    { what: 'share', name: id },
    'See the ids with `branchbook share list`.'
  );
}

async function change(at: SharedNamespace, what: NamespaceChange, done: string): Promise<ShareResult> {
  return { ...result(at, await at.place.namespaces.change(at.name, what)), done };
}

function result({ place, name }: SharedNamespace, view: NamespaceView | null): ShareResult {
  const { grants, links, requests } = view ?? { grants: [], links: [], requests: [] };
  return { namespace: `${place.address}/${name}`, grants, links, requests };
}
