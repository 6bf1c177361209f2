/** Places: where namespaces live. A folder, a bucket or a hub; one port, one conformance suite (test/contract/place). */
import type { AccessObject, Identity, Principal } from '../model/access';
import type { Sha256, XetHash } from '../model/asset';
import type {
  AuditEvent,
  AuditQuery,
  Joined,
  Link,
  LinkOffer,
  LinkRequest,
  NamespaceChange,
  NamespaceRecord,
  NamespaceSummary,
  NamespaceView,
  Presence,
  ProjectRecord,
  ProjectRights,
  WhoCan
} from '../model/namespace';
import type { PlaceKind } from '../model/place-address';
import type { RefChange } from '../model/git';
import type { PlaceCollection, PlaceCollectionRequest } from '../model/maintenance';
import type { IContributors, IKernel, IServerSharing } from './compute';
import type { Activity } from './progress';

// ---------------------------------------------------------------------------------------------- objects

export type BucketObject = {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Differs whenever the bytes do; opaque. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
};

/** Write only when there is nothing yet, or only what was read. */
export type PutCondition = 'absent' | { readonly etag: string };

/**
 * A place for objects by key (`a/b/c`; no empty, `.` or `..` parts, none that begins with `.~` or ends with `.git`: else
 * PATH_UNSAFE): a folder, S3, Azure Blob, Google Cloud Storage.
 * Listing and reading see every write that was acknowledged. Failures: IO (retryable), PERMISSION_DENIED, DISK_FULL,
 * OUTCOME_UNKNOWN when a write may or may not have happened.
 */
export interface IBucket {
  /** For people: `s3://team-data/ml`. */
  readonly name: string;
  head(key: string): Promise<BucketObject | null>;
  /**
   * Bytes `[start, end)`, as far as there are any; all when left out. In pieces that are each valid until the next. null when
   * there is no such object.
   */
  read(key: string, start?: number, end?: number, activity?: Activity): Promise<AsyncIterable<Uint8Array> | null>;
  /** A small object whole, with the etag to replace it by. */
  get(key: string): Promise<{ readonly object: BucketObject; readonly bytes: Uint8Array } | null>;
  /** Durable on return. CONDITION_FAILED when `condition` does not hold: then nothing was written. */
  put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<BucketObject>;
  /** The same from pieces, whose length is known, each valid until the next; memory stays bounded. */
  putStream(
    key: string,
    size: number,
    pieces: AsyncIterable<Uint8Array>,
    condition?: PutCondition,
    activity?: Activity
  ): Promise<BucketObject>;
  /** True when there was one. CONDITION_FAILED when it is not the one with that etag any more. */
  delete(key: string, condition?: Exclude<PutCondition, 'absent'>): Promise<boolean>;
  /** Objects whose keys begin with `prefix`, by key in order of bytes. */
  list(prefix: string): AsyncGenerator<BucketObject>;
  /** Names of the folders right below a folder (`''`, `a/b`): the next parts of keys. In order of bytes. */
  folders(folder: string): AsyncGenerator<string>;
  /** The part below `prefix`, as a bucket of its own. */
  below(prefix: string): IBucket;
  close(): Promise<void>;
}

// ----------------------------------------------------------------------------------------------- assets

/**
 * The contents that a shared project has, as chunks in xorbs: formats as in the local store (core/format/README.md).
 * Order of writing: xorbs, then the manifest that names them, then git objects, then refs.
 */
export interface IRemoteAssets {
  /** Which of these the place has in full. */
  has(contents: readonly Sha256[], activity?: Activity): Promise<ReadonlySet<Sha256>>;
  /**
   * As `has`, for who is about to make refs lead to them: none of them is deleted within the next day, also if nothing needs
   * it yet. `elsewhere`: the refs are in another history than the project's own, which can then no longer tell what is
   * needed. LOCKED while some of them are being deleted.
   */
  keep(
    contents: readonly Sha256[],
    options?: Activity & { readonly elsewhere?: boolean }
  ): Promise<ReadonlySet<Sha256>>;
  /**
   * True when something is about to be deleted: then a push must keep all that its refs lead to, not only what is new. A hub
   * sees to that itself.
   */
  isLeaving(activity?: Activity): Promise<boolean>;
  /**
   * An encoded shard: these contents, and the xorbs that hold them. Of many, the first ones, and at least one: the others are
   * to be asked for again. ASSET_MISSING when one of all is not there.
   */
  manifest(contents: readonly Sha256[], activity?: Activity): Promise<Uint8Array>;
  /**
   * An encoded shard that lists xorbs holding these chunks, for those that the place has: they need not travel again.
   * `chunks`: their hashes, 32 bytes each.
   */
  locate(chunks: Uint8Array, activity?: Activity): Promise<Uint8Array>;
  /**
   * Stored bytes of a xorb from `start` on, unverified, as many as fit: straight into memory, since a piece of its own for
   * each that comes is most of the work. Gives how many there were.
   */
  readXorb(xorb: XetHash, start: number, into: Uint8Array, activity?: Activity): Promise<number>;
  /**
   * OBJECT_CORRUPT when the bytes are not what the name says; QUOTA_EXCEEDED. Again the same is no failure. `open` gives
   * the pieces from the start: not called when the xorb is there, and again after a connection broke.
   */
  writeXorb(xorb: XetHash, size: number, open: () => AsyncIterable<Uint8Array>, activity?: Activity): Promise<void>;
  /** After all its xorbs. OBJECT_CORRUPT or ASSET_MISSING when it names what is not there. */
  writeManifest(shard: Uint8Array, activity?: Activity): Promise<void>;
  /** Verified bytes of one content: also for those who may read only some assets. ASSET_MISSING. */
  read(sha256: Sha256, start?: number, end?: number, activity?: Activity): AsyncGenerator<Uint8Array>;
}

