/** What each verb takes and gives. Plain data: the same for the command line (`--json`), the service, Lab and Python. */
import type { AssetFacts, AssetKind, Provenance, Sha256 } from './asset';
import type { CompareArgs, CompareResult } from './compare';
import type { Content } from './content';
import type { DiffArgs, DiffResult } from './diff';
import type { Head, ObjectId, Person } from './git';
import type {
  CheckArgs,
  CheckResult,
  Deduplication,
  GcArgs,
  GcResult,
  MigrateArgs,
  MigrateResult
} from './maintenance';
import type { MergeArgs, MergeResult } from './merge';
import type {
  CloneArgs,
  CloneResult,
  ComputeArgs,
  ComputeResult,
  JoinArgs,
  JoinResult,
  LoginArgs,
  LoginResult,
  LogoutArgs,
  LogoutResult,
  MemberArgs,
  MemberResult,
  NamespaceArgs,
  NamespaceResult,
  PullArgs,
  PullResult,
  PushArgs,
  PushResult,
  RemoteArgs,
  RemoteResult,
  ShareArgs,
  ShareResult
} from './sharing';
import type { PageArgs } from './table';
import type { Anomaly, SchemaArgs, SchemaResult } from './table-schema';
import type { ChangeKind, FileChange, SnapshotInfo } from './snapshot';

// ------------------------------------------------------------------------------------------------ shared

export type AssetVersion = SnapshotInfo & {
  readonly path: string;
  /** `path@<short id>`, usable in any verb. */
  readonly address: string;
  /** null when the version is stored in git itself (a small file), or the path was removed by this snapshot. */
  readonly sha256: Sha256 | null;
  /** Bytes; null when the path was removed by this snapshot. */
  readonly size: number | null;
  readonly facts: AssetFacts | null;
  /** True for the version in the work tree's HEAD. */
  readonly current: boolean;
  /** Bytes that no version before it had; null where that is not known: small files, and content that is not here. */
  readonly newBytes?: number | null;
  /** With `all`: the branches and tags whose history has the version. */
  readonly containedIn?: readonly RefName[];
};

/** A branch or tag as people name it; `remote` branches are `origin/main`. */
export type RefName = { readonly kind: 'branch' | 'remote' | 'tag'; readonly name: string };

// ------------------------------------------------------------------------------------------------ verbs

export type InitArgs = {
  /** Name and email to store in the repository's config, when git knows none. */
  readonly identity?: Person;
};
export type InitResult = {
  readonly root: string;
  /** False when the folder was a project already. */
  readonly created: boolean;
  /** Asset patterns now in .gitattributes. */
  readonly patterns: readonly string[];
  readonly branch: string;
  /** Things the user should know: for example tracked files that match the patterns. */
  readonly notices: readonly string[];
};

export type StatusArgs = Record<string, never>;
/** An asset that is on disk as its pointer only. */
export type AbsentAsset = {
  readonly path: string;
  /** Bytes of its content. */
  readonly size: number;
  /** True when the store has the content, so that `get` brings it at once. */
  readonly stored: boolean;
};
export type StatusResult = {
  readonly root: string;
  readonly head: Head;
  /** Branch name, or the short id when detached. */
  readonly branch: string;
  readonly changes: readonly FileChange[];
  readonly clean: boolean;
  /** `merge`, `rebase`, … when plain git is in the middle of something. */
  readonly inProgress: string | null;
  readonly identity: Person | null;
  /** Why a switch would be refused now, one sentence each; empty when every switch is safe. */
  readonly obstacles: readonly string[];
  /** What `switch --only` chose for this work tree; null = everything. */
  readonly only: readonly string[] | null;
  readonly absent: readonly AbsentAsset[];
  /** Words for people: what changed. */
  readonly summary: string;
};

export type TrackArgs = { readonly patterns: readonly string[] };
export type TrackResult = { readonly added: readonly string[]; readonly patterns: readonly string[] };

export type SnapshotArgs = {
  /** Project paths of files or folders; empty or missing = everything changed. */
  readonly paths?: readonly string[];
  readonly message?: string;
  readonly provenance?: Provenance;
  readonly facts?: readonly AssetFacts[];
  /** Make a commit even when nothing changed. */
  readonly allowEmpty?: boolean;
  /** Make it although a table breaks rules of its schema that are marked `fail`. */
  readonly allowAnomalies?: boolean;
};
export type SnapshotAsset = {
  readonly path: string;
  readonly sha256: Sha256;
  readonly size: number;
  /** Bytes the store did not have before. */
  readonly newBytes: number;
  /** The version before this one on this branch. */
  readonly previous: { readonly size: number; readonly facts: AssetFacts | null } | null;
  readonly facts: AssetFacts | null;
};
export type SnapshotResult = {
  readonly snapshot: SnapshotInfo;
  readonly branch: string;
  readonly changes: readonly FileChange[];
  readonly assets: readonly SnapshotAsset[];
  /** What tables that changed have that their schemas do not expect; missing when none has a schema. */
  readonly anomalies?: readonly Anomaly[];
  /** Things the user should know: files newly tracked as assets, and so on. */
  readonly notices: readonly string[];
  readonly milliseconds: number;
};

