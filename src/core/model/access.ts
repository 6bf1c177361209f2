/** Who may do what on what: plain data. How it is decided: core/access. */
import { BranchbookError } from '../error';
import { assetKindOf } from './asset-kind';

/** Rights in order: each holds those before it. */
export const rights = ['view', 'run', 'edit', 'manage'] as const;
export type Right = (typeof rights)[number];

/** What members are called, in the order of `rights`: a viewer may view, …, an owner may manage. */
export const roles = ['viewer', 'runner', 'editor', 'owner'] as const;
export type Role = (typeof roles)[number];

/** The right that a role gives. */
export const rightOf = (role: Role): Right => rights[roles.indexOf(role)]!;
export const roleOf = (right: Right): Role => roles[rights.indexOf(right)]!;

/** True when `held` is `wanted` or more. */
export function covers(held: Right | null, wanted: Right): boolean {
  return held !== null && rights.indexOf(held) >= rights.indexOf(wanted);
}

/**
 * Somebody who can be given rights. As text: `user:anna`, `group:vision`, `namespace:ml-team` (all its members),
 * `link:<id>` (who came by that link), `everyone` (who can sign in to the place).
 */
export type Principal =
  { readonly kind: 'user' | 'group' | 'namespace' | 'link'; readonly name: string } | { readonly kind: 'everyone' };

/**
 * Something in a namespace that rights are given on. As text: `namespace`, `project:iris`, `branch:iris/prod`,
 * `asset:iris/data/raw`, `pipeline:iris/train`, `compute:gpu-1`.
 */
export type AccessObject =
  | { readonly kind: 'namespace' }
  | { readonly kind: 'project'; readonly project: string }
  /** Whole branch names, with `*`, `?`, `**` and `[…]` as in .gitignore: `prod`, `release/*`. */
  | { readonly kind: 'branch'; readonly project: string; readonly pattern: string }
  /** A file, or a folder with everything below it. */
  | { readonly kind: 'asset'; readonly project: string; readonly path: string }
  | { readonly kind: 'pipeline'; readonly project: string; readonly pipeline: string }
  | { readonly kind: 'compute'; readonly endpoint: string };

/** The columns of a namespace's table. Code is notebooks, text and history; data and models are assets. */
export const resourceClasses = ['code', 'data', 'models', 'compute'] as const;
export type ResourceClass = (typeof resourceClasses)[number];

/**
 * The rows of a namespace's table. `private`: people, groups and links that were given something by name; `team`: the
 * members; `everyone`: all who can sign in to the place.
 */
export const audiences = ['private', 'team', 'everyone'] as const;
export type Audience = (typeof audiences)[number];

/**
 * The most that an audience gets of a class, whatever roles and grants say; owners are not limited. For `everyone`, who have
 * no role, it is what they get.
 */
export type Policy = { readonly [A in Audience]: { readonly [C in ResourceClass]: Right | 'none' } };

/** What a new namespace has: members by their roles, others nothing. */
export const defaultPolicy: Policy = {
  private: { code: 'manage', data: 'manage', models: 'manage', compute: 'manage' },
  team: { code: 'manage', data: 'manage', models: 'manage', compute: 'manage' },
  everyone: { code: 'none', data: 'none', models: 'none', compute: 'none' }
};

/** Classification, in order. What is labelled flows to places with the same label or a later one, never back. */
export const labels = ['unclassified', 'protected'] as const;
export type Label = (typeof labels)[number];

/** Why somebody has a right, or has it not: one link of the chain, with the sentence for people. */
export type Reason = {
  readonly via: 'role' | 'grant' | 'policy' | 'branch-rule' | 'label' | 'nothing';
  /** For example `anna is an editor of ml-team`. */
  readonly text: string;
  /** The grant's id, where it comes from one. */
  readonly grant?: string;
};

export type Decision = {
  readonly allowed: boolean;
  /** The most that is held on the object; null = nothing, not even to know of it. */
  readonly held: Right | null;
  readonly because: readonly Reason[];
};

/** A person as a place knows them. */
export type Identity = {
  /** Unique in the place: letters, digits, `.`, `_`, `-`, `@`. */
  readonly user: string;
  readonly displayName: string;
  readonly groups: readonly string[];
  /** May create team namespaces for others and see all of them; rights inside still have to be given. */
  readonly admin: boolean;
  /** Who vouches: the system's user database, the hub's own accounts, JupyterHub, OpenID Connect. */
  readonly provider: 'system' | 'local' | 'jupyterhub' | 'oidc';
  /** The token they came with gives no more than this, whatever is held; left out = no limit. */
  readonly atMost?: Right;
};

/** Names of people in a place. */
const USER = /^[A-Za-z0-9._@-]{1,255}$/;
/** Groups come from other systems, some with paths. */
const GROUP = /^[A-Za-z0-9._@/+ -]{1,255}$/;
const LINK = /^[0-9a-f]{8,64}$/;
const OTHER = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const shapes = { user: USER, group: GROUP, link: LINK, namespace: OTHER };

