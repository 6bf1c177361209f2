/** Grants and requests for them. */
import { formatObject, formatPrincipal, projectOf, samePrincipal, whyNoPrincipal } from '../model/access';
import type { AccessObject, Principal, Right } from '../model/access';
import { checkPath } from '../model/path';
import { grantSentence } from '../model/grant-words';
import type { AccessRequest, Grant, NamespaceChange } from '../model/namespace';
import type { Edit, NamespaceState } from '../port';
import { demand, entryExists, entryUnknown, forbidden, namespaceUnknown, projectUnknown, usage } from './context';
import type { Context, Plan } from './context';
import { decide, projectRights } from './decide';
import { refuseUncleared } from './label-rules';
import { whyNoPattern } from './pattern';

type Change<T extends NamespaceChange['type']> = Extract<NamespaceChange, { readonly type: T }>;

/** More than that nobody reads; it keeps a stranger from filling the list. */
const MAX_OPEN_REQUESTS = 10;
const MAX_MESSAGE = 1000;

export function addGrant(context: Context, change: Change<'add-grant'>): Plan {
  const object = checkObject(context.state, change.object);
  demand(context, 'manage', object);
  const grant = newGrant(context, {
    principal: change.principal,
    right: change.right,
    object,
    expires: change.expires ?? null
  });
  return {
    action: 'grant.add',
    project: projectOf(object),
    target: formatPrincipal(grant.principal),
    detail: `${grantSentence({ ...grant, until: grant.expires, namespace: context.state.record.name })} (${grant.id})`,
    edits: [...replaced(context.state, grant), { type: 'put', kind: 'grant', entry: grant }]
  };
}

/** The same person and object have one grant: a new one takes the old one's place. */
function replaced(state: NamespaceState, grant: Grant): readonly Edit[] {
  return state.grants
    .filter(
      ({ principal, object }) =>
        samePrincipal(principal, grant.principal) && formatObject(object) === formatObject(grant.object)
    )
    .map(({ id }) => ({ type: 'delete', kind: 'grant', key: id }));
}

function newGrant(
  { state, other, identity, now, ports }: Context,
  given: Pick<Grant, 'principal' | 'right' | 'object' | 'expires'>
): Grant {
  checkGrantee(given.principal, state.record.name);
  if (given.expires !== null && !(given.expires > now)) {
    throw usage('until', 'That time is over already.', 'Name a time to come, for example 7d.');
  }
  if (given.principal.kind === 'namespace' && ![state.record.name, other?.name].includes(given.principal.name)) {
    throw namespaceUnknown(given.principal.name);
  }
  refuseUncleared(state, given.principal, given.object, other);
  return { id: ports.random.hex(8), ...given, created: now, by: identity.user };
}

function checkGrantee(principal: Principal, namespace: string): void {
  const reason = whyNoPrincipal(principal);
  if (reason !== null) {
    throw usage(
      'principal',
      `That names nobody: ${reason}.`,
      'Write it as user:anna, group:vision or namespace:ml-team.'
    );
  }
  if (principal.kind === 'everyone') {
    throw usage(
      'principal',
      `What everyone gets of ${namespace} is set in its table, for all of its projects.`,
      'For example `branchbook namespace set --everyone code=view`.'
    );
  }
  if (principal.kind === 'link') {
    throw usage('principal', 'A link is made together with its grant.', 'Make one with `branchbook share link`.');
  }
}

/** USAGE, PROJECT_UNKNOWN, ENTRY_UNKNOWN, PATH_UNSAFE for an object that cannot be there. */
export function checkObject(state: NamespaceState, object: AccessObject): AccessObject {
  const project = projectOf(object);
  if (project !== null && !state.projects.some(({ name }) => name === project)) {
    throw projectUnknown(state.record.name, project);
  }
  if (object.kind === 'asset') {
    checkPath(object.path);
  }
  if (object.kind === 'branch') {
    const reason = whyNoPattern(object.pattern);
    if (reason !== null) {
      throw usage(
        'object',
        `${JSON.stringify(object.pattern)} is no pattern of branches: ${reason}.`,
        'For example prod or release/*.'
      );
    }
  }
  if (object.kind === 'compute' && !state.endpoints.some(({ name }) => name === object.endpoint)) {
    throw entryUnknown('compute endpoint', object.endpoint);
  }
  return object;
}

