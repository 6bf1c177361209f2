/**
 * git's lock protocol: `<file>.lock` is created exclusively, written, and renamed over the file.
 *
 * A process of ours that dies leaves its locks behind. To know them for ours without a doubt, a lock is a hard link to
 * a private file in `<commonDir>/branchbook/locks` whose name says which process made it: the same inode is the proof,
 * and since the private link keeps the inode in use, no other program's lock can ever have it. A lock without such a
 * link is somebody else's and is never removed.
 */
import { ensureDirectory, isExisting, listNames, parentOf, unlinkQuietly, writeSynced } from '../../core/durable';
import { BranchbookError, hasCode } from '../../core/error';
import type { IFileHandle, IFileSystem, IProcesses } from '../../core/port';

/** Waiting for another program: first pause, growth, and when to give up, in milliseconds. */
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 80;
const PATIENCE = 2000;

let counter = 0;

/** Private files that this process uses. One of ours that is not here was left by a release that failed. */
const inUse = new Set<string>();

const pause = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds));

/** A lock that is held. `publish` replaces the locked file by what was written; `release` gives it up. */
export class LockFile {
  private _open = true;

  constructor(
    private readonly _files: IFileSystem,
    /** The locked file. */
    readonly path: string,
    private readonly _handle: IFileHandle,
    private readonly _claim: string | null,
    /** Names a private file that is cleaned up after a crash. */
    private readonly _newClaim: () => string
  ) {}

  /** Write the new content and flush it. May be called once. */
  async write(bytes: Uint8Array): Promise<void> {
    await this._handle.write(bytes, 0);
    await this._handle.sync();
    await this._close();
  }

  async publish(): Promise<void> {
    await this._close();
    await this._files.rename(`${this.path}.lock`, this.path);
    await this._forget();
  }

  /** Replace the locked file and go on holding the lock, so that it can be replaced again. */
  async replace(bytes: Uint8Array): Promise<void> {
    const temporary = this._newClaim();
    try {
      await writeSynced(this._files, temporary, bytes);
      await this._files.rename(temporary, this.path);
    } catch (error) {
      await unlinkQuietly(this._files, temporary);
      throw error;
    } finally {
      inUse.delete(temporary);
    }
  }

  async release(): Promise<void> {
    await this._close().catch(() => undefined);
    try {
      await this._files.unlink(`${this.path}.lock`);
      await this._forget();
    } catch {
      // The claim stays: by it the lock is known as ours, and the next one who wants it removes it.
      inUse.delete(this._claim ?? '');
    }
  }

  private async _close(): Promise<void> {
    if (this._open) {
      this._open = false;
      await this._handle.close();
    }
  }

  private async _forget(): Promise<void> {
    if (this._claim) {
      inUse.delete(this._claim);
      await unlinkQuietly(this._files, this._claim);
    }
  }
}

/** Takes locks in one repository. */
export class Locks {
  private readonly _claims: string;
  private readonly _owner: string;

  constructor(
    private readonly _files: IFileSystem,
    commonDir: string,
    private readonly _processes: IProcesses
  ) {
    this._claims = `${commonDir}/branchbook/locks`;
    const { pid, start } = _processes.self;
    this._owner = [_processes.host, String(pid), start].map(encodeURIComponent).join('+');
  }

  /** Lock `path`. LOCKED after `patience` milliseconds. The directory of `path` is made when it is missing. */
  async acquire(path: string, patience = PATIENCE): Promise<LockFile> {
    const deadline = Date.now() + patience;
    for (let wait = FIRST_PAUSE; ; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
      const lock = await this._try(path);
      if (lock) {
        return lock;
      }
      if (await this._breakStale(path)) {
        continue;
      }
      if (Date.now() + wait > deadline) {
        throw await this._locked(path);
      }
      await pause(wait * (0.5 + Math.random()));
    }
  }

  /** Whether a process of another machine or container lives cannot be asked: the user may know. */
  private async _locked(path: string): Promise<BranchbookError> {
    const owner = await this._claimOf(path);
    const [host = '', pid = ''] = (owner ?? '').split('+').map(decodeURIComponent);
    const elsewhere = owner !== null && host !== this._processes.host;
    const name = path.slice(path.lastIndexOf('/') + 1);
    return new BranchbookError(
      'LOCKED',
      elsewhere
        ? `Branchbook on ${host} (process ${pid}) is using git’s ${name} (${path}.lock exists).`
        : `Another program is using git’s ${name} (${path}.lock exists).`,
      { path: `${path}.lock`, ...(elsewhere && { host, heldBy: Number(pid) }) },
      elsewhere
        ? `Wait until it is done. If that machine or container is no more, delete ${path}.lock.`
        : 'Wait until it is done. If no git program is running, it crashed: delete that file.'
    );
  }