export type BranchArgs =
  | { readonly action: 'list' }
  | { readonly action: 'create'; readonly name: string; readonly from?: string; readonly switch?: boolean }
  | { readonly action: 'rename'; readonly name: string; readonly to: string }
  | { readonly action: 'delete'; readonly name: string; readonly force?: boolean }
  /** Make a git worktree of the branch beside the project, for side-by-side work. */
  | { readonly action: 'worktree'; readonly name: string };
export type BranchInfo = {
  readonly name: string;
  readonly current: boolean;
  readonly commit: ObjectId;
  readonly subject: string;
  readonly time: string;
  /** Seconds since 1970 when it was last checked out here, from the reflog; null if never. */
  readonly lastUsed: number | null;
  /** Absolute path of the worktree that has it checked out, if another one does. */
  readonly worktree: string | null;
};
export type BranchResult = {
  readonly branches: readonly BranchInfo[];
  /** For create, rename and worktree: the branch concerned. */
  readonly branch?: string;
  readonly worktree?: string;
  readonly notices?: readonly string[];
  /** For create with `switch`. */
  readonly switched?: SwitchResult;
};

export type SwitchArgs = {
  /** Branch name, or any revision with `detach`. */
  readonly branch: string;
  readonly detach?: boolean;
  /** `park`: snapshot the unsnapshotted changes on the current branch first. `discard` never loses: it can be undone. */
  readonly changes?: 'refuse' | 'park' | 'discard';
  /**
   * Patterns as in .gitattributes: only assets that match come as files, the others stand as pointers. Remembered for
   * this work tree until `all` or other patterns.
   */
  readonly only?: readonly string[];
  /** Every asset comes again. */
  readonly all?: boolean;
};
export type SwitchResult = {
  readonly from: string;
  readonly to: string;
  readonly commit: ObjectId;
  /** Project paths, so that open tabs can follow. */
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Unsnapshotted paths that stayed as they were because both branches agree on them. */
  readonly carried: readonly string[];
  /** Snapshot made by `park`. */
  readonly parked: ObjectId | null;
  /** Things the user should know: assets left out, snapshots of a detached HEAD that no branch has. */
  readonly notices: readonly string[];
  readonly milliseconds: number;
};

export type { CompareArgs, CompareResult, MetricRow } from './compare';

export type VersionsArgs = {
  readonly path: string;
  readonly revision?: string;
  readonly limit?: number;
  /** The versions of all branches and tags, each once; not with `revision`. */
  readonly all?: boolean;
};
export type VersionsResult = { readonly path: string; readonly versions: readonly AssetVersion[] };

export type AssetsArgs = { readonly revision?: string };
/** One row of the data-version panel. */
export type AssetInfo = {
  readonly path: string;
  readonly kind: AssetKind;
  /** Bytes of the version in HEAD, or of the file when it was never snapshotted. */
  readonly size: number;
  readonly last: SnapshotInfo | null;
  readonly change: ChangeKind | null;
  /** False when the content is neither on disk nor in a store we can reach. */
  readonly here: boolean;
  /** True when its pointer stands on disk in place of the content. */
  readonly standIn: boolean;
};
export type AssetsResult = { readonly branch: string; readonly assets: readonly AssetInfo[] };

export type ShowArgs = {
  readonly address: string;
  readonly chunks?: boolean;
  readonly dedup?: boolean;
  /** Which branches and tags hold it now. */
  readonly used?: boolean;
  /** Describe what is in the version. */
  readonly content?: boolean;
  /** Tables: statistics of every column. */
  readonly statistics?: boolean;
  /** Tables: some of the rows. */
  readonly page?: PageArgs;
  /** Tables in text files: how to read them, where it is not to be found out. `delimiter`, `quote`, `header`, … */
  readonly dialect?: Readonly<Record<string, string>>;
  /** `address` is a project path: the file as it is on disk, whether or not any snapshot has it. */
  readonly workTree?: boolean;
};
export type ShowResult =
  | {
      readonly kind: 'snapshot';
      readonly snapshot: SnapshotInfo;
      readonly changes: readonly FileChange[];
      /** With `content`, of a folder of tables of one format: they are one table. */
      readonly content?: Content;
    }
  | {
      /** With `workTree`. */
      readonly kind: 'file';
      readonly path: string;
      /** Bytes. */
      readonly size: number;
      readonly assetKind: AssetKind | 'notebook' | 'code';
      readonly content?: Content;
    }
  | {
      readonly kind: 'version';
      readonly version: AssetVersion;
      readonly assetKind: AssetKind | 'notebook' | 'code';
      readonly xetHash: string | null;
      /** With `used`: branches and tags that hold exactly this content at this path now. */
      readonly usedBy?: readonly RefName[];
      /** With `content`, `statistics` or `page`. */
      readonly content?: Content;
      readonly dedup?: Deduplication;
      readonly chunks?: readonly {
        readonly hash: string;
        readonly offset: number;
        readonly length: number;
        readonly xorb: string;
      }[];
    };

