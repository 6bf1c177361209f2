/** Members: added, changed, removed. */
import { BranchbookError } from '../error';
import { covers, formatPrincipal, rightOf, samePrincipal, whyNoPrincipal } from '../model/access';
import type { Role } from '../model/access';
import type { Member, NamespaceChange } from '../model/namespace';
import type { Edit, NamespaceState } from '../port';
import { demand, demandOwner, entryExists, entryUnknown, usage } from './context';
import type { Context, Plan } from './context';

type Change<T extends NamespaceChange['type']> = Extract<NamespaceChange, { readonly type: T }>;

export function addMember(context: Context, change: Change<'add-member'>): Plan {
  demand(context, 'manage', { kind: 'namespace' });
  const { state, identity, now } = context;
  const name = formatPrincipal(change.member);
  if (findMember(state, change.member)) {
    throw entryExists('member', name, `Change the role with \`branchbook member role ${name} ${change.role}\`.`);
  }
  const cleared = change.cleared === true;
  refuseToNonOwners(context, change.role === 'owner', cleared);
  const entry = { principal: checked(change.member), role: change.role, cleared, added: now, by: identity.user };
  const detail = `${name} became ${change.role} of ${state.record.name}${cleared ? ', cleared for what is protected' : ''}`;
  return plan('member.add', name, detail, { type: 'put', kind: 'member', entry });
}

export function setMember(context: Context, change: Change<'set-member'>): Plan {
  demand(context, 'manage', { kind: 'namespace' });
  const { state } = context;
  const member = requireMember(state, change.member);
  const entry = { ...member, role: change.role ?? member.role, cleared: change.cleared ?? member.cleared };
  refuseToNonOwners(
    context,
    entry.role !== member.role && [entry.role, member.role].includes('owner'),
    entry.cleared !== member.cleared
  );
  if (entry.role !== 'owner') {
    refuseLastOwner(state, member);
  }
  const name = formatPrincipal(entry.principal);
  const clearance = entry.cleared === member.cleared ? '' : entry.cleared ? '; cleared' : '; not cleared any more';
  const detail = `${name}: ${member.role} → ${entry.role}${clearance}`;
  return plan('member.set', name, detail, { type: 'put', kind: 'member', entry });
}

/** What was given to them by name goes as well: whoever is removed is out. Everybody may leave. */
export function removeMember(context: Context, change: Change<'remove-member'>): Plan {
  const { state, identity } = context;
  const leaves = change.member.kind === 'user' && change.member.name === identity.user;
  if (!leaves) {
    demand(context, 'manage', { kind: 'namespace' });
  }
  const member = requireMember(state, change.member);
  refuseToNonOwners(context, member.role === 'owner' && !leaves, false);
  refuseLastOwner(state, member);
  const name = formatPrincipal(member.principal);
  const grants = state.grants.filter(({ principal }) => samePrincipal(principal, member.principal));
  const also = grants.length > 0 ? `; taken back with it: grants ${grants.map(({ id }) => id).join(', ')}` : '';
  return plan(
    'member.remove',
    name,
    `${name}, ${member.role}, ${leaves ? 'left' : 'was removed'}${also}`,
    { type: 'delete', kind: 'member', key: name },
    ...grants.map(({ id }): Edit => ({ type: 'delete', kind: 'grant', key: id }))
  );
}

/** The member that somebody becomes by a link: never less than they are. */
export function joinedMember(
  state: NamespaceState,
  user: string,
  link: { readonly id: string; readonly role: Role },
  now: number
): Member | null {
  const { role } = link;
  const known = findMember(state, { kind: 'user', name: user });
  if (known && covers(rightOf(known.role), rightOf(role))) {
    return null;
  }
  const principal = { kind: 'user', name: user } as const;
  return known ? { ...known, role } : { principal, role, cleared: false, added: now, by: `link:${link.id}` };
}

function plan(action: string, target: string, detail: string, ...edits: readonly Edit[]): Plan {
  return { action, target, detail, project: null, edits };
}

export function findMember(state: NamespaceState, principal: Member['principal']): Member | undefined {
  return state.members.find(member => samePrincipal(member.principal, principal));
}

function requireMember(state: NamespaceState, principal: Member['principal']): Member {
  const member = findMember(state, principal);
  if (!member) {
    throw entryUnknown('member', formatPrincipal(principal));
  }
  return member;
}

function checked(principal: Member['principal']): Member['principal'] {
  const reason =
    (principal.kind as string) === 'user' || principal.kind === 'group'
      ? whyNoPrincipal(principal)
      : 'members are people and groups';
  if (reason !== null) {
    throw usage(
      'member',
      `${formatPrincipal(principal)} cannot be a member: ${reason}.`,
      'Write user:NAME or group:NAME.'
    );
  }
  return { kind: principal.kind, name: principal.name };
}

function refuseToNonOwners(context: Context, owners: boolean, clearance: boolean): void {
  if (owners) {
    demandOwner(context, 'say who is an owner');
  }
  if (clearance) {
    demandOwner(context, 'say who is cleared');
  }
}

function refuseLastOwner(state: NamespaceState, member: Member): void {
  const others = state.members.filter(
    ({ principal, role }) =>
      role === 'owner' && principal.kind === 'user' && !samePrincipal(principal, member.principal)
  );
  if (member.role === 'owner' && others.length === 0) {
    const namespace = state.record.name;
    throw new BranchbookError(
      'LAST_OWNER',
      `${formatPrincipal(member.principal)} is the last person who owns ${namespace}.`,
      { namespace },
      'Make somebody else an owner first: `branchbook member role NAME owner`.'
    );
  }
}