// ------------------------------------------------------------------------------------------------ places

export type PlaceAbilities = {
  /** Rights are kept by a server; else by the permissions of files or buckets, and ours are an agreement. */
  readonly enforced: boolean;
  /** Two may write at the same time: the bucket honours conditional writes. */
  readonly concurrent: boolean;
  /** Signing in is needed, and possible. */
  readonly signIn: boolean;
  readonly compute: boolean;
};

/** Where git finds a history, and what it must send to be let in. */
export type GitRemote = {
  readonly url: string;
  /** HTTP headers, secrets: never in arguments, files or messages. */
  readonly headers: Readonly<Record<string, string>>;
};

/** The namespaces of a place, as the signed-in user. Everything is decided by core/access, there or here. */
export interface INamespaces {
  whoAmI(): Promise<Identity>;
  list(): Promise<readonly NamespaceSummary[]>;
  /** The caller becomes its owner. NAMESPACE_EXISTS, NAME_INVALID, FORBIDDEN. */
  create(record: Pick<NamespaceRecord, 'name' | 'kind' | 'title' | 'label' | 'git'>): Promise<NamespaceView>;
  /** NAMESPACE_UNKNOWN also when the caller may not know of it. */
  view(name: string): Promise<NamespaceView>;
  /** FORBIDDEN, LABEL_REFUSED, QUOTA_EXCEEDED, LAST_OWNER, … */
  change(name: string, change: NamespaceChange): Promise<NamespaceView>;
  /** NAMESPACE_NOT_EMPTY unless `projects`. */
  delete(name: string, options: { readonly projects: boolean }): Promise<void>;
  /** The code is told this once. */
  createLink(name: string, request: LinkRequest): Promise<{ readonly link: Link; readonly code: string }>;
  /** What a link would give; nothing is taken, and nobody has to be signed in. LINK_INVALID as for `join`. */
  offer(code: string): Promise<LinkOffer>;
  /** LINK_INVALID when it is unknown, expired, revoked or used up. */
  join(code: string): Promise<Joined>;
  whoCan(name: string, object: AccessObject, principal?: Principal): Promise<readonly WhoCan[]>;
  /** Newest first. FORBIDDEN without `manage`; `activity` without `view`. */
  audit(name: string, query: AuditQuery): Promise<readonly AuditEvent[]>;
  activity(name: string, query: Pick<AuditQuery, 'project' | 'limit'>): Promise<readonly AuditEvent[]>;
}

/** Which contents every branch and tag leads to; null when there is none of them, so that nothing can be told. */
export type FindNeeded = () => Promise<ReadonlySet<Sha256> | null>;

/** One project of a namespace, as the signed-in user. */
export interface ISharedProject {
  readonly record: ProjectRecord;
  readonly rights: ProjectRights;
  readonly history: GitRemote;
  readonly assets: IRemoteAssets;
  /** Why a push to the branch is refused; null when it is not. */
  mayPush(branch: string): Promise<string | null>;
  /** After the refs moved: for the activity of places without a server, which see it themselves. */
  pushed(changes: readonly RefChange[]): Promise<void>;
  /**
   * Delete contents that no branch or tag has needed for the grace period. `needed` is asked where the place does not keep
   * the history itself. FORBIDDEN without `manage`; what `IStoredAssets.collect` throws.
   */
  collect(request: PlaceCollectionRequest, needed: FindNeeded, activity: Activity): Promise<PlaceCollection>;
  /** Who else is there; `mine` tells others where the caller is, null that they left. */
  presence(mine: Pick<Presence, 'branch' | 'document'> | null): Promise<readonly Presence[]>;
}

export interface IPlace {
  /** As it is written: no slash at the end. */
  readonly address: string;
  readonly kind: PlaceKind;
  readonly abilities: PlaceAbilities;
  readonly namespaces: INamespaces;
  /** NAMESPACE_UNKNOWN, PROJECT_UNKNOWN. */
  project(namespace: string, project: string): Promise<ISharedProject>;
  /**
   * A new kernel on an endpoint of a namespace; `kernel`: its kind, null = the endpoint's choice. FORBIDDEN without `run`;
   * COMPUTE_UNAVAILABLE also where `abilities.compute` is false.
   */
  startKernel(namespace: string, endpoint: string, kernel: string | null): Promise<IKernel>;
  close(): Promise<void>;
}

export type KnownPlace = {
  readonly address: string;
  readonly kind: PlaceKind;
  /** Milliseconds since 1970. */
  readonly used: number;
};

/** How this user gets to places. Tokens are kept in a private file of the user's, never in a project. */
export interface IPlaces {
  /** PLACE_UNKNOWN, PLACE_UNREACHABLE, SIGNED_OUT. The same place is connected to once. */
  connect(address: string): Promise<IPlace>;
  /** Last used first; at the end what was never used, but is named by whoever administers this machine. */
  known(): Promise<readonly KnownPlace[]>;
  /** SIGN_IN_FAILED. Without a token as `login` says. */
  signIn(address: string, token: string | null, activity: Activity): Promise<Identity>;
  /** Forgets the token. True when the hub took it back too, or there was none; false when the hub could not be asked. */
  signOut(address: string): Promise<boolean>;
  /** True when a hub answers at this http(s) address, or a place of ours lies in the folder or bucket. */
  isPlace(address: string): Promise<boolean>;
  /** The JupyterHub under which this runs; COMPUTE_UNAVAILABLE when it runs under none. */
  serverSharing(): IServerSharing;
  /** Kubeflow's access management at this address. ADDRESS_INVALID, COMPUTE_UNAVAILABLE when nobody says who the user is to it. */
  contributors(address: string): IContributors;
  close(): Promise<void>;
}
