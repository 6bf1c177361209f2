/** What the verbs of sharing take and give. */
import type { AccessObject, Audience, Identity, Label, Policy, Principal, Right, Role } from './access';
import type { ObjectId } from './git';
import type { MergeResult } from './merge';
import type {
  AccessRequest,
  AuditEvent,
  AuditQuery,
  BranchRule,
  ComputeEndpoint,
  Grant,
  Joined,
  Link,
  LinkOffer,
  Member,
  NamespaceSummary,
  NamespaceView,
  Presence,
  Quota,
  SharedWorkspace,
  WhoCan
} from './namespace';
import type { PlaceKind } from './place-address';
import type { SnapshotInfo } from './snapshot';

/** What went over the wire. Bytes as sent, compression included. */
export type Transfer = {
  /** Contents that were sent or brought. */
  readonly contents: number;
  /** Their bytes. */
  readonly bytes: number;
  /** Bytes of chunks that really travelled; the other side had the rest. */
  readonly transferred: number;
  readonly milliseconds: number;
};

export type CloneArgs = {
  /** `<place>/<namespace>/<project>`, or where git finds a project. */
  readonly address: string;
  /** Absolute; default: a new folder named as the project, in the current one. */
  readonly folder?: string;
  readonly branch?: string;
  /** Assets come when they are asked for. */
  readonly lazy?: boolean;
};
export type CloneResult = {
  readonly root: string;
  readonly branch: string;
  readonly remote: string;
  readonly transfer: Transfer;
  /** Assets that stand as pointers, and their bytes. */
  readonly absent: { readonly assets: number; readonly bytes: number };
  readonly notices: readonly string[];
};

export type PushArgs = {
  /** Name of a remote; default: the branch's, else `origin`. */
  readonly remote?: string;
  /** Default: the current one. */
  readonly branches?: readonly string[];
  /** All branches and tags. */
  readonly all?: boolean;
  /** `<place>/<namespace>[/<project>]`: publish there (the project is made when it is not there), and keep it as `remote`. */
  readonly to?: string;
  /** When the branch moved there: bring it, merge, push again. Default: say so and change nothing. */
  readonly pullFirst?: boolean;
};
export type PushedRef = {
  /** Short name of a branch or tag. */
  readonly name: string;
  readonly from: ObjectId | null;
  readonly to: ObjectId;
  readonly snapshots: number;
};
export type PushResult = {
  readonly remote: string;
  readonly address: string;
  readonly pushed: readonly PushedRef[];
  readonly transfer: Transfer;
  /** With `pullFirst`, when something was there. */
  readonly pulled: PullResult | null;
  readonly notices: readonly string[];
};

export type PullArgs = {
  readonly remote?: string;
  /** Default: the upstream of the current branch. */
  readonly branch?: string;
  /** Bring assets of what was fetched: those of the work tree (`needed`, the default), `all`, or `none`. */
  readonly assets?: 'needed' | 'all' | 'none';
  /** Only look what is there, without merging. */
  readonly fetchOnly?: boolean;
};
export type PullResult = {
  readonly remote: string;
  /** What is new there on the current branch's upstream, newest first; at most 50. */
  readonly incoming: readonly SnapshotInfo[];
  /** null with `fetchOnly`, or when nothing was new. */
  readonly merged: MergeResult | null;
  readonly ahead: number;
  readonly behind: number;
  /** Project paths that changed on disk, so that open tabs can follow. */
  readonly changed: readonly string[];
  readonly transfer: Transfer;
  readonly notices: readonly string[];
};

export type RemoteArgs =
  | { readonly action: 'list' }
  | { readonly action: 'add'; readonly name: string; readonly address: string; readonly assets?: string }
  | { readonly action: 'remove'; readonly name: string }
  | { readonly action: 'set'; readonly name: string; readonly address?: string; readonly assets?: string }
  /** Ask the remote, and say how the current branch stands to it, who is there, and what I may do. */
  | {
      readonly action: 'check';
      readonly name?: string;
      readonly document?: string;
      /** Ask nobody: as it was when the remote was asked last. */
      readonly offline?: boolean;
    };
