/** Who may do what on what: plain data. How it is decided: core/access. */

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
  /** A pattern as in .gitignore without negation, over branch names: `prod`, `release/*`. */
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
};
