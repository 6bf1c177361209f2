/** Sentences about who gets what: the same on the command line and in JupyterLab. */
import { roleOf } from './access';
import type { AccessObject, Principal, Right } from './access';
import type { Link, LinkOffer } from './namespace';

const months = 'January February March April May June July August September October November December'.split(' ');

/** `3 December 2026`, in UTC. */
export function dayOf(time: number): string {
  const date = new Date(time);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** `data/raw of iris`; `namespace`: what to call the namespace. */
export function objectWords(object: AccessObject, namespace = 'the namespace'): string {
  switch (object.kind) {
    case 'namespace':
      return namespace;
    case 'project':
      return object.project;
    case 'branch':
      return `branch ${object.pattern} of ${object.project}`;
    case 'asset':
      return `${object.path} of ${object.project}`;
    case 'pipeline':
      return `pipeline ${object.pipeline} of ${object.project}`;
    case 'compute':
      return `compute endpoint ${object.endpoint}`;
  }
}

/** How a sentence begins: `anna`, `Everybody in the group vision`, `Everyone who can sign in`. */
export function principalWords(principal: Principal): string {
  switch (principal.kind) {
    case 'user':
      return principal.name;
    case 'group':
      return `Everybody in the group ${principal.name}`;
    case 'namespace':
      return `Every member of ${principal.name}`;
    case 'link':
      return 'Whoever opens the link';
    case 'everyone':
      return 'Everyone who can sign in';
  }
}

/** A link by what it is for: its id says nothing to anybody. */
export function linkWords(
  { right, object, gives }: Pick<Link, 'right' | 'object' | 'gives'>,
  namespace?: string
): string {
  const what = objectWords(object, namespace);
  return gives === 'membership'
    ? `the link that makes people ${roleOf(right)} of ${what}`
    : `the link that gives “${right}” on ${what}`;
}

export type GrantWords = {
  readonly principal: Principal;
  readonly right: Right;
  readonly object: AccessObject;
  /** Milliseconds since 1970; null = until it is revoked. */
  readonly until: number | null;
  readonly namespace?: string;
};

/** “anna can read everything in iris until 3 December 2026, and cannot change anything.” */
export function grantSentence({ principal, right, object, until, namespace }: GrantWords): string {
  const end = until === null ? '' : ` until ${dayOf(until)}`;
  const [can, but] = abilityWords(right, object, namespace);
  return `${principalWords(principal)} can ${can}${end}${but}.`;
}

/** What a link would give, for who decides whether to open it: what it is, and what there is to say of it. */
export function offerFacts(offer: LinkOffer): readonly (readonly [what: string, words: string])[] {
  const { namespace, title, object, right, gives, uses, expires, by, workspace } = offer;
  const [can, but] = abilityWords(right, object, namespace);
  const role = roleOf(right);
  const documents = workspace?.documents ?? [];
  const opened = workspace && [`branch ${workspace.branch} of ${workspace.project}`, ...documents].join(', ');
  return [
    ['Invited by', by],
    ['Namespace', title === '' || title === namespace ? namespace : `${title} (${namespace})`],
    ['Shared', sharedWords(object)],
    ['You become', gives === 'membership' ? `${role}, a member of ${namespace}` : role],
    ['You can', `${can}${but}`],
    ...(opened ? [['It opens', opened] as const] : []),
    ['Good until', `${dayOf(expires)}${uses === 'single' ? ', for one person' : ''}`]
  ];
}

function sharedWords(object: AccessObject): string {
  switch (object.kind) {
    case 'namespace':
      return 'everything in it';
    case 'project':
      return `project ${object.project}`;
    default:
      return objectWords(object);
  }
}

function abilityWords(right: Right, object: AccessObject, namespace?: string): readonly [string, string] {
  const what = objectWords(object, namespace);
  if (object.kind === 'compute') {
    return computeWords(right, what);
  }
  if (object.kind === 'branch') {
    return right === 'view' || right === 'run'
      ? [`look at ${what}, where they may read the project`, ', and cannot push there']
      : [`push to ${what}, also where it is protected`, ''];
  }
  switch (right) {
    case 'view':
      return [`read ${contents(object, what)}`, ', and cannot change anything'];
    case 'run':
      return [`read ${contents(object, what)} and run it on shared compute`, ', and cannot change anything'];
    case 'edit':
      return [`read and change ${contents(object, what)}`, ', and cannot share it'];
    case 'manage':
      return [`read, change and share ${contents(object, what)}`, ', and decides who else may'];
  }
}

function computeWords(right: Right, what: string): readonly [string, string] {
  switch (right) {
    case 'view':
      return [`see ${what}`, ', and cannot run anything there'];
    case 'manage':
      return [`run notebooks on ${what}, and change and remove it`, ''];
    default:
      return [`run notebooks on ${what}`, ', without seeing its credentials'];
  }
}

function contents(object: AccessObject, what: string): string {
  return object.kind === 'namespace' || object.kind === 'project'
    ? `the code, data and models of ${what}`
    : object.kind === 'asset'
      ? `${what}, in every version`
      : what;
}
