/**
 * What core needs from the world. Every interface here is implemented in `src/node/` (and, for faults and tests, in
 * memory), and every implementation passes the conformance suites in `test/contract/`.
 *
 * Paths given to ports are absolute POSIX paths unless a method says "project path" (relative to the project root).
 */
import type { Commit, FileMode, Head, ObjectId, Person, Ref, RefChange, TreeChange, TreeEntry } from './model/git';
import type { PutResult, Sha256, StoredFile, XetHash } from './model/asset';

// ---------------------------------------------------------------------------------------------- file system

/** What `lstat` says. Times are nanoseconds since 1970; `ino` and `dev` identify the file while it exists. */
export type FileStat = {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly size: number;
  readonly mode: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly dev: bigint;
  readonly uid: number;
  readonly gid: number;
};

export type DirectoryEntry = {
  readonly name: string;
  readonly kind: FileStat['kind'];
};

/** An open file; offsets and lengths in bytes. */
export interface IFileHandle {
  read(buffer: Uint8Array, position: number): Promise<number>;
  /** Write all of `bytes` (short writes are continued). */
  write(bytes: Uint8Array, position: number): Promise<void>;
  stat(): Promise<FileStat>;
  /** Flush data and metadata to the device. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The file system. The only door to the disk: faults and power loss are injected here.
 * Failures are BranchbookErrors (DISK_FULL, PERMISSION_DENIED, PATH_UNKNOWN, IO); `lstat` and `readFile` answer null
 * for a path that does not exist and throw for everything else.
 */
export interface IFileSystem {
  lstat(path: string): Promise<FileStat | null>;
  /** As `lstat` for each path, in their order: much faster for thousands of files. */
  lstatAll(paths: readonly string[]): Promise<readonly (FileStat | null)[]>;
  readFile(path: string): Promise<Uint8Array | null>;
  readlink(path: string): Promise<string>;
  /** Sorted by name. PATH_UNKNOWN when the directory does not exist. */
  readdir(path: string): Promise<readonly DirectoryEntry[]>;
  /** `create` fails with IO (data.errno EEXIST) when the file exists: git's O_EXCL lock protocol. */
  open(path: string, flags: 'read' | 'create' | 'write', mode?: number): Promise<IFileHandle>;
  mkdir(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Hard link; fails with IO (EEXIST) when `to` exists. The no-clobber publication step. */
  link(from: string, to: string): Promise<void>;
  symlink(target: string, path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  /** Copy bytes, by reflink where the file system can. */
  copyFile(from: string, to: string): Promise<void>;
  /** Flush a directory's entries to the device. */
  syncDirectory(path: string): Promise<void>;
  /** Bytes free for this user on the file system holding `path`. */
  freeBytes(path: string): Promise<number>;
  /** Call `listener` (coalesced) whenever something below `paths` may have changed. */
  watch(paths: readonly string[], listener: () => void): IDisposable;
}

export interface IDisposable {
  dispose(): void;
}

// ---------------------------------------------------------------------------------------------- progress

/** One step of a long operation. `done` and `total` are in `unit`; total is null while unknown. */
export type Progress = {
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
  readonly unit: 'bytes' | 'files' | 'commits';
  /** The path being worked on, if any. */
  readonly path?: string;
};

export type ProgressListener = (progress: Progress) => void;

/** Passed to every call that may take long. */
export type Activity = {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
};

// ---------------------------------------------------------------------------------------------- git

/** git's own stat cache entry (index) for one tracked path. */
export type IndexEntry = {
  readonly path: string;
  readonly mode: FileMode;
  readonly oid: ObjectId;
  /** 0 normally; 1–3 while git has an unmerged path. */
  readonly stage: 0 | 1 | 2 | 3;
  /** Stat signature of the work-tree file when it was known to equal `oid`; null when unknown. */
  readonly stat: FileStat | null;
};

/** One path whose work-tree state differs from HEAD's tree. */
export type WorkTreeChange = {
  /** Project path. */
  readonly path: string;
  /** `untracked` is a new path git does not know; `added` one that is staged but not in HEAD. */
  readonly kind: 'untracked' | 'added' | 'modified' | 'removed' | 'unmerged';
  readonly head: TreeEntry | null;
  /** What the index says, when it has the path. */
  readonly index: TreeEntry | null;
  /** Stat of the work-tree file; null for `removed`. */
  readonly stat: FileStat | null;
  /** True when the path's attributes make it an asset (`filter=lfs`). */
  readonly asset: boolean;
};

export type Scan = {
  readonly head: Head;
  /** Tree of HEAD's commit; null when unborn. */
  readonly tree: ObjectId | null;
  /** Sorted by path. Complete: every path not listed equals HEAD. */
  readonly changes: readonly WorkTreeChange[];
};

/**
 * Gives the blob id that a work-tree file would have in git: the hash of its bytes, or of its pointer for an asset.
 * Called only for files whose stat signature does not settle the question. null = cannot tell (unreadable).
 */
export type CleanFilter = (
  path: string,
  stat: FileStat,
  asset: boolean,
  indexed: TreeEntry
) => Promise<ObjectId | null>;

/**
 * An open transaction on index, HEAD and refs. `<index>.lock` is held from `IGit.begin` on, so that no other git
 * program changes index or work tree meanwhile. Nothing is visible before `commit`; `commit` verifies and locks all
 * refs (compare-and-swap), renames the index, then renames the refs: git never sees a new HEAD with an old index.
 */
export interface IGitTransaction {
  /** Entries of the index as it was when the lock was taken, sorted by path. */
  readonly entries: readonly IndexEntry[];
  /** Record that `path` is `entry` in the index; `stat` is the work-tree file known to hold that content, if any. */
  set(entry: TreeEntry, stat: FileStat | null): void;
  remove(path: string): void;
  /**
   * Publish. `head` moves HEAD itself (switch), `refs` move branches. `reflog` is the reflog line's message.
   * REF_CONFLICT when a ref is not at its `from`; then nothing changed and the transaction is rolled back.
   */
  commit(change: {
    readonly head?: Head;
    readonly refs?: readonly RefChange[];
    readonly reflog: string;
  }): Promise<void>;
  rollback(): Promise<void>;
}

export type HistoryOptions = {
  /** Stop after this many commits. */
  readonly limit?: number;
  /** Only commits that change one of these project paths (or something below them). */
  readonly paths?: readonly string[];
};

/** Blobs that are written together, which is much faster than one by one. */
export interface IBlobBatch {
  /** The blob may be unreadable until `commit`. `bytes` must not change afterwards. */
  write(bytes: Uint8Array): Promise<ObjectId>;
  /** Everything written is on the device on return. */
  commit(): Promise<void>;
}

/** A git repository with a work tree, changed only through git's own lock-file protocol. */
export interface IGit {
  /** Absolute path of the work tree's top. */
  readonly root: string;
  /** Absolute path of this work tree's git directory (`.git`, or `.git/worktrees/<name>` in a linked one). */
  readonly gitDir: string;
  /** Absolute path of the shared git directory (`.git`); the same as `gitDir` except in a linked worktree. */
  readonly commonDir: string;

  // refs
  head(): Promise<Head>;
  refs(prefix: string): Promise<readonly Ref[]>;
  /** git revision syntax: names, ids and prefixes, `~n`, `^n`, `@`, `@{n}`, `@{date}`, `name@{date}`, tags (peeled). */
  resolve(revision: string): Promise<ObjectId>;
  updateRefs(changes: readonly RefChange[], reflog: string): Promise<void>;
  /** Branch name to upstream or last-used time (seconds), from the reflogs; for "recent first". */
  lastUsed(): Promise<ReadonlyMap<string, number>>;
  /** True when the commit was made in this clone, by its reflogs; false also when they have forgotten. */
  isMadeHere(commit: ObjectId): Promise<boolean>;

  // objects
  readCommit(commit: ObjectId): Promise<Commit>;
  readBlob(blob: ObjectId): Promise<Uint8Array>;
  writeBlob(bytes: Uint8Array): Promise<ObjectId>;
  beginBlobs(): IBlobBatch;
  hashBlob(bytes: Uint8Array): Promise<ObjectId>;
  /** Write `base` with `changes` applied (null removes a path). Returns the new root tree. Durable on return. */
  writeTree(base: ObjectId | null, changes: ReadonlyMap<string, Omit<TreeEntry, 'path'> | null>): Promise<ObjectId>;
  writeCommit(commit: Omit<Commit, 'oid'>): Promise<ObjectId>;
  diffTrees(from: ObjectId | null, to: ObjectId | null, under?: readonly string[]): Promise<readonly TreeChange[]>;
  /** The entry at a project path of a tree, or null. */
  entry(tree: ObjectId, path: string): Promise<TreeEntry | null>;
  /** All files of a tree below `under` (default: everything), sorted by path. */
  listTree(tree: ObjectId, under?: string): Promise<readonly TreeEntry[]>;
  /** The best common ancestors, newest first: several after criss-cross merges, none when nothing is in common. */
  mergeBases(a: ObjectId, b: ObjectId): Promise<readonly ObjectId[]>;
  isAncestor(ancestor: ObjectId, descendant: ObjectId): Promise<boolean>;
  /** How many commits only `commit` reaches (ahead), and only `base` (behind). */
  distance(base: ObjectId, commit: ObjectId): Promise<{ readonly ahead: number; readonly behind: number }>;
  /** Newest first. */
  history(start: ObjectId, options?: HistoryOptions): AsyncGenerator<Commit>;

  // work tree
  scan(clean: CleanFilter, under?: readonly string[]): Promise<Scan>;
  begin(): Promise<IGitTransaction>;
  /** True when the path's attributes say `filter=lfs` (work tree's .gitattributes, .git/info/attributes). */
  isAsset(path: string): Promise<boolean>;
  isIgnored(path: string): Promise<boolean>;
  /** `merge`, `rebase`, `cherry-pick`, `revert`, `bisect` or null: what plain git is in the middle of. */
  stateInProgress(): Promise<string | null>;
  worktrees(): Promise<readonly { readonly root: string; readonly branch: string | null }[]>;
  addWorktree(root: string, branch: string): Promise<void>;

  // configuration
  config(key: string): Promise<string | null>;
  setConfig(key: string, value: string): Promise<void>;
  /** IDENTITY_MISSING when user.name or user.email is not set anywhere git looks. */
  identity(): Promise<Person>;
}

// ---------------------------------------------------------------------------------------------- asset store

export type ChunkLocation = {
  readonly hash: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly length: number;
  readonly xorb: XetHash;
};

export type StoreFinding = {
  readonly severity: 'error' | 'warning';
  readonly code: 'MISSING' | 'CORRUPT' | 'UNREADABLE' | 'GARBAGE';
  /** What is damaged: a pack, a shard, a file by its sha256. */
  readonly object: string;
  readonly message: string;
  readonly repair: string;
};

/** Files added together become durable and visible together. */
export interface IStoreSession {
  /**
   * Chunk and store one file in one pass. FILE_CHANGED when its stat signature moved meanwhile;
   * FILE_UNREADABLE when it cannot be read; CANCELLED by the signal.
   */
  add(path: string, activity?: Activity): Promise<PutResult>;
  /** Make everything added durable, packs before manifests. */
  commit(): Promise<void>;
  /** Forget everything added; what was written becomes garbage. */
  abort(): Promise<void>;
}

/** Deduplicated, verified storage of file contents, named by SHA-256. */
export interface IAssetStore {
  begin(): Promise<IStoreSession>;
  has(sha256: Sha256): Promise<boolean>;
  info(sha256: Sha256): Promise<StoredFile | null>;
  chunks(sha256: Sha256): Promise<readonly ChunkLocation[]>;
  /** Write the content to a new file at `destination`, verified and flushed. ASSET_MISSING, OBJECT_CORRUPT, DISK_FULL. */
  materialize(sha256: Sha256, destination: string, activity?: Activity): Promise<void>;
  /** Verified bytes of `[start, end)`, in pieces of at most 1 MiB. */
  read(sha256: Sha256, start?: number, end?: number): AsyncGenerator<Uint8Array>;
  /** Verify structure, and with `readData` every byte. */
  check(options: { readonly readData: boolean } & Activity): AsyncGenerator<StoreFinding>;
  /** SHA-256 of a file's bytes, streamed off the main thread. */
  hashFile(path: string, activity?: Activity): Promise<Sha256>;
}

// ---------------------------------------------------------------------------------------------- the rest

export interface IClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Minutes east of UTC. */
  offset(): number;
  /** Resolve after this many milliseconds. */
  sleep(milliseconds: number): Promise<void>;
}

/** A process of this machine, named so that a later process with the same number is not mistaken for it. */
export type ProcessId = {
  readonly pid: number;
  /** When it started (boot and clock tick, where the system says so); part of the identity. */
  readonly start: string;
};

/** Who we are, and whether the process that left a lock or a journal behind still runs. */
export interface IProcesses {
  readonly self: ProcessId;
  /** Name of this machine: numbers of processes mean nothing on others, nor in other containers. */
  readonly host: string;
  isAlive(process: ProcessId): Promise<boolean>;
}

export interface IRandom {
  /** `bytes` random bytes as lower-case hexadecimal. */
  hex(bytes: number): string;
}

/** Line merge of text, three-way (diff3). null when both sides changed the same lines. */
export type TextMerge = (base: string, ours: string, theirs: string) => string | null;

/** The value that a YAML document describes. FORMAT_INVALID when it is not YAML. */
export type ParseYaml = (text: string) => unknown;

/** Everything an operation works on. Opened once per project by the composition root. */
export interface IProject {
  readonly root: string;
  readonly git: IGit;
  readonly files: IFileSystem;
  readonly store: IAssetStore;
  readonly clock: IClock;
  readonly random: IRandom;
  readonly processes: IProcesses;
  readonly mergeText: TextMerge;
  readonly parseYaml: ParseYaml;
  /** `<commonDir>/branchbook`: store, journal, materialized, operation log. */
  readonly home: string;
  /** The argument vector that starts this program: git's filters run it. */
  readonly program: readonly string[];
  /** The same repository seen from another of its work trees. Shares the store; needs no closing. */
  at(root: string): Promise<IProject>;
}

/** A project with what has to be given back (worker threads, watchers) when nobody needs it any more. */
export interface IOpenProject extends IProject {
  close(): Promise<void>;
}

/**
 * Open the project that holds an absolute path. NOT_A_PROJECT when none does; with `create`, the git repository there
 * (made when there is none) is opened although `init` has not run yet.
 */
export type OpenProject = (path: string, options?: { readonly create?: boolean }) => Promise<IOpenProject>;
