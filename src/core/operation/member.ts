/** `member`. */
import { formatPrincipal } from '../model/access';
import type { NamespaceChange } from '../model/namespace';
import type { MemberArgs, MemberResult } from '../model/sharing';
import type { Activity, IAccount } from '../port';
import type { AccountOperation } from './operation';
import { sharedNamespace } from './shared-namespace';

export const memberOperation: AccountOperation<'member'> = {
  verb: 'member',
  summary: 'List, add and remove members of a namespace, and set their roles',
  run
};

async function run(account: IAccount, args: MemberArgs, _activity: Activity): Promise<MemberResult> {
  const { place, name } = await sharedNamespace(account, args.namespace);
  if (args.action === 'list') {
    const { members } = await place.namespaces.view(name);
    return { namespace: `${place.address}/${name}`, members };
  }
  const { members } = await place.namespaces.change(name, toChange(args));
  return { namespace: `${place.address}/${name}`, members, done: doneWords(args, name) };
}

type Change = Exclude<MemberArgs, { readonly action: 'list' }>;

function toChange(args: Change): NamespaceChange {
  const { member } = args;
  switch (args.action) {
    case 'add':
      return {
        type: 'add-member',
        member,
        role: args.role,
        ...(args.cleared !== undefined && { cleared: args.cleared })
      };
    case 'role':
      return {
        type: 'set-member',
        member,
        role: args.role,
        ...(args.cleared !== undefined && { cleared: args.cleared })
      };
    case 'remove':
      return { type: 'remove-member', member };
  }
}

function doneWords(args: Change, namespace: string): string {
  const who = formatPrincipal(args.member);
  return args.action === 'remove'
    ? `${who} is no member of ${namespace} any more, and what was shared with them by name there is taken back.`
    : `${who} is ${args.role} of ${namespace} now.`;
}