export type RestoreArgs = { readonly addresses: readonly string[]; readonly revision?: string };
export type RestoreResult = {
  readonly restored: readonly { readonly path: string; readonly from: ObjectId; readonly size: number | null }[];
  readonly notices: readonly string[];
};

export type GetArgs = {
  readonly address: string;
  /** Absolute path to write to; missing = a read-only copy in the project's cache. */
  readonly output?: string;
};
export type GetResult = {
  readonly path: string;
  /** Absolute path of a file with exactly that content. */
  readonly file: string;
  readonly size: number;
  readonly snapshot: ObjectId;
  readonly facts: AssetFacts | null;
  /** True when that version was made by this user in this clone, so that unpickling it is no new trust. */
  readonly trusted: boolean;
};

export type UndoArgs = {
  /** Only tell what was done, and what undo and redo would do next. */
  readonly list?: boolean;
  /** Put back the operation undone last instead. */
  readonly redo?: boolean;
};
export type OperationRecord = {
  readonly id: string;
  readonly time: string;
  /** For example `switch main → experiment-1`. */
  readonly description: string;
  readonly verb: string;
  readonly undone: boolean;
};
export type UndoResult = {
  readonly undone: OperationRecord | null;
  /** With `redo`: the operation that was put back. */
  readonly redone: OperationRecord | null;
  /** What the next undo takes back, and what the next redo puts back. */
  readonly nextUndo: OperationRecord | null;
  readonly nextRedo: OperationRecord | null;
  /** The last hundred, oldest first; undos and redos are operations too. */
  readonly operations: readonly OperationRecord[];
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly notices: readonly string[];
};

// ------------------------------------------------------------------------------------------------ the table

/** Every verb with what it takes and gives. */
export type Verbs = {
  init: { args: InitArgs; result: InitResult };
  status: { args: StatusArgs; result: StatusResult };
  track: { args: TrackArgs; result: TrackResult };
  snapshot: { args: SnapshotArgs; result: SnapshotResult };
  branch: { args: BranchArgs; result: BranchResult };
  switch: { args: SwitchArgs; result: SwitchResult };
  merge: { args: MergeArgs; result: MergeResult };
  compare: { args: CompareArgs; result: CompareResult };
  diff: { args: DiffArgs; result: DiffResult };
  versions: { args: VersionsArgs; result: VersionsResult };
  assets: { args: AssetsArgs; result: AssetsResult };
  show: { args: ShowArgs; result: ShowResult };
  restore: { args: RestoreArgs; result: RestoreResult };
  get: { args: GetArgs; result: GetResult };
  undo: { args: UndoArgs; result: UndoResult };
  check: { args: CheckArgs; result: CheckResult };
  gc: { args: GcArgs; result: GcResult };
  migrate: { args: MigrateArgs; result: MigrateResult };
  schema: { args: SchemaArgs; result: SchemaResult };
  push: { args: PushArgs; result: PushResult };
  pull: { args: PullArgs; result: PullResult };
  remote: { args: RemoteArgs; result: RemoteResult };
  clone: { args: CloneArgs; result: CloneResult };
  namespace: { args: NamespaceArgs; result: NamespaceResult };
  member: { args: MemberArgs; result: MemberResult };
  share: { args: ShareArgs; result: ShareResult };
  join: { args: JoinArgs; result: JoinResult };
  compute: { args: ComputeArgs; result: ComputeResult };
  login: { args: LoginArgs; result: LoginResult };
  logout: { args: LogoutArgs; result: LogoutResult };
};

export type Verb = keyof Verbs;

/** Verbs that work in any folder, in a project or not. */
export const accountVerbs = ['clone', 'namespace', 'member', 'share', 'join', 'compute', 'login', 'logout'] as const;
export type AccountVerb = (typeof accountVerbs)[number];
export type ProjectVerb = Exclude<Verb, AccountVerb>;