export type RemoteInfo = {
  readonly name: string;
  readonly address: string;
  readonly kind: PlaceKind | 'git';
  /** Where assets go: the place's own store, `lfs` of a git host, or a place's address. */
  readonly assets: string;
  /** The current branch's upstream is here. */
  readonly isUpstream: boolean;
};
export type RemoteCheck = {
  readonly remote: RemoteInfo;
  readonly namespace: string | null;
  readonly project: string | null;
  readonly identity: Identity | null;
  readonly right: Right | null;
  /** False when the current branch may not be pushed; `reason` says why. */
  readonly canPush: boolean;
  readonly reason: string | null;
  readonly label: Label | null;
  readonly upstream: string | null;
  readonly ahead: number;
  readonly behind: number;
  /** Newest first; at most 50. */
  readonly incoming: readonly SnapshotInfo[];
  readonly people: readonly Presence[];
  /** Open requests that I may answer. */
  readonly requests: number;
};
export type RemoteResult = { readonly remotes: readonly RemoteInfo[]; readonly check?: RemoteCheck };

/** Namespaces are named `<place>/<namespace>`; inside a project, missing = that of its remote. */
type In = { readonly namespace?: string };

export type NamespaceArgs =
  /** Of one place, or of all places that are known. */
  | { readonly action: 'list'; readonly place?: string }
  | {
      readonly action: 'create';
      readonly namespace: string;
      readonly kind?: 'personal' | 'team' | 'everyone';
      readonly title?: string;
      readonly label?: Label;
      readonly git?: string;
    }
  | ({ readonly action: 'show' } & In)
  | { readonly action: 'delete'; readonly namespace: string; readonly projects?: boolean }
  | ({
      readonly action: 'set';
      readonly title?: string;
      readonly label?: Label;
      /** The cells that change; the others stay. */
      readonly policy?: { readonly [A in Audience]?: Partial<Policy[A]> };
      readonly quota?: Partial<Quota>;
    } & In)
  | ({
      readonly action: 'set-project';
      readonly project: string;
      readonly description?: string;
      readonly label?: Label;
      readonly branchRules?: readonly BranchRule[];
    } & In)
  | ({ readonly action: 'delete-project'; readonly project: string } & In)
  | ({ readonly action: 'audit' } & AuditQuery & In)
  /** Pushes, merges, joins: what teammates did, newest first. */
  | ({ readonly action: 'activity'; readonly project?: string; readonly limit?: number } & In);
export type NamespaceListing = {
  readonly place: string;
  readonly kind: PlaceKind;
  readonly identity: Identity | null;
  readonly namespaces: readonly NamespaceSummary[];
  /** Why it could not be asked. */ readonly error?: string;
};
export type NamespaceResult = {
  readonly places?: readonly NamespaceListing[];
  readonly view?: NamespaceView & { readonly place: string };
  readonly events?: readonly AuditEvent[];
  /** Words for people: what was done. */
  readonly done?: string;
};

export type MemberArgs =
  | ({ readonly action: 'list' } & In)
  | ({
      readonly action: 'add';
      readonly member: Member['principal'];
      readonly role: Role;
      readonly cleared?: boolean;
    } & In)
  | ({
      readonly action: 'role';
      readonly member: Member['principal'];
      readonly role: Role;
      /** Missing: as it was. */
      readonly cleared?: boolean;
    } & In)
  | ({ readonly action: 'remove'; readonly member: Member['principal'] } & In);
export type MemberResult = { readonly namespace: string; readonly members: readonly Member[]; readonly done?: string };

export type ShareArgs =
  | ({ readonly action: 'list' } & In)
  /** Give a right to a person, group, namespace or everyone. */
  | ({
      readonly action: 'grant';
      readonly principal: Principal;
      readonly right: Right;
      readonly object: AccessObject;
      /** ISO 8601, or a time from now as `7d`. */ readonly until?: string;
    } & In)
  | ({
      readonly action: 'link';
      readonly right: Right;
      readonly object: AccessObject;
      readonly gives?: 'membership' | 'grant';
      readonly uses?: 'single' | 'many';
      readonly until?: string;
      readonly workspace?: SharedWorkspace;
    } & In)
  /** A grant or link by its id. */
  | ({ readonly action: 'revoke'; readonly id: string } & In)
  /** Who can do what with it, and why; with `principal`, only that one. */
  | ({ readonly action: 'explain'; readonly object: AccessObject; readonly principal?: Principal } & In)
  | ({
      readonly action: 'request';
      readonly right: Right;
      readonly object: AccessObject;
      readonly message?: string;
    } & In)
  | ({
      readonly action: 'answer';
      readonly id: string;
      readonly answer: 'granted' | 'refused';
      readonly right?: Right;
    } & In);
