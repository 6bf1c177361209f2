/**
 * Changing refs: lock all, verify all, then publish all. Verification under the lock makes it a compare-and-swap that
 * no other git program can slip through.
 */
import { BranchbookError } from '../../core/error';
import { parentOf, unlinkQuietly } from '../../core/durable';
import type { Head, ObjectId, RefChange, Signature } from '../../core/model/git';
import { decodeText } from './bytes';
import type { LockFile, Locks } from './lock-file';
import type { LogPolicy } from './reflog';
import { appendReflog, reflogPath } from './reflog';
import type { RawRef, RefStore } from './ref-store';

export type RefTransactionOptions = {
  readonly store: RefStore;
  /** Locks of this work tree. */
  readonly locks: Locks;
  readonly by: Signature;
  readonly policy: LogPolicy;
  readonly message: string;
};

function conflict(ref: string, expected: ObjectId | null, found: ObjectId | null): BranchbookError {
  const say = (oid: ObjectId | null): string => oid?.slice(0, 7) ?? 'missing';
  return new BranchbookError(
    'REF_CONFLICT',
    `${ref} moved meanwhile: expected ${say(expected)}, found ${say(found)}.`,
    { ref, expected, found },
    'Nothing was changed. Try again.'
  );
}

/** Publication began and failed, and what was published cannot be taken back. */
export function outcomeUnknown(what: string, cause: unknown): BranchbookError {
  const error = BranchbookError.from(cause);
  return new BranchbookError(
    'OUTCOME_UNKNOWN',
    `${what} may or may not have been changed: ${error.message}`,
    { cause: error.toJSON() },
    'Look at the history before you try again: the change may be there already.'
  );
}

/**
 * Locks held, values verified, logs written: what is left is renaming and deleting. `publish` makes all changes
 * visible; `release` none.
 */
export class RefTransaction {
  private readonly _locks = new Map<string, LockFile>();
  private _packedLock: LockFile | null = null;
  private _packedChanges = false;
  private _headTarget: string | null = null;
  private _headBefore: ObjectId | null = null;
  private _headRaw: RawRef | null = null;
  /** The log of a branch that gets another name goes on under that name. */
  private _earlierLog = new Uint8Array();

  private constructor(
    private readonly _options: RefTransactionOptions,
    private readonly _changes: readonly RefChange[],
    private readonly _head: Head | undefined
  ) {}

  /** Lock and verify. REF_CONFLICT or LOCKED, and then nothing is locked any more. */
  static async prepare(
    options: RefTransactionOptions,
    changes: readonly RefChange[],
    head?: Head
  ): Promise<RefTransaction> {
    const transaction = new RefTransaction(options, changes, head);
    try {
      await transaction._prepare();
      return transaction;
    } catch (error) {
      await transaction.release();
      throw error;
    }
  }

  /** OUTCOME_UNKNOWN when some but not all of it became visible and durable; any other failure changed nothing. */
  async publish(): Promise<void> {
    try {
      await this._publishAll();
    } catch (error) {
      const unchanged = await this._isUnchanged();
      throw unchanged ? error : outcomeUnknown(this._changes.map(change => change.name).join(', ') || 'HEAD', error);
    } finally {
      await this.release();
    }
    for (const change of this._deleted) {
      await this._removeEmptyFolders(change.name);
    }
  }

  async release(): Promise<void> {
    for (const lock of this._locks.values()) {
      await lock.release();
    }
    this._locks.clear();
    await this._packedLock?.release();
    this._packedLock = null;
  }

  private get _deleted(): readonly RefChange[] {
    return this._changes.filter(change => change.to === null && change.from !== null);
  }

  /** What is to be written; `replacing` are those for which a deletion makes room, as `a` for `a/b` or `a/b` for `a`. */
  private _written({ replacing }: { readonly replacing: boolean }): readonly RefChange[] {
    return this._changes.filter(({ name, from, to }) => {
      const replaces = this._deleted.some(({ name: old }) => name.startsWith(`${old}/`) || old.startsWith(`${name}/`));
      return to !== null && from !== to && replaces === replacing;
    });
  }

  /**
   * Deletions first. A ref that replaces another comes with them, in packed-refs: as files both cannot be there at once,
   * and a crash in between would lose them both.
   */
  private async _publishAll(): Promise<void> {
    await this._deleteRefs(this._deleted);
    for (const change of this._written({ replacing: true })) {
      await this._logReplacing(change);
    }
    const directories = new Set<string>();
    for (const change of this._written({ replacing: false })) {
      await this._publishOne(change.name, directories);
    }
    if (this._head) {
      await this._publishOne('HEAD', directories);
    }
    for (const directory of directories) {
      await this._options.store.files.syncDirectory(directory);
    }
  }

