/** Index, HEAD and refs changed together. See IGitTransaction for the order and why. */
import { hasCode } from '../../core/error';
import type { Head, RefChange, TreeEntry } from '../../core/model/git';
import { checkPath } from '../../core/model/path';
import type { FileStat, IFileSystem, IGitTransaction, IndexEntry } from '../../core/port';
import { compareBytes } from './bytes';
import type { CacheTree } from './cache-tree';
import { buildCacheTree, invalidatePath } from './cache-tree';
import type { IndexFile, IndexStat, RawIndexEntry } from './index-file';
import { encodeIndex, toFileStat, toIndexStat, unknownStat } from './index-file';
import type { LockFile } from './lock-file';
import type { ObjectDatabase } from './objects';
import { outcomeUnknown, RefTransaction } from './ref-transaction';
import type { RefTransactionOptions } from './ref-transaction';

const BILLION = 1_000_000_000n;
const EMPTY_BLOB = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';
/** A file written now may bear the time of the clock's last tick, at most this many milliseconds ago. */
const CLOCK_TICK = 20;

/**
 * True when a file that changed after its stat was taken, at `time` (nanoseconds) or later, could look the same: its
 * stat proves nothing. git takes the time at which the index was written, and most builds of git compare only whole
 * seconds, so finer times would call safe what plain git then takes for unchanged (Documentation/technical/racy-git.adoc).
 */
export function isRacy(stat: IndexStat, time: bigint): boolean {
  return stat.mtimeSeconds >= Number(BigInt.asUintN(32, time / BILLION));
}

/** Now, as the time that a file changed from now on may bear at the earliest; nanoseconds. */
export function earliestChange(): bigint {
  return BigInt(Date.now() - CLOCK_TICK) * 1_000_000n;
}

/** Whether the entry says anything about the file. git makes racy entries look empty. */
export function isKnown({ oid, stat }: RawIndexEntry): boolean {
  return stat.mtimeSeconds !== 0 && (stat.size !== 0 || oid === EMPTY_BLOB);
}

/** What `IGitTransaction.entries` shows of an entry. */
export function toIndexEntry(entry: RawIndexEntry, indexTime: bigint): IndexEntry {
  const known = isKnown(entry) && !isRacy(entry.stat, indexTime);
  return {
    path: entry.path,
    mode: entry.mode,
    oid: entry.oid,
    stage: entry.stage,
    stat: known ? toFileStat(entry) : null
  };
}

const keyOf = (path: string, stage: number): string => `${path}\0${stage}`;

/** Collects changes to an index. */
export class IndexEditor {
  private readonly _entries: Map<string, RawIndexEntry>;
  private readonly _touched = new Set<string>();
  private readonly _cacheTree: CacheTree | null;

  constructor(
    index: IndexFile,
    private readonly _indexTime: bigint
  ) {
    this._entries = new Map(index.entries.map(entry => [keyOf(entry.path, entry.stage), entry]));
    this._cacheTree = index.cacheTree;
  }

  /** `stat` has only just been taken. A later change that git could not tell from it must not go unnoticed. */
  set(entry: TreeEntry, stat: FileStat | null): void {
    checkPath(entry.path);
    const key = keyOf(entry.path, 0);
    const old = this._entries.get(key);
    const same = old?.oid === entry.oid && old.mode === entry.mode;
    this.remove(entry.path, same);
    this._touched.add(key);
    this._entries.set(key, {
      path: entry.path,
      mode: entry.mode,
      oid: entry.oid,
      stage: 0,
      stat: stat ? trusted(toIndexStat(stat), earliestChange()) : unknownStat,
      assumeValid: false,
      skipWorktree: false,
      intentToAdd: false
    });
  }

  /** `keepTree`: the folder's tree stays what it was. */
  remove(path: string, keepTree = false): void {
    for (const stage of [0, 1, 2, 3]) {
      this._entries.delete(keyOf(path, stage));
    }
    if (this._cacheTree && !keepTree) {
      invalidatePath(this._cacheTree, path);
    }
  }