export type ShareResult = {
  readonly namespace: string;
  readonly grants: readonly Grant[];
  readonly links: readonly Link[];
  readonly requests: readonly AccessRequest[];
  /** With `link`: the address to send, this once; it cannot be shown again. */
  readonly link?: string;
  readonly who?: readonly WhoCan[];
  /** In words: what they will get, or what was done. */
  readonly done?: string;
};

export type JoinArgs = {
  /** What `share link` gave. */
  readonly link: string;
  /** Take nothing: only tell what it would give. */
  readonly look?: boolean;
  /** Do not clone: only take the rights. */
  readonly only?: boolean;
  /** Absolute; as for `clone`. A clone of the project that is there is used. */
  readonly folder?: string;
};
export type JoinResult = {
  readonly place: string;
  /** What was given; with `look`, what would be. */
  readonly joined: Joined;
  /** With `look`: nothing was taken yet. */
  readonly offer?: LinkOffer;
  readonly clone: CloneResult | null;
  /** Absolute path of the project; null with `only`. */
  readonly root: string | null;
  readonly done: string;
};

export type LoginArgs = {
  readonly place: string;
  /** A token of the hub. Missing: the one of JupyterHub, where this runs under it; else a page to sign in at is told as progress. */
  readonly token?: string;
};
export type LoginResult = { readonly place: string; readonly identity: Identity };
export type LogoutArgs = { readonly place: string };
/** `revoked`: the hub took the token back; false when it could not be asked. */
export type LogoutResult = { readonly place: string; readonly revoked: boolean };

export type ComputeArgs =
  | ({ readonly action: 'list' } & In)
  | ({
      readonly action: 'add';
      readonly name: string;
      readonly kind: ComputeEndpoint['kind'];
      readonly title?: string;
      readonly url: string;
      readonly token: string;
    } & In)
  | ({ readonly action: 'remove'; readonly name: string } & In)
  /** Execute a notebook of the current project there; outputs come back into a copy beside it, or `output`. */
  | ({ readonly action: 'run'; readonly name: string; readonly notebook: string; readonly output?: string } & In)
  /** JupyterHub's own sharing of the running server. */
  | { readonly action: 'server-shares' }
  | { readonly action: 'share-server'; readonly user?: string; readonly group?: string }
  | { readonly action: 'share-server-link'; /** Seconds. */ readonly expiresIn?: number }
  | { readonly action: 'unshare-server'; readonly user?: string; readonly group?: string; readonly codes?: boolean }
  /** Kubeflow's contributors of a profile, through its access management. */
  | ({ readonly action: 'kubeflow-import'; readonly url: string; readonly profile: string } & In)
  | ({ readonly action: 'kubeflow-export'; readonly url: string; readonly profile: string } & In);
export type ServerShare = { readonly principal: Principal; readonly created: string };
export type ComputeResult = {
  readonly endpoints?: readonly (ComputeEndpoint & { readonly right: Right })[];
  readonly shares?: readonly ServerShare[];
  readonly codes?: readonly { readonly id: string; readonly created: string; readonly expires: string | null }[];
  /** The address to send, this once. */
  readonly link?: string;
  readonly ran?: {
    readonly notebook: string;
    readonly output: string;
    readonly cells: number;
    readonly failed: boolean;
    readonly milliseconds: number;
  };
  /** With `kubeflow-import` and `kubeflow-export`; names as `user:anna`. */
  readonly exchanged?: {
    readonly added: readonly { readonly who: string; readonly role: string }[];
    /** And why. */
    readonly left: readonly { readonly who: string; readonly reason: string }[];
  };
  readonly done?: string;
};