/** Managers of the object take grants back, and everybody what they were given themselves. */
export function removeGrant(context: Context, { id }: Change<'remove-grant'>): Plan {
  const { state, identity } = context;
  const grant = state.grants.find(one => one.id === id);
  const own = grant?.principal.kind === 'user' && grant.principal.name === identity.user;
  if (!grant || (!own && !mayKnowOf(context, grant.object))) {
    throw entryUnknown('grant', id);
  }
  if (!own) {
    demand(context, 'manage', grant.object);
  }
  const target = formatPrincipal(grant.principal);
  return {
    action: 'grant.remove',
    project: projectOf(grant.object),
    target,
    detail: `“${grant.right}” on ${formatObject(grant.object)} was taken back from ${target} (${id})`,
    edits: [{ type: 'delete', kind: 'grant', key: id }]
  };
}

function mayKnowOf({ facts, now }: Context, object: AccessObject): boolean {
  const project = projectOf(object);
  return project === null || projectRights(facts, project, now) !== null;
}

/** Anybody who may know of it may ask for more. */
export function request(context: Context, change: Change<'request'>): Plan {
  const { state, facts, identity, now, ports } = context;
  const object = checkObject(state, change.object);
  const project = projectOf(object);
  if (project !== null && !mayKnowOf(context, object)) {
    throw projectUnknown(state.record.name, project);
  }
  if (decide(facts, change.right, object, now).allowed) {
    throw entryExists('right', `“${change.right}”`, 'You have it: there is nothing to ask for.');
  }
  const open = state.requests.filter(({ user, answer }) => user === identity.user && answer === 'open');
  const same = open.find(one => formatObject(one.object) === formatObject(object));
  if (!same && open.length >= MAX_OPEN_REQUESTS) {
    throw forbidden(
      `You asked for ${open.length} things already.`,
      { right: change.right, object: formatObject(object), because: [] },
      'Wait for the answers.'
    );
  }
  const entry: AccessRequest = {
    id: same?.id ?? ports.random.hex(8),
    user: identity.user,
    object,
    right: change.right,
    message: (change.message ?? '').slice(0, MAX_MESSAGE),
    created: now,
    answer: 'open'
  };
  return {
    action: 'request.add',
    project,
    target: formatObject(object),
    detail: `${identity.user} asked for “${change.right}” on ${formatObject(object)}`,
    edits: [{ type: 'put', kind: 'request', entry }]
  };
}

export function answerRequest(context: Context, change: Change<'answer-request'>): Plan {
  const { state } = context;
  const asked = state.requests.find(({ id, answer }) => id === change.id && answer === 'open');
  if (!asked || !mayKnowOf(context, asked.object)) {
    throw entryUnknown('open request', change.id);
  }
  demand(context, 'manage', asked.object);
  const right: Right = change.right ?? asked.right;
  const answered: Edit = { type: 'put', kind: 'request', entry: { ...asked, answer: change.answer } };
  const about = { project: projectOf(asked.object), target: `user:${asked.user}` };
  if (change.answer === 'refused') {
    const detail = `“${asked.right}” on ${formatObject(asked.object)} was refused to user:${asked.user}`;
    return { action: 'request.refuse', ...about, detail, edits: [answered] };
  }
  const given = {
    principal: { kind: 'user', name: asked.user } as const,
    right,
    object: checkObject(state, asked.object),
    expires: null
  };
  const grant = newGrant(context, given);
  return {
    action: 'request.grant',
    ...about,
    detail: `${grantSentence({ ...grant, until: null, namespace: state.record.name })} (${grant.id})`,
    edits: [answered, ...replaced(state, grant), { type: 'put', kind: 'grant', entry: grant }]
  };
}