  /** Looked up rather than remembered: a rename that is said to have failed may have happened. */
  private async _isUnchanged(): Promise<boolean> {
    const { store } = this._options;
    try {
      for (const { name, from, to } of this._changes) {
        if (from !== to && (await store.follow(name)).oid !== from) {
          return false;
        }
      }
      return !this._head || JSON.stringify(await store.readRaw('HEAD')) === JSON.stringify(this._headRaw);
    } catch {
      return false;
    }
  }

  private async _prepare(): Promise<void> {
    const { store } = this._options;
    const current = await store.readRaw('HEAD');
    this._headTarget = current && 'symbolic' in current ? current.symbolic : null;
    const names = new Set(this._changes.map(change => change.name));
    if (this._head || (this._headTarget && names.has(this._headTarget))) {
      names.add('HEAD');
    }
    // `a/b` has no place for a lock as long as `a` is a file. The lock of `a` keeps others from both.
    const lockable = [...names].filter(name => !this._deleted.some(({ name: old }) => name.startsWith(`${old}/`)));
    // One order for everybody avoids deadlocks among ourselves.
    for (const name of lockable.sort()) {
      this._locks.set(name, await this._options.locks.acquire(store.pathOf(name)));
    }
    if (names.has('HEAD')) {
      this._headRaw = await store.readRaw('HEAD');
      this._headTarget = this._headRaw && 'symbolic' in this._headRaw ? this._headRaw.symbolic : null;
      this._headBefore = (await store.follow('HEAD')).oid;
    }
    for (const change of this._changes) {
      await this._verify(change);
    }
    await this._writeLocks();
    await this._preparePacked();
    await this._readRenamed();
    await this._log();
  }

  private async _readRenamed(): Promise<void> {
    const { store } = this._options;
    const made = this._changes.filter(change => change.from === null);
    const [old] = this._deleted;
    if (old && this._deleted.length === 1 && made.length === 1 && made[0]?.to === old.from) {
      const path = reflogPath(store, old.name);
      const isLog = (await store.files.lstat(path))?.kind === 'file';
      this._earlierLog = new Uint8Array((isLog && (await store.files.readFile(path))) || []);
    }
  }

  /** Logs the change of a ref; where its log begins with that of its former name, it goes on from where that ended. */
  private async _logChange({ name, from, to }: RefChange): Promise<void> {
    const { store, by, policy, message } = this._options;
    const renamed = from === null && this._earlierLog.length > 0;
    await appendReflog(store, name, policy, { from: renamed ? to : from, to, by, message }, this._earlierLog);
  }

  private async _verify(change: RefChange): Promise<void> {
    const { store } = this._options;
    const { oid } = await store.follow(change.name);
    if (oid !== change.from) {
      throw conflict(change.name, change.from, oid);
    }
    if (change.to !== null && change.from === null) {
      await this._checkRoom(change.name);
    }
  }

