/** Changes to an index, and which of its entries may be trusted (Documentation/technical/racy-git.adoc). */
import type { TreeEntry } from '../../core/model/git';
import { checkPath } from '../../core/model/path';
import type { FileStat, IndexEntry } from '../../core/port';
import { buildCacheTree, copyCacheTree, invalidatePath } from './cache-tree';
import type { CacheTree } from './cache-tree';
import { toFileStat, toIndexStat, unknownStat } from './index-entry';
import type { IndexStat, RawIndexEntry } from './index-entry';
import type { IndexFile } from './index-file';
import type { ObjectDatabase } from './objects';

const BILLION = 1_000_000_000n;
const EMPTY_BLOB = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';
/** A file written now may bear the time of the clock's last tick, at most this many milliseconds ago. */
const CLOCK_TICK = 20;

/**
 * Says of a file's time, in whole seconds, whether a file that changed after its stat was taken, at `time`
 * (nanoseconds) or later, could look the same: its stat proves nothing. git takes the time at which the index was
 * written, and most builds of git compare only whole seconds, so finer times would call safe what plain git then takes
 * for unchanged.
 */
export function racySince(time: bigint): (mtimeSeconds: number) => boolean {
  const first = Number(BigInt.asUintN(32, time / BILLION));
  return mtimeSeconds => mtimeSeconds >= first;
}

export function isRacy(stat: IndexStat, time: bigint): boolean {
  return racySince(time)(stat.mtimeSeconds);
}

/** Now, as the time that a file changed from now on may bear at the earliest; nanoseconds. */
export function earliestChange(): bigint {
  return BigInt(Date.now() - CLOCK_TICK) * 1_000_000n;
}

/** Whether the entry says anything about the file. git makes racy entries look empty. */
export function isKnown({ oid, stat }: RawIndexEntry): boolean {
  return stat.mtimeSeconds !== 0 && (stat.size !== 0 || oid === EMPTY_BLOB);
}

/** What `IGitTransaction.entriesAt` shows of an entry. */
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

/** Collects changes to an index. */
export class IndexEditor {
  private readonly _changes = new Map<string, RawIndexEntry | null>();
  private readonly _cacheTree: CacheTree | null;

  constructor(
    private readonly _index: IndexFile,
    private readonly _indexTime: bigint
  ) {
    this._cacheTree = _index.cacheTree && copyCacheTree(_index.cacheTree);
  }

  /** `stat` has only just been taken. A later change that git could not tell from it must not go unnoticed. */
  set(entry: TreeEntry, stat: FileStat | null): void {
    checkPath(entry.path);
    const old = this._changes.get(entry.path) ?? this._index.entriesAt(entry.path)[0];
    // The folder's tree stays what it was.
    if (old?.stage !== 0 || old.oid !== entry.oid || old.mode !== entry.mode) {
      this._invalidate(entry.path);
    }
    this._changes.set(entry.path, {
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

  remove(path: string): void {
    this._changes.set(path, null);
    this._invalidate(path);
  }

  /** True when there is nothing to write. */
  get isUntouched(): boolean {
    return this._changes.size === 0;
  }

  /**
   * The index to write. With `head`, its folders that equal that tree are marked so. An entry that was racy in the old
   * index must not look trustworthy in the new, younger one.
   */
  async result(head: { readonly tree: string; readonly objects: ObjectDatabase } | null): Promise<IndexFile> {
    const index = this._index.with(this._changes, racySince(this._indexTime));
    const cacheTree = head
      ? await buildCacheTree(head.tree, index, this._cacheTree, oid => head.objects.readTree(oid))
      : this._cacheTree;
    return index.withCacheTree(cacheTree);
  }

  private _invalidate(path: string): void {
    if (this._cacheTree) {
      invalidatePath(this._cacheTree, path);
    }
  }
}

function trusted(stat: IndexStat, time: bigint): IndexStat {
  return isRacy(stat, time) ? unknownStat : stat;
}

/** The index with fresh stats of files that are what their entries say, as far as those still stand. */
export function refreshedIndex(
  index: IndexFile,
  time: bigint,
  refreshed: readonly { readonly entry: RawIndexEntry; readonly stat: FileStat }[]
): Promise<IndexFile> {
  const editor = new IndexEditor(index, time);
  for (const { entry, stat } of refreshed) {
    const { path, mode, oid } = entry;
    const [current] = index.entriesAt(path);
    if (current?.stage === 0 && current.oid === oid && current.mode === mode) {
      editor.set({ path, mode, oid }, stat);
    }
  }
  return editor.result(null);
}