/** `user:anna`, `group:vision`, `namespace:ml-team`, `link:<id>`, `everyone`. */
export function formatPrincipal(principal: Principal): string {
  return principal.kind === 'everyone' ? 'everyone' : `${principal.kind}:${principal.name}`;
}

/** USAGE when the text names nobody. A name alone is a person's. */
export function parsePrincipal(text: string): Principal {
  if (text === 'everyone') {
    return { kind: 'everyone' };
  }
  const colon = text.indexOf(':');
  const kind = colon < 0 ? 'user' : text.slice(0, colon);
  const principal = { kind, name: text.slice(colon + 1) } as Principal;
  const reason = whyNoPrincipal(principal);
  if (reason !== null) {
    throw usage(
      'principal',
      `${JSON.stringify(text)} names nobody: ${reason}.`,
      'Write it as user:anna, group:vision or everyone.'
    );
  }
  return principal;
}

/** Why nobody can be called so; null when somebody can. */
export function whyNoPrincipal(principal: Principal): string | null {
  if (principal.kind === 'everyone') {
    return null;
  }
  const shape = (shapes as { readonly [kind: string]: RegExp | undefined })[principal.kind];
  if (!shape) {
    return `there is no kind ${JSON.stringify(principal.kind)}`;
  }
  return shape.test(principal.name) ? null : `a ${principal.kind} cannot be called ${JSON.stringify(principal.name)}`;
}

export const samePrincipal = (one: Principal, other: Principal): boolean =>
  formatPrincipal(one) === formatPrincipal(other);

/** `namespace`, `project:iris`, `branch:iris/prod`, `asset:iris/data/raw`, `pipeline:iris/train`, `compute:gpu-1`. */
export function formatObject(object: AccessObject): string {
  switch (object.kind) {
    case 'namespace':
      return 'namespace';
    case 'project':
      return `project:${object.project}`;
    case 'branch':
      return `branch:${object.project}/${object.pattern}`;
    case 'asset':
      return `asset:${object.project}/${object.path}`;
    case 'pipeline':
      return `pipeline:${object.project}/${object.pipeline}`;
    case 'compute':
      return `compute:${object.endpoint}`;
  }
}

/** USAGE when it names nothing. A name alone is a project's, one with a path an asset's: `iris/data/raw`. */
export function parseObject(text: string): AccessObject {
  if (text === 'namespace') {
    return { kind: 'namespace' };
  }
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1).replace(/\/+$/, '');
  const slash = rest.indexOf('/');
  const kind = colon >= 0 ? text.slice(0, colon) : slash < 0 ? 'project' : 'asset';
  if (rest === '') {
    throw unknownObject(text);
  }
  if (kind === 'compute') {
    return { kind, endpoint: rest };
  }
  if (kind === 'project' && slash < 0) {
    return { kind, project: rest };
  }
  const [project, inner] = [rest.slice(0, slash), rest.slice(slash + 1)];
  if (slash < 1 || inner === '') {
    throw unknownObject(text);
  }
  switch (kind) {
    case 'branch':
      return { kind, project, pattern: inner };
    case 'asset':
      return { kind, project, path: inner };
    case 'pipeline':
      return { kind, project, pipeline: inner };
    default:
      throw unknownObject(text);
  }
}

function unknownObject(text: string): BranchbookError {
  return usage(
    'object',
    `${JSON.stringify(text)} names nothing that can be shared.`,
    'Write it as namespace, iris, iris/data/raw, branch:iris/prod, pipeline:iris/train or compute:gpu-1.'
  );
}

function usage(argument: string, reason: string, hint: string): BranchbookError {
  return new BranchbookError('USAGE', reason, { argument, reason }, hint);
}

/** The project that an object belongs to; null for the namespace and for compute. */
export function projectOf(object: AccessObject): string | null {
  return object.kind === 'namespace' || object.kind === 'compute' ? null : object.project;
}

/** The columns of the table that an object falls under. */
export function classesOf(object: AccessObject): readonly ResourceClass[] {
  switch (object.kind) {
    case 'namespace':
      return resourceClasses;
    case 'project':
      return ['code', 'data', 'models'];
    case 'asset':
      return [assetClassOf(object.path)];
    case 'compute':
      return ['compute'];
    default:
      return ['code'];
  }
}

/** Whether a path, file or folder, counts as models or as data. */
export function assetClassOf(path: string): 'data' | 'models' {
  return assetKindOf(path) === 'model' || /(^|\/)models$/.test(path) ? 'models' : 'data';
}

/** True when what has the label `from` may flow to where the label is `to`. */
export function mayFlow(from: Label, to: Label): boolean {
  return labels.indexOf(from) <= labels.indexOf(to);
}

export const higherLabel = (one: Label, other: Label): Label => (mayFlow(one, other) ? other : one);
