/** Namespaces, and what is recorded in them. Times are milliseconds since 1970. */
import type { AccessObject, Identity, Label, Policy, Principal, Reason, ResourceClass, Right, Role } from './access';

export type NamespaceKind = 'personal' | 'team' | 'everyone';

export type Quota = {
  /** Stored bytes of all projects together; null = no limit. */
  readonly bytes: number | null;
  readonly projects: number | null;
};

export type NamespaceRecord = {
  /** 1–63 of `a-z 0-9 -`, starting and ending with a letter or digit. */
  readonly name: string;
  readonly kind: NamespaceKind;
  readonly title: string;
  readonly label: Label;
  readonly policy: Policy;
  readonly quota: Quota;
  readonly created: number;
  /**
   * Where git finds the histories of new projects, with `{project}` in place of the name; null = the place keeps
   * them itself. For namespaces in buckets.
   */
  readonly git: string | null;
};

export type Member = {
  readonly principal: { readonly kind: 'user' | 'group'; readonly name: string };
  readonly role: Role;
  /** May have what is labelled `protected` although the namespace is not. */
  readonly cleared: boolean;
  readonly added: number;
  readonly by: string;
};

export type Grant = {
  readonly id: string;
  readonly principal: Principal;
  readonly right: Right;
  readonly object: AccessObject;
  /** null = until it is revoked. */
  readonly expires: number | null;
  readonly created: number;
  /** The person; `link:<id>` when it came by opening a link, and goes when that is revoked. */
  readonly by: string;
};

/** A link that gives rights to whoever opens it after signing in. Only the code's SHA-256 is kept. */
export type Link = {
  readonly id: string;
  readonly right: Right;
  readonly object: AccessObject;
  /** `member`: who opens it becomes a member in the role of `right`; else they get a grant. */
  readonly gives: 'membership' | 'grant';
  readonly expires: number;
  readonly uses: 'single' | 'many';
  readonly used: number;
  readonly revoked: boolean;
  readonly created: number;
  readonly by: string;
  readonly workspace: SharedWorkspace | null;
};

/** What a teammate opens: a project at a branch with its documents open. */
export type SharedWorkspace = {
  readonly project: string;
  readonly branch: string;
  /** Project paths; the first one is in front. */
  readonly documents: readonly string[];
  /** JupyterLab's own workspace (`{data, metadata}`), paths relative to the project; null = documents only. */
  readonly layout: unknown;
};

/** Who may push to branches that match. Others with `edit` on the project may not. */
export type BranchRule = {
  readonly pattern: string;
  /** `manage`: owners, and those with a grant of `edit` on a pattern of the branch; `none`: nobody. */
  readonly push: 'edit' | 'manage' | 'none';
};

export type ProjectRecord = {
  /** 32 random hexadecimal digits: names what is stored for it, and no other project's, also of the same name later. */
  readonly id: string;
  readonly namespace: string;
  /** As a namespace's name, also with `_` and `.`, up to 100. */
  readonly name: string;
  readonly description: string;
  readonly label: Label;
  readonly branchRules: readonly BranchRule[];
  readonly created: number;
  readonly by: string;
  /** Where git finds its history, when the place does not keep it; for namespaces in buckets. */
  readonly git: string | null;
  /** Bytes stored for it. */
  readonly bytes: number;
};

/** A Jupyter Server or Kernel Gateway that members with `run` may use without its credentials. */
export type ComputeEndpoint = {
  readonly name: string;
  readonly kind: 'jupyter-server' | 'kernel-gateway';
  readonly title: string;
  /** Shown to those who may `manage` only; null for others. The token is never shown. */
  readonly url: string | null;
  readonly created: number;
  readonly by: string;
};

export type AccessRequest = {
  readonly id: string;
  readonly user: string;
  readonly object: AccessObject;
  readonly right: Right;
  readonly message: string;
  readonly created: number;
  readonly answer: 'open' | 'granted' | 'refused';
};

/** One line of the log that is only ever added to. */
export type AuditEvent = {
  readonly id: string;
  readonly time: number;
  readonly user: string;
  /** `push`, `read`, `clone`, `member.add`, `grant.add`, `link.use`, `policy.set`, … */
  readonly action: string;
  readonly namespace: string;
  readonly project: string | null;
  /** As text: a branch, an asset, a principal. */
  readonly target: string | null;
  readonly outcome: 'ok' | 'refused';
  /** What changed, or why it was refused, in words. */
  readonly detail: string;
};

