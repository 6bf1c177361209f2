/**
 * How objects come into a folder and leave it. New bytes are written beside their place, flushed, and linked there (create
 * only) or renamed (replace), and the folder is flushed. Replacing and deleting happen under a lock file beside the object.
 */
import { isExisting, parentOf, temporaryName, unlinkQuietly } from '../../core/durable';
import { BranchbookError, hasCode } from '../../core/error';
import { takeLock } from '../../core/owner-file';
import type { OwnerTools, Release } from '../../core/owner-file';
import type { BucketObject, FileStat, IClock, IFileSystem, PutCondition } from '../../core/port';
import { conditionFailed, outcomeUnknown } from './failure';
import type { FolderTree } from './folder-tree';
import { reservedBeside } from './group-files';

/** Waiting for another writer of the same object, who is done in a moment: first and longest pause, and in all; milliseconds. */
const FIRST_PAUSE = 2;
const LONGEST_PAUSE = 50;
const PATIENCE = 10_000;
/** Folders may be made and unmade around us: how often one is made again. */
const TRIES = 5;

export type FolderTools = OwnerTools & { readonly clock: IClock };

/** A flushed file that waits to become an object. */
type Draft = { readonly path: string; readonly stat: FileStat };

const isSame = (a: FileStat | null, b: FileStat): boolean => a?.ino === b.ino && a.dev === b.dev;

/** Every write makes a new file, whose time is later than that of the one it replaces. */
export function describe(key: string, { size, mtimeNs, ino }: FileStat): BucketObject {
  return { key, size, etag: `${mtimeNs}-${ino}-${size}`, modified: Number(mtimeNs / 1_000_000n) };
}

export class FolderWriter {
  private readonly _files: IFileSystem;

  constructor(
    private readonly _tools: FolderTools,
    private readonly _tree: FolderTree,
    private readonly _name: string
  ) {
    this._files = _tree.files;
  }

  async write(key: string, pieces: AsyncIterable<Uint8Array>, condition?: PutCondition): Promise<BucketObject> {
    this._compare(key, await this._tree.stat(key), condition);
    const draft = await this._draft(key, pieces);
    try {
      const stat = condition === 'absent' ? await this._create(key, draft) : await this._replace(key, draft, condition);
      return describe(key, stat);
    } finally {
      await unlinkQuietly(this._files, draft.path);
    }
  }

  async delete(key: string, condition?: PutCondition): Promise<boolean> {
    if (!(await this._tree.stat(key))) {
      return false;
    }
    return this._locked(key, async () => {
      const stat = await this._tree.stat(key);
      if (stat) {
        this._compare(key, stat, condition);
        await this._files.unlink(this._tree.pathOf(key));
        await this._flush(key);
      }
      return stat !== null;
    });
  }

  /** CONDITION_FAILED. */
  private _compare(key: string, stat: FileStat | null, condition: PutCondition | undefined): void {
    const holds =
      condition === undefined ||
      (condition === 'absent' ? stat === null : stat !== null && describe(key, stat).etag === condition.etag);
    if (!holds) {
      throw conditionFailed(this._name, key);
    }
  }

  private async _draft(key: string, pieces: AsyncIterable<Uint8Array>): Promise<Draft> {
    const path = temporaryName(reservedBeside(this._tree.pathOf(key), ''));
    const handle = await this._openDraft(key, path);
    try {
      try {
        let at = 0;
        for await (const piece of pieces) {
          await handle.write(piece, at);
          at += piece.length;
        }
        await handle.sync();
        return { path, stat: await handle.stat() };
      } finally {
        await handle.close();
      }
    } catch (error) {
      await unlinkQuietly(this._files, path);
      throw error;
    }
  }

  private async _openDraft(key: string, path: string): ReturnType<IFileSystem['open']> {
    for (let left = TRIES; ; left -= 1) {
      await this._tree.makeFolderOf(key);
      try {
        return await this._files.open(path, 'create');
      } catch (error) {
        if (left === 1 || !hasCode(error, 'PATH_UNKNOWN')) {
          throw error;
        }
      }
    }
  }

  private async _create(key: string, draft: Draft): Promise<FileStat> {
    const path = this._tree.pathOf(key);
    try {
      await this._files.link(draft.path, path);
    } catch (error) {
      // Network file systems may report a link as failed that was made.
      if (!isSame(await this._files.lstat(path), draft.stat)) {
        if (isExisting(error)) {
          throw conditionFailed(this._name, key);
        }
        if (hasCode(error, 'PERMISSION_DENIED', 'IO')) {
          return this._replace(key, draft, 'absent');
        }
        throw error;
      }
    }
    await this._flush(key);
    return draft.stat;
  }

  /** Also where there are no hard links. */
  private _replace(key: string, draft: Draft, condition: PutCondition | undefined): Promise<FileStat> {
    return this._locked(key, async () => {
      const before = await this._tree.stat(key);
      this._compare(key, before, condition);
      const stat = await this._later(draft, before);
      await this._move(key, draft.path, stat);
      return stat;
    });
  }

  /** Clocks have steps, and differ between machines; the order of writes must show nevertheless. */
  private async _later(draft: Draft, before: FileStat | null): Promise<FileStat> {
    if (!before || draft.stat.mtimeNs > before.mtimeNs) {
      return draft.stat;
    }
    await this._files.touch(draft.path, Number(before.mtimeNs / 1_000_000n) + 1);
    return (await this._files.lstat(draft.path)) ?? draft.stat;
  }

  private async _move(key: string, from: string, stat: FileStat): Promise<void> {
    const path = this._tree.pathOf(key);
    try {
      await this._files.rename(from, path);
    } catch (error) {
      if (!isSame(await this._files.lstat(path), stat)) {
        throw error;
      }
    }
    await this._flush(key);
  }

  /** From here on others see the change: whether it outlives a power loss is not known when this fails. */
  private async _flush(key: string): Promise<void> {
    try {
      await this._files.syncDirectory(parentOf(this._tree.pathOf(key)));
    } catch (error) {
      throw outcomeUnknown(this._name, key, BranchbookError.from(error).message);
    }
  }

  private async _locked<T>(key: string, work: () => Promise<T>): Promise<T> {
    const release = await this._lock(reservedBeside(this._tree.pathOf(key), '.lock'));
    try {
      return await work();
    } finally {
      await release();
    }
  }

  private async _lock(path: string): Promise<Release> {
    const { clock } = this._tools;
    const deadline = clock.now() + PATIENCE;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return await takeLock({ ...this._tools, files: this._files }, path, 'write');
      } catch (error) {
        if (!hasCode(error, 'LOCKED') || clock.now() > deadline) {
          throw error;
        }
        await clock.sleep(pause * (0.5 + Math.random()));
      }
    }
  }
}
