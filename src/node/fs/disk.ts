/**
 * The real file system. Small calls are synchronous behind an async signature: measured 2–6 times faster than
 * node:fs/promises, whose every call crosses the thread pool. What may block for long (flushing, large reads and
 * writes, copying) is asynchronous.
 */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type {
  DirectoryEntry,
  FileStat,
  Glance,
  IDisposable,
  IFileHandle,
  IFileSystem,
  SeenFile
} from '../../core/port';
import { fileError, toFileError } from './file-error';
import { GlanceThread } from './glance-thread';
import { isSameFile } from './same-file';

/** Reads and writes of at least this many bytes leave the calling thread. */
const LARGE = 256 * 1024;
/** Events within this many milliseconds are reported once. */
const COALESCE = 50;

const fsync = promisify(fs.fsync);
const read = promisify(fs.read);
const write = promisify(fs.write);
const openFlags = { read: 'r', create: 'wx+', write: 'r+' } as const;

/** Run one call; its failure becomes a BranchbookError that names the path. */
function guarded<T>(call: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw toFileError(error, path, call);
  }
}

async function guardedAsync<T>(call: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toFileError(error, path, call);
  }
}

type Kinded = { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean };

function kindOf(entry: Kinded): FileStat['kind'] {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : entry.isSymbolicLink() ? 'symlink' : 'other';
}

function toStat(stats: fs.BigIntStats): FileStat {
  return {
    kind: kindOf(stats),
    size: Number(stats.size),
    mode: Number(stats.mode),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    ino: stats.ino,
    dev: stats.dev,
    uid: Number(stats.uid),
    gid: Number(stats.gid)
  };
}