export type AuditQuery = {
  readonly user?: string;
  readonly project?: string;
  /** Actions that start with it: `member` finds `member.add`. */
  readonly actions?: string;
  readonly target?: string;
  readonly since?: number;
  readonly until?: number;
  /** Continue below this id. */
  readonly before?: string;
  /** Default and most: 100 and 1,000. */
  readonly limit?: number;
};

/** Somebody who has the project open. Forgotten when not told again for a minute. */
export type Presence = {
  readonly user: string;
  readonly displayName: string;
  readonly branch: string | null;
  /** Project path of the document in front. */
  readonly document: string | null;
  readonly seen: number;
};

/** Everything about a namespace that the caller may see. Lists that need `manage` are empty for others. */
export type NamespaceView = {
  readonly namespace: NamespaceRecord;
  /** What the caller has on the namespace itself; null = only some things in it. */
  readonly right: Right | null;
  readonly members: readonly Member[];
  readonly projects: readonly (ProjectRecord & { readonly right: Right })[];
  readonly grants: readonly Grant[];
  readonly links: readonly Link[];
  readonly endpoints: readonly (ComputeEndpoint & { readonly right: Right })[];
  readonly requests: readonly AccessRequest[];
  readonly usedBytes: number;
};

export type NamespaceSummary = Pick<NamespaceRecord, 'name' | 'kind' | 'title' | 'label'> & {
  readonly right: Right | null;
  readonly projects: number;
  readonly members: number;
};

/** One change of a namespace; what it needs, and what refuses it, says core/access. */
export type NamespaceChange =
  | {
      readonly type: 'set';
      readonly title?: string;
      readonly label?: Label;
      readonly policy?: Policy;
      readonly quota?: Quota;
    }
  | {
      readonly type: 'add-member';
      readonly member: Member['principal'];
      readonly role: Role;
      readonly cleared?: boolean;
    }
  | {
      readonly type: 'set-member';
      readonly member: Member['principal'];
      readonly role?: Role;
      readonly cleared?: boolean;
    }
  | { readonly type: 'remove-member'; readonly member: Member['principal'] }
  | {
      readonly type: 'add-grant';
      readonly principal: Principal;
      readonly right: Right;
      readonly object: AccessObject;
      readonly expires?: number | null;
    }
  | { readonly type: 'remove-grant'; readonly id: string }
  | { readonly type: 'revoke-link'; readonly id: string }
  | { readonly type: 'add-project'; readonly name: string; readonly description?: string; readonly label?: Label }
  | {
      readonly type: 'set-project';
      readonly name: string;
      readonly description?: string;
      readonly label?: Label;
      readonly branchRules?: readonly BranchRule[];
    }
  | { readonly type: 'remove-project'; readonly name: string }
  | {
      readonly type: 'add-endpoint';
      readonly name: string;
      readonly kind: ComputeEndpoint['kind'];
      readonly title?: string;
      readonly url: string;
      readonly token: string;
    }
  | { readonly type: 'remove-endpoint'; readonly name: string }
  | { readonly type: 'request'; readonly right: Right; readonly object: AccessObject; readonly message?: string }
  | {
      readonly type: 'answer-request';
      readonly id: string;
      readonly answer: 'granted' | 'refused';
      readonly right?: Right;
    };

export type LinkRequest = Pick<Link, 'right' | 'object' | 'gives' | 'uses' | 'workspace'> & {
  /** Milliseconds from now. Default: 7 days; most: 90 days. */
  readonly lifetime?: number;
};

/** What somebody gets who opens a link. */
export type Joined = {
  readonly namespace: string;
  readonly object: AccessObject;
  readonly right: Right;
  readonly workspace: SharedWorkspace | null;
};

/** What a link would give whoever opens it, as somebody sees it who has not. */
export type LinkOffer = Joined &
  Pick<Link, 'gives' | 'uses' | 'expires' | 'by'> & {
    /** Of the namespace. */
    readonly title: string;
  };

/** "Who can see this, and why." */
export type WhoCan = {
  readonly principal: Principal;
  readonly right: Right;
  readonly because: readonly Reason[];
};

/** What the caller may do in one project. */
export type ProjectRights = {
  /** The most over all classes. */
  readonly right: Right;
  readonly classes: { readonly [C in ResourceClass]: Right | null };
};

export type WhoAmI = {
  readonly identity: Identity;
  readonly place: string;
};