  /** Name of the private file that a lock of ours is a link to; null for other programs' locks. */
  private async _claimOf(path: string): Promise<string | null> {
    const lock = await this._files.lstat(`${path}.lock`);
    for (const name of lock ? await listNames(this._files, this._claims) : []) {
      const claim = await this._files.lstat(`${this._claims}/${name}`);
      if (claim?.ino === lock?.ino && claim?.dev === lock?.dev) {
        return name;
      }
    }
    return null;
  }

  private async _try(path: string): Promise<LockFile | null> {
    const lock = `${path}.lock`;
    await ensureDirectory(this._files, this._claims);
    const claim = this._newClaim();
    const handle = await this._files.open(claim, 'create').catch((error: unknown) => {
      inUse.delete(claim);
      throw error;
    });
    try {
      await this._link(claim, lock);
      return new LockFile(this._files, path, handle, claim, () => this._newClaim());
    } catch (error) {
      // Network file systems may report a link as failed that was made.
      if (await this._isSame(claim, lock)) {
        return new LockFile(this._files, path, handle, claim, () => this._newClaim());
      }
      inUse.delete(claim);
      await handle.close().catch(() => undefined);
      await unlinkQuietly(this._files, claim);
      if (isExisting(error)) {
        return null;
      }
      if (hasCode(error, 'PERMISSION_DENIED', 'IO')) {
        return this._tryWithoutLinks(path, error);
      }
      throw error;
    }
  }

  private async _isSame(claim: string, lock: string): Promise<boolean> {
    const a = await this._files.lstat(claim).catch(() => null);
    const b = await this._files.lstat(lock).catch(() => null);
    return a !== null && a.ino === b?.ino && a.dev === b.dev;
  }

  private _newClaim(): string {
    counter += 1;
    const claim = `${this._claims}/${this._owner}+${counter}-${Math.random().toString(36).slice(2, 8)}`;
    inUse.add(claim);
    return claim;
  }

  private async _link(claim: string, lock: string): Promise<void> {
    try {
      await this._files.link(claim, lock);
    } catch (error) {
      if (!hasCode(error, 'PATH_UNKNOWN')) {
        throw error;
      }
      await ensureDirectory(this._files, parentOf(lock));
      await this._files.link(claim, lock);
    }
  }

  /** File systems without hard links: the lock is as good, but cannot be recognised after a crash. */
  private async _tryWithoutLinks(path: string, cause: unknown): Promise<LockFile | null> {
    try {
      const handle = await this._files.open(`${path}.lock`, 'create');
      return new LockFile(this._files, path, handle, null, () => this._newClaim());
    } catch (error) {
      if (isExisting(error)) {
        return null;
      }
      throw cause;
    }
  }

  /**
   * Clear what dead processes of ours left: their locks on `paths` (which git would otherwise trip over) and private
   * files. `paths` is asked for only when there is something to clear.
   */
  async sweep(paths: () => Promise<readonly string[]>): Promise<void> {
    const dead: string[] = [];
    for (const name of await listNames(this._files, this._claims)) {
      if (await this._isDead(name)) {
        dead.push(name);
      }
    }
    if (dead.length > 0) {
      for (const path of await paths()) {
        await this._breakStale(path);
      }
      for (const name of dead) {
        await unlinkQuietly(this._files, `${this._claims}/${name}`);
      }
    }
  }

  /** Remove the lock when a dead process of ours made it. */
  private async _breakStale(path: string): Promise<boolean> {
    if (!(await this._files.lstat(`${path}.lock`))) {
      return true;
    }
    const claim = await this._claimOf(path);
    return claim !== null && (await this._isDead(claim)) && this._steal(path, claim);
  }

  /** Renaming the claim is the contest that one process wins; the loser just tries to lock again. */
  private async _steal(path: string, name: string): Promise<boolean> {
    const mine = this._newClaim();
    try {
      await this._files.rename(`${this._claims}/${name}`, mine);
    } catch {
      inUse.delete(mine);
      return true;
    }
    await unlinkQuietly(this._files, `${path}.lock`);
    await unlinkQuietly(this._files, mine);
    inUse.delete(mine);
    return true;
  }

  private async _isDead(name: string): Promise<boolean> {
    if (name.startsWith(`${this._owner}+`)) {
      return !inUse.has(`${this._claims}/${name}`);
    }
    const [host, pid, start] = name.split('+').map(decodeURIComponent);
    return host === this._processes.host && !(await this._processes.isAlive({ pid: Number(pid), start: start ?? '' }));
  }
}