  /** A ref cannot be a file and a folder of refs at once, not even when one of the two is packed. */
  private async _checkRoom(name: string): Promise<void> {
    const { store } = this._options;
    const gone = new Set(this._changes.filter(change => change.to === null).map(change => change.name));
    const made = this._changes.filter(change => change.to !== null).map(change => change.name);
    const folder = name.split('/').slice(0, 2).join('/');
    const existing = [...(await store.looseNames(folder)), ...(await store.packed()).oids.keys(), ...made];
    const blocking = existing.find(
      other => !gone.has(other) && (other.startsWith(`${name}/`) || name.startsWith(`${other}/`))
    );
    if (blocking) {
      const plain = (ref: string): string => ref.replace(/^refs\/(heads|tags)\//, '');
      const reason = `“${plain(blocking)}” exists, and a name cannot also be a folder of names`;
      throw new BranchbookError(
        'BRANCH_NAME_INVALID',
        `“${plain(name)}” cannot be created: ${reason}.`,
        { name: plain(name), reason },
        'Choose another name.'
      );
    }
  }

  private async _writeLocks(): Promise<void> {
    for (const change of this._written({ replacing: false })) {
      await this._locks.get(change.name)?.write(Buffer.from(`${change.to}\n`));
    }
    if (this._head) {
      const { _head: head } = this;
      const text = head.kind === 'branch' ? `ref: refs/heads/${head.branch}\n` : `${head.commit}\n`;
      await this._locks.get('HEAD')?.write(Buffer.from(text));
    }
  }

  /** git writes the logs before it publishes the refs: a log may tell of a change that a crash prevented. */
  private async _log(): Promise<void> {
    const { store, by, policy, message } = this._options;
    for (const change of this._written({ replacing: false })) {
      await this._logChange(change);
    }
    const moved = this._changes.find(change => change.name === this._headTarget && change.from !== change.to);
    if (this._head || moved) {
      const to = this._head ? this._head.commit : (moved as RefChange).to;
      if (to !== null || this._headBefore !== null) {
        await appendReflog(store, 'HEAD', policy, { from: this._headBefore, to, by, message });
      }
    }
  }

  /** Only now is there a place for its log. */
  private async _logReplacing(change: RefChange): Promise<void> {
    for (const old of this._deleted) {
      await this._removeEmptyFolders(old.name);
    }
    await this._logChange(change);
  }

  private async _publishOne(name: string, directories: Set<string>): Promise<void> {
    const { store } = this._options;
    const lock = this._locks.get(name) as LockFile;
    const path = store.pathOf(name);
    if ((await store.files.lstat(path))?.kind === 'directory') {
      await this._removeEmptyTree(path);
    }
    await lock.publish();
    this._locks.delete(name);
    directories.add(parentOf(path));
  }

  /** First from packed-refs, then the loose file: never does an old packed value show through. */
  private async _deleteRefs(deleted: readonly RefChange[]): Promise<void> {
    if (deleted.length === 0) {
      return;
    }
    const { store } = this._options;
    if (this._packedLock && this._packedChanges) {
      await this._packedLock.publish();
      this._packedLock = null;
      await store.files.syncDirectory(store.commonDir);
    }
    for (const { name } of deleted) {
      const path = store.pathOf(name);
      if ((await store.files.lstat(path))?.kind === 'file') {
        await store.files.unlink(path);
        await store.files.syncDirectory(parentOf(path));
      }
      await unlinkQuietly(store.files, reflogPath(store, name));
    }
  }

  /** Locked whenever something is deleted: otherwise "git pack-refs" might keep just now what we delete. */
  private async _preparePacked(): Promise<void> {
    const names = new Set(this._deleted.map(change => change.name));
    if (names.size === 0) {
      return;
    }
    const { store, locks } = this._options;
    const path = `${store.commonDir}/packed-refs`;
    this._packedLock = await locks.acquire(path);
    const text = decodeText((await store.files.readFile(path)) ?? new Uint8Array());
    const kept = this._written({ replacing: true }).reduce(withRef, withoutRefs(text, names));
    this._packedChanges = kept !== text;
    if (this._packedChanges) {
      await this._packedLock.write(Buffer.from(kept));
    }
  }

  private async _removeEmptyTree(path: string): Promise<void> {
    const { files } = this._options.store;
    for (const entry of await files.readdir(path)) {
      if (entry.kind === 'directory') {
        await this._removeEmptyTree(`${path}/${entry.name}`);
      }
    }
    await files.rmdir(path);
  }

  /** `refs/heads/a` after `refs/heads/a/b` is gone; folders in use stay. */
  private async _removeEmptyFolders(name: string): Promise<void> {
    const { store } = this._options;
    const parts = name.split('/').slice(0, -1);
    for (; parts.length > 2; parts.pop()) {
      for (const directory of [`${store.commonDir}/${parts.join('/')}`, reflogPath(store, parts.join('/'))]) {
        await store.files.rmdir(directory).catch(() => undefined);
      }
    }
  }
}

function withoutRefs(packed: string, names: ReadonlySet<string>): string {
  const kept: string[] = [];
  let dropping = false;
  for (const line of packed.split('\n')) {
    // A line with "^" belongs to the ref before it.
    if (!line.startsWith('^')) {
      dropping = !line.startsWith('#') && names.has(line.slice(41).trimEnd());
    }
    if (!dropping) {
      kept.push(line);
    }
  }
  return kept.join('\n');
}

/** git searches the file: names are in the order of their bytes. */
function withRef(packed: string, { name, to }: RefChange): string {
  const lines = (packed || '# pack-refs with: peeled fully-peeled sorted \n').trimEnd().split('\n');
  const isBehind = (line: string): boolean =>
    !/^[#^]/.test(line) && Buffer.compare(Buffer.from(line.slice(41)), Buffer.from(name)) > 0;
  const found = lines.findIndex(isBehind);
  const at = found < 0 ? lines.length : found;
  return [...lines.slice(0, at), `${to} ${name}`, ...lines.slice(at), ''].join('\n');
}