  /** The index to write. With `head`, its folders that equal that tree are marked so. */
  async result(head: { readonly tree: string; readonly objects: ObjectDatabase } | null): Promise<IndexFile> {
    const entries = [...this._entries]
      .map(([key, entry]) =>
        this._touched.has(key) ? entry : { ...entry, stat: trusted(entry.stat, this._indexTime) }
      )
      .sort((a, b) => compareBytes(a.path, b.path) || a.stage - b.stage);
    const cacheTree = head
      ? await buildCacheTree(head.tree, entries, this._cacheTree, oid => head.objects.readTree(oid))
      : this._cacheTree;
    return { entries, cacheTree };
  }
}

/** An entry that was racy in the old index must not look trustworthy in the new, younger one. */
function trusted(stat: IndexStat, time: bigint): IndexStat {
  return isRacy(stat, time) ? unknownStat : stat;
}

export type IndexTransactionOptions = {
  readonly files: IFileSystem;
  readonly objects: ObjectDatabase;
  readonly gitDir: string;
  readonly lock: LockFile;
  readonly index: IndexFile;
  /** Modification time of the index, nanoseconds. */
  readonly indexTime: bigint;
  readonly refOptions: (message: string) => Promise<RefTransactionOptions>;
};

export class IndexTransaction implements IGitTransaction {
  readonly entries: readonly IndexEntry[];
  private readonly _editor: IndexEditor;
  private _open = true;

  constructor(private readonly _options: IndexTransactionOptions) {
    this.entries = _options.index.entries.map(entry => toIndexEntry(entry, _options.indexTime));
    this._editor = new IndexEditor(_options.index, _options.indexTime);
  }

  set(entry: TreeEntry, stat: FileStat | null): void {
    this._editor.set(entry, stat);
  }

  remove(path: string): void {
    this._editor.remove(path);
  }

  async commit(change: {
    readonly head?: Head;
    readonly refs?: readonly RefChange[];
    readonly reflog: string;
  }): Promise<void> {
    const refs = change.refs ?? [];
    let prepared: RefTransaction | null = null;
    try {
      if (refs.length > 0 || change.head) {
        prepared = await RefTransaction.prepare(await this._options.refOptions(change.reflog), refs, change.head);
      }
      const index = await this._editor.result(await this._headTree(change));
      await this._publish(encodeIndex(index), prepared);
    } finally {
      await prepared?.release();
      await this.rollback();
    }
  }

  /** OUTCOME_UNKNOWN when the index is new and cannot be put back, or when refs have moved and it must not be. */
  private async _publish(bytes: Uint8Array, prepared: RefTransaction | null): Promise<void> {
    const { files, gitDir, lock } = this._options;
    const before = await files.lstat(lock.path);
    try {
      await lock.replace(bytes);
      await files.syncDirectory(gitDir);
      await prepared?.publish();
    } catch (error) {
      if (!hasCode(error, 'OUTCOME_UNKNOWN')) {
        await this._putBack(before, error);
      }
      throw error;
    }
  }

  /** Write the old index again: refs that did not move need it. The lock is still held, so nobody else has changed it. */
  private async _putBack(before: FileStat | null, cause: unknown): Promise<void> {
    const { index, indexTime, gitDir, files, lock } = this._options;
    try {
      if ((await files.lstat(lock.path))?.ino === before?.ino) {
        return;
      }
      const old = encodeIndex(await new IndexEditor(index, indexTime).result(null));
      await lock.replace(old);
      await files.syncDirectory(gitDir);
    } catch {
      throw outcomeUnknown('The index', cause);
    }
  }

  async rollback(): Promise<void> {
    if (this._open) {
      this._open = false;
      await this._options.lock.release();
    }
  }

  /** The tree that HEAD will have, so that the index can say where it equals it. */
  private async _headTree(change: {
    readonly head?: Head;
    readonly refs?: readonly RefChange[];
  }): Promise<{ readonly tree: string; readonly objects: ObjectDatabase } | null> {
    const commit = change.head ? change.head.commit : change.refs?.length === 1 ? (change.refs[0]?.to ?? null) : null;
    if (!commit) {
      return null;
    }
    const { objects } = this._options;
    return { tree: (await objects.readCommit(commit)).tree, objects };
  }
}
