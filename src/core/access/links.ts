/** Links: random codes of 256 bits, of which only the SHA-256 is kept. */
import { BranchbookError } from '../error';
import { formatObject, projectOf, roleOf } from '../model/access';
import type { Right } from '../model/access';
import { dayOf, linkWords, objectWords } from '../model/grant-words';
import type { Joined, Link, LinkRequest, NamespaceChange } from '../model/namespace';
import type { Edit, LinkEntry, NamespaceState } from '../port';
import { checkObject } from './change-grants';
import { joinedMember } from './change-members';
import { demand, entryUnknown, usage } from './context';
import type { Context, Plan } from './context';
import { decide } from './decide';
import { refuseUncleared } from './label-rules';

const DAY = 86_400_000;
export const DEFAULT_LIFETIME = 7 * DAY;
export const MAX_LIFETIME = 90 * DAY;
/** A JupyterLab workspace with hundreds of documents has some 100 kB. */
const MAX_WORKSPACE = 256 * 1024;

/** What others see of a link. */
export const publicLink = ({ codeHash: _hash, openedBy: _opened, ...link }: LinkEntry): Link => link;

export function addLink(context: Context, request: LinkRequest, code: string): Plan & { readonly link: LinkEntry } {
  const { state, identity, now, ports } = context;
  const object = checkObject(state, request.object);
  demand(context, 'manage', object);
  checkRequest(request);
  const id = ports.random.hex(8);
  refuseUncleared(state, { kind: 'link', name: id }, object, null);
  const expires = now + (request.lifetime ?? DEFAULT_LIFETIME);
  const { right, gives, uses, workspace } = request;
  const link: LinkEntry = {
    ...{ id, right, object, gives, expires, uses, used: 0, revoked: false, created: now, by: identity.user, workspace },
    ...{ codeHash: ports.sha256(code), openedBy: [] }
  };
  const who = uses === 'single' ? 'the first who opens it' : 'whoever opens it';
  const what =
    gives === 'membership'
      ? `makes them ${roleOf(right)}`
      : `gives “${right}” on ${objectWords(object, state.record.name)}`;
  return {
    link,
    action: 'link.add',
    project: projectOf(object),
    target: `link:${id}`,
    detail: `a link for ${who} until ${dayOf(expires)} ${what}`,
    edits: [{ type: 'put', kind: 'link', entry: link }]
  };
}

function checkRequest({ gives, object, right, lifetime, workspace }: LinkRequest): void {
  if (lifetime !== undefined && !(lifetime > 0 && lifetime <= MAX_LIFETIME)) {
    throw usage('until', 'A link can be opened for at most 90 days.', 'Leave it out for 7 days.');
  }
  if (gives === 'membership') {
    if (object.kind !== 'namespace') {
      throw usage('gives', 'Membership is of a namespace.', 'Share the namespace, or leave --member out.');
    }
    if (right === 'manage') {
      throw usage(
        'right',
        'Nobody becomes an owner by a link.',
        'Make them a member, then `branchbook member role NAME owner`.'
      );
    }
  }
  if (workspace && workspace.project !== projectOf(object) && object.kind !== 'namespace') {
    throw usage('workspace', `The workspace is of ${workspace.project}, which is not what the link is for.`, '');
  }
  if (workspace && JSON.stringify(workspace).length > MAX_WORKSPACE) {
    throw usage('workspace', 'The workspace is larger than 256 KiB.', 'Close documents that need not be shared.');
  }
}

/** Nobody can open it any more, and what it gave by grants is taken back. */
export function revokeLink(context: Context, { id }: Extract<NamespaceChange, { readonly type: 'revoke-link' }>): Plan {
  const { state } = context;
  const link = state.links.find(one => one.id === id);
  if (!link) {
    throw entryUnknown('link', id);
  }
  demand(context, 'manage', link.object);
  const grants = state.grants.filter(({ by }) => by === `link:${id}`);
  const members = state.members.filter(({ by }) => by === `link:${id}`);
  const also = [
    grants.length > 0 && `taken back: ${grants.map(grant => formatName(grant.principal)).join(', ')}`,
    members.length > 0 && `still members: ${members.map(member => formatName(member.principal)).join(', ')}`
  ].filter(Boolean);
  return {
    action: 'link.revoke',
    project: projectOf(link.object),
    target: `link:${id}`,
    detail: [`${linkWords(link, state.record.name)} was revoked`, ...also].join('; '),
    edits: [
      { type: 'put', kind: 'link', entry: { ...link, revoked: true } },
      ...grants.map((grant): Edit => ({ type: 'delete', kind: 'grant', key: grant.id }))
    ]
  };
}

const formatName = (principal: { readonly kind: string; readonly name?: string }): string =>
  `${principal.kind}:${principal.name}`;

/** Why a code opens nothing is not told. */
export function linkInvalid(): BranchbookError {
  return new BranchbookError(
    'LINK_INVALID',
    'This link cannot be opened: it is unknown, expired, revoked or used up.',
    {},
    'Ask for a new one. If you opened it before, you have what it gave: see `branchbook namespace list`.'
  );
}

/**
 * Open a link as somebody. `creator`: what is known of who made it; a link is worth no more than they may give now. A
 * person gets something by a link once: removed since, they do not come back by it.
 */
export function openLink(
  context: Context,
  creator: Context['facts'],
  codeHash: string
): Plan & { readonly joined: Joined } {
  const { state, identity, now } = context;
  const link = state.links.find(one => one.codeHash === codeHash);
  if (!link || !isOpen(link, now) || !decide(creator, 'manage', link.object, now).allowed) {
    throw linkInvalid();
  }
  const joined = { namespace: state.record.name, object: link.object, right: link.right, workspace: link.workspace };
  const about = { project: projectOf(link.object), target: `link:${link.id}`, joined, action: 'link.use' };
  if (link.openedBy.includes(identity.user)) {
    if (!stillHas(state, link, identity.user) || link.uses === 'single') {
      throw linkInvalid();
    }
    return { ...about, detail: `${identity.user} opened the link again`, edits: [] };
  }
  refuseUncleared(state, { kind: 'link', name: link.id }, link.object, null);
  const opened: LinkEntry = { ...link, used: link.used + 1, openedBy: [...link.openedBy, identity.user] };
  return {
    ...about,
    detail: `${identity.user} got “${link.right}” on ${formatObject(link.object)}`,
    edits: [{ type: 'put', kind: 'link', entry: opened }, ...given(context, link)]
  };
}

export function isOpen({ revoked, expires, uses, used }: LinkEntry, now: number): boolean {
  return !revoked && expires > now && (uses === 'many' || used === 0);
}

function stillHas(state: NamespaceState, { id, gives }: LinkEntry, user: string): boolean {
  const entries = gives === 'membership' ? state.members : state.grants.filter(({ by }) => by === `link:${id}`);
  return entries.some(({ principal }) => principal.kind === 'user' && principal.name === user);
}

function given({ state, identity, now, ports }: Context, link: LinkEntry): readonly Edit[] {
  if (link.gives === 'membership') {
    const entry = joinedMember(state, identity.user, { id: link.id, role: roleOf(link.right) }, now);
    return entry ? [{ type: 'put', kind: 'member', entry }] : [];
  }
  const principal = { kind: 'user', name: identity.user } as const;
  const right: Right = link.right;
  const entry = {
    id: ports.random.hex(8),
    principal,
    right,
    object: link.object,
    expires: null,
    created: now,
    by: `link:${link.id}`
  };
  return [{ type: 'put', kind: 'grant', entry }];
}