function isAbsent(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function lstat(path: string): FileStat | null {
  try {
    const stats = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stats ? toStat(stats) : null;
  } catch (error) {
    if (isAbsent(error)) {
      return null;
    }
    throw toFileError(error, path, 'stat');
  }
}

const QUIETLY = { throwIfNoEntry: false } as const;

function glance(path: string): Glance | null {
  try {
    return fs.lstatSync(path, QUIETLY) ?? null;
  } catch (error) {
    if (isAbsent(error)) {
      return null;
    }
    throw toFileError(error, path, 'stat');
  }
}

/** A pipe must not keep us waiting, nor may a device (`/dev/zero` never ends) be taken for a file. */
function openIfPresent(path: string): number | null {
  try {
    return fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (isAbsent(error)) {
      return null;
    }
    throw error;
  }
}

/** Fill `into` with the file's bytes; false when they are not what it held since the look, whatever the reason. */
function readWhole({ path, stat }: SeenFile, into: Uint8Array): boolean {
  try {
    const fd = openIfPresent(path);
    if (fd === null) {
      return false;
    }
    try {
      const count = fs.readSync(fd, into, 0, into.length, 0);
      return count === into.length && isSameFile(toStat(fs.fstatSync(fd, { bigint: true })), stat);
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return false;
  }
}

class DiskHandle implements IFileHandle {
  constructor(
    private readonly _fd: number,
    private readonly _path: string,
    private readonly _large: number
  ) {}

  async read(buffer: Uint8Array, position: number): Promise<number> {
    if (buffer.length < this._large) {
      return guarded('read', this._path, () => fs.readSync(this._fd, buffer, 0, buffer.length, position));
    }
    return guardedAsync(
      'read',
      this._path,
      async () => (await read(this._fd, buffer, 0, buffer.length, position)).bytesRead
    );
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const at = position + done;
      const left = bytes.length - done;
      done += await guardedAsync('write', this._path, async () =>
        left < this._large
          ? fs.writeSync(this._fd, bytes, done, left, at)
          : (await write(this._fd, bytes, done, left, at)).bytesWritten
      );
    }
  }

  async stat(): Promise<FileStat> {
    return toStat(guarded('stat', this._path, () => fs.fstatSync(this._fd, { bigint: true })));
  }

  async sync(): Promise<void> {
    await guardedAsync('flush', this._path, () => fsync(this._fd));
  }

  async close(): Promise<void> {
    guarded('close', this._path, () => fs.closeSync(this._fd));
  }
}

class Disk implements IFileSystem {
  /**
   * `large`: reads and writes of at least so many bytes are asynchronous. `glances`: helps to look at many files; null =
   * this thread looks at them all.
   */
  constructor(
    private readonly _large: number,
    private readonly _glances: GlanceThread | null
  ) {}

  async lstat(path: string): Promise<FileStat | null> {
    return lstat(path);
  }

  async glanceAll(paths: readonly string[], visit: (position: number, glance: Glance | null) => void): Promise<void> {
    if (this._glances) {
      return this._glances.glanceAll(paths, visit);
    }
    paths.forEach((path, position) => visit(position, glance(path)));
  }

  async readFile(path: string): Promise<Uint8Array | null> {
    return guarded('read', path, () => {
      const fd = openIfPresent(path);
      if (fd === null) {
        return null;
      }
      try {
        if (!fs.fstatSync(fd).isFile()) {
          throw fileError('EINVAL', path, 'read');
        }
        return fs.readFileSync(fd);
      } finally {
        fs.closeSync(fd);
      }
    });
  }

  async readUnchanged(files: readonly SeenFile[], into: Uint8Array): Promise<readonly boolean[]> {
    let start = 0;
    return files.map(file => {
      start += file.stat.size;
      return readWhole(file, into.subarray(start - file.stat.size, start));
    });
  }

  async readlink(path: string): Promise<string> {
    return guarded('read the link', path, () => fs.readlinkSync(path));
  }

  async readdir(path: string): Promise<readonly DirectoryEntry[]> {
    const entries = guarded('list', path, () => fs.readdirSync(path, { withFileTypes: true }));
    return entries.map(entry => ({ name: entry.name, kind: kindOf(entry) })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async open(path: string, flags: 'read' | 'create' | 'write', mode = 0o666): Promise<IFileHandle> {
    return new DiskHandle(
      guarded(flags === 'create' ? 'create' : 'open', path, () => fs.openSync(path, openFlags[flags], mode)),
      path,
      this._large
    );
  }

  async mkdir(path: string): Promise<void> {
    guarded('create', path, () => fs.mkdirSync(path));
  }

  async rename(from: string, to: string): Promise<void> {
    guarded('rename', from, () => fs.renameSync(from, to));
  }

  async link(from: string, to: string): Promise<void> {
    guarded('link', to, () => fs.linkSync(from, to));
  }

  async symlink(target: string, path: string): Promise<void> {
    guarded('create', path, () => fs.symlinkSync(target, path));
  }

  async unlink(path: string): Promise<void> {
    guarded('delete', path, () => fs.unlinkSync(path));
  }

  async rmdir(path: string): Promise<void> {
    guarded('delete', path, () => fs.rmdirSync(path));
  }

  async chmod(path: string, mode: number): Promise<void> {
    guarded('change the mode of', path, () => fs.chmodSync(path, mode));
  }

  async touch(path: string, time: number): Promise<void> {
    guarded('change the time of', path, () => fs.utimesSync(path, time / 1000, time / 1000));
  }

  async copyFile(from: string, to: string): Promise<void> {
    await guardedAsync('copy', from, () => fs.promises.copyFile(from, to, fs.constants.COPYFILE_FICLONE));
  }

  async syncDirectory(path: string): Promise<void> {
    const fd = guarded('open', path, () => fs.openSync(path, 'r'));
    try {
      await guardedAsync('flush', path, () => fsync(fd));
    } finally {
      fs.closeSync(fd);
    }
  }

  async freeBytes(path: string): Promise<number> {
    return guarded('stat', path, () => {
      const stats = fs.statfsSync(path);
      return stats.bavail * stats.bsize;
    });
  }

  watch(paths: readonly string[], listener: () => void): IDisposable {
    let timer: NodeJS.Timeout | undefined;
    const changed = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        listener();
      }, COALESCE);
    };
    const watchers = paths.map(path =>
      guarded('watch', path, () => {
        const watcher = fs.watch(path, { recursive: fs.statSync(path).isDirectory(), persistent: false }, changed);
        // A watched folder that vanishes is itself a change; the watcher has nothing more to say.
        watcher.on('error', changed);
        return watcher;
      })
    );
    return {
      dispose: () => {
        clearTimeout(timer);
        watchers.forEach(watcher => watcher.close());
      }
    };
  }
}

/** The build puts the thread's program beside the main file; running from source there is none. */
const glanceWorker = join(__dirname, 'glance-worker.cjs');

/** The disk, with a second thread for looking at many files where `workerFile` is its built program. */
export const openDisk = (workerFile: string | null): IFileSystem =>
  new Disk(LARGE, workerFile === null ? null : new GlanceThread(workerFile, glance));

export const disk: IFileSystem = openDisk(fs.existsSync(glanceWorker) ? glanceWorker : null);
/** For worker threads, which may wait: reads and writes stay in the thread. Flushing and copying are asynchronous still. */
export const blockingDisk: IFileSystem = new Disk(Infinity, null);
