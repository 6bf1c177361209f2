/** Index, HEAD and refs changed together. See IGitTransaction for the order and why. */
import { hasCode } from '../../core/error';
import type { Head, RefChange, TreeEntry } from '../../core/model/git';
import type { FileStat, IFileSystem, IGitTransaction, IndexEntry } from '../../core/port';
import { IndexEditor, toIndexEntry } from './index-editor';
import type { IndexFile } from './index-file';
import type { LockFile } from './lock-file';
import type { ObjectDatabase } from './objects';
import { outcomeUnknown, RefTransaction } from './ref-transaction';
import type { RefTransactionOptions } from './ref-transaction';

export type IndexTransactionOptions = {
  readonly files: IFileSystem;
  readonly objects: ObjectDatabase;
  readonly gitDir: string;
  readonly lock: LockFile;
  readonly index: IndexFile;
  /** Modification time of the index, nanoseconds. */
  readonly indexTime: bigint;
  readonly refOptions: (message: string) => Promise<RefTransactionOptions>;
  /** Told of an index that was written, with the bytes of the file. */
  readonly onWritten: (index: IndexFile, bytes: Buffer) => void;
};

export class IndexTransaction implements IGitTransaction {
  readonly paths: readonly string[];
  private readonly _editor: IndexEditor;
  private _open = true;

  constructor(private readonly _options: IndexTransactionOptions) {
    this.paths = _options.index.paths;
    this._editor = new IndexEditor(_options.index, _options.indexTime);
  }

  entriesAt(path: string): readonly IndexEntry[] {
    const { index, indexTime } = this._options;
    return index.entriesAt(path).map(entry => toIndexEntry(entry, indexTime));
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
      await this._publish(await this._newIndex(change), prepared);
    } finally {
      await prepared?.release();
      await this.rollback();
    }
  }

  /** null when the index stays as it is. */
  private async _newIndex(change: {
    readonly head?: Head;
    readonly refs?: readonly RefChange[];
  }): Promise<IndexFile | null> {
    return this._editor.isUntouched ? null : this._editor.result(await this._headTree(change));
  }

  /** OUTCOME_UNKNOWN when the index is new and cannot be put back, or when refs have moved and it must not be. */
  private async _publish(index: IndexFile | null, prepared: RefTransaction | null): Promise<void> {
    const { files, gitDir, lock, onWritten } = this._options;
    const before = await files.lstat(lock.path);
    try {
      if (index) {
        const bytes = index.encode();
        await lock.replace(bytes);
        onWritten(index, bytes);
        await files.syncDirectory(gitDir);
      }
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
      await lock.replace((await new IndexEditor(index, indexTime).result(null)).encode());
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
