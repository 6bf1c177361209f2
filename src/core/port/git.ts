import type {
  Commit,
  FileMode,
  Head,
  ObjectId,
  Person,
  Ref,
  RefChange,
  TreeChange,
  TreeEntry,
  TreeItem
} from '../model/git';
import type { FileStat } from './file-system';
import type { Activity } from './progress';
import type { ITransport } from './transport';

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

/** The index as it was when somebody looked. */
export interface IIndex {
  /** Sorted by their bytes; an unmerged path is there once for each stage. */
  readonly paths: readonly string[];
  /** One entry; those of all stages of an unmerged path; none for a path it does not have. */
  entriesAt(path: string): readonly IndexEntry[];
}

/**
 * An open transaction on index, HEAD and refs; its `paths` and `entriesAt` show the index as the lock was taken. `<index>.lock` is held from `IGit.begin` on, so that no other git
 * program changes index or work tree meanwhile. Nothing is visible before `commit`; `commit` verifies and locks all
 * refs (compare-and-swap), renames the index, then renames the refs: git never sees a new HEAD with an old index.
 */
export interface IGitTransaction extends IIndex {
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

/** Everything that git itself would keep: what refs, HEADs, reflogs and indexes of all work trees name. */
export type GitRoots = {
  /** Id to what names it, for people. All of them exist. */
  readonly commits: ReadonlyMap<ObjectId, string>;
  readonly blobs: ReadonlyMap<ObjectId, string>;
  /** Commits whose parents are not here, because the clone is shallow. */
  readonly shallow: ReadonlySet<ObjectId>;
};

/** What a path of a new tree should be: a file, or a whole folder that is in the repository already or in the batch. */
export type NewTreeEntry = Omit<TreeItem, 'name'>;

/** Objects of all kinds that are written together: for rewriting histories. */
export interface IObjectBatch extends IBlobBatch {
  /** `base`, which must be readable, with `changes` applied by path (null removes one). */
  writeTree(base: ObjectId | null, changes: ReadonlyMap<string, NewTreeEntry | null>): Promise<ObjectId>;
  /**
   * The commit again with another tree and other parents. Author, committer, dates and message are the same byte for
   * byte; a signature, which would no longer fit, is left out.
   */
  rewriteCommit(commit: ObjectId, tree: ObjectId, parents: readonly ObjectId[]): Promise<ObjectId>;
  /** The annotated tag again, leading to `target`, without its signature. Tags of tags become tags of the target. */
  rewriteTag(tag: ObjectId, target: ObjectId): Promise<ObjectId>;
}

/** A git repository with a work tree, changed only through git's own lock-file protocol. */
export interface IGit {
  /** Absolute path of the work tree's top. */
  readonly root: string;
  /** Absolute path of this work tree's git directory (`.git`, or `.git/worktrees/<name>` in a linked one). */
  readonly gitDir: string;
  /** Absolute path of the shared git directory (`.git`); the same as `gitDir` except in a linked worktree. */
  readonly commonDir: string;

  /** Talking to remotes. */
  readonly transport: ITransport;

  // refs
  head(): Promise<Head>;
  refs(prefix: string): Promise<readonly Ref[]>;
  /** git revision syntax: names, ids and prefixes, `~n`, `^n`, `@`, `@{n}`, `@{date}`, `name@{date}`, tags (peeled). */
  resolve(revision: string): Promise<ObjectId>;
  updateRefs(changes: readonly RefChange[], reflog: string): Promise<void>;
  /**
   * For collectors. A ref, HEAD or index that cannot be read is a failure, never nothing: OBJECT_CORRUPT, FORMAT_INVALID,
   * REPOSITORY_UNSUPPORTED; LOCKED while git is writing an index. Entries of reflogs that git has forgotten are left out.
   */
  roots(): Promise<GitRoots>;
  /** Branch name to upstream or last-used time (seconds), from the reflogs; for "recent first". */
  lastUsed(): Promise<ReadonlyMap<string, number>>;
  /** True when the commit was made in this clone, by its reflogs; false also when they have forgotten. */
  isMadeHere(commit: ObjectId): Promise<boolean>;

  // objects
  hasObject(oid: ObjectId): Promise<boolean>;
  readCommit(commit: ObjectId): Promise<Commit>;
  readBlob(blob: ObjectId): Promise<Uint8Array>;
  /** The same for many, one after the other in their order, which opens packs once. null stands for no blob. */
  readBlobs(
    blobs: readonly (ObjectId | null)[],
    visit: (position: number, content: Uint8Array | null) => Promise<void>
  ): Promise<void>;
  /** Take an object that is missing or damaged here from another git directory, verified. False when it has none. */
  takeObject(oid: ObjectId, gitDir: string): Promise<boolean>;
  writeBlob(bytes: Uint8Array): Promise<ObjectId>;
  beginBlobs(): IBlobBatch;
  beginObjects(): IObjectBatch;
  readTree(tree: ObjectId): Promise<readonly TreeItem[]>;
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
  /** Commits that `tips` reach and `known` do not, newest first. All of them must be here. */
  commitsOnlyIn(tips: readonly ObjectId[], known: readonly ObjectId[]): Promise<readonly Commit[]>;
  /** Newest first. */
  history(start: ObjectId, options?: HistoryOptions): AsyncGenerator<Commit>;

  // work tree
  /** Regular files of the index whose size (bytes) on disk, when last known, `accepts` takes, or is not known. */
  indexedBySize(accepts: (size: number) => boolean): Promise<readonly IndexEntry[]>;
  scan(clean: CleanFilter, under?: readonly string[]): Promise<Scan>;
  begin(): Promise<IGitTransaction>;
  /** What the index lists (of an unmerged path, all sides), without taking its lock. FORMAT_INVALID when damaged. */
  indexed(): Promise<readonly TreeEntry[]>;
  /** True when the path's attributes say `filter=lfs` (work tree's .gitattributes, .git/info/attributes). */
  isAsset(path: string): Promise<boolean>;
  /** `isAsset` for many paths of one operation: every file of attributes is looked at once. */
  assetRules(): (path: string) => Promise<boolean>;
  isIgnored(path: string): Promise<boolean>;
  /** `merge`, `rebase`, `cherry-pick`, `revert`, `bisect` or null: what plain git is in the middle of. */
  stateInProgress(): Promise<string | null>;
  worktrees(): Promise<readonly { readonly root: string; readonly branch: string | null }[]>;
  addWorktree(root: string, branch: string): Promise<void>;

  /** Bring the contents of all pointers of all branches with git-lfs, from the remote it would take. IO when it fails. */
  fetchLfs(activity: Activity): Promise<void>;

  // configuration
  config(key: string): Promise<string | null>;
  /** Where remotes are, as configured: `remote.<name>.url`. */
  remotes(): Promise<readonly { readonly name: string; readonly url: string }[]>;
  setConfig(key: string, value: string): Promise<void>;
  /** Remove every setting of a section of the repository's own file: `remote.origin`. */
  removeConfig(section: string): Promise<void>;
  /** IDENTITY_MISSING when user.name or user.email is not set anywhere git looks. */
  identity(): Promise<Person>;
}
