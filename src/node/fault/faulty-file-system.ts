import type { BranchbookError } from '../../core/error';
import type { IFileHandle, IFileSystem } from '../../core/port';

/** A call that is about to happen. */
export type FileOperation = {
  /** Counts from 0 over all operations, those of open files included. */
  readonly index: number;
  readonly name: keyof IFileSystem | keyof IFileHandle;
  readonly path: string;
  /** Where `rename`, `link` and `copyFile` lead. */
  readonly to?: string;
  /** True when it changes something on disk or makes it durable. */
  readonly mutates: boolean;
};

/** Called before or after every operation; what it throws is what the caller of the operation gets. */
export type Interference = (operation: FileOperation) => void | Promise<void>;

const reading = new Set([
  'lstat',
  'readFile',
  'readlink',
  'readdir',
  'freeBytes',
  'read',
  'stat',
  'close',
  'readUnchanged'
]);

/**
 * A file system that calls `before` before each operation and `after` after each that succeeded. A write that `before`
 * makes fail leaves half of its bytes.
 */
export function createFaultyFileSystem(inner: IFileSystem, before: Interference, after?: Interference): IFileSystem {
  let count = 0;
  const call = async <T>(
    operation: Omit<FileOperation, 'index' | 'mutates'> & { readonly mutates?: boolean },
    work: () => Promise<T>,
    failed?: () => Promise<void>
  ): Promise<T> => {
    const full = { mutates: !reading.has(operation.name), ...operation, index: count++ };
    try {
      await before(full);
    } catch (error) {
      await failed?.();
      throw error;
    }
    const result = await work();
    await after?.(full);
    return result;
  };
  const wrapHandle = (handle: IFileHandle, path: string): IFileHandle => ({
    read: (buffer, position) => call({ name: 'read', path }, () => handle.read(buffer, position)),
    write: (bytes, position) =>
      call(
        { name: 'write', path },
        () => handle.write(bytes, position),
        () => handle.write(bytes.subarray(0, bytes.length >> 1), position)
      ),
    stat: () => call({ name: 'stat', path }, () => handle.stat()),
    sync: () => call({ name: 'sync', path }, () => handle.sync()),
    close: () =>
      call(
        { name: 'close', path },
        () => handle.close(),
        () => handle.close()
      )
  });
  return {
    lstat: path => call({ name: 'lstat', path }, () => inner.lstat(path)),
    glanceAll: async (paths, visit) => {
      for (const path of paths) {
        await call({ name: 'lstat', path }, async () => undefined);
      }
      return inner.glanceAll(paths, visit);
    },
    readFile: path => call({ name: 'readFile', path }, () => inner.readFile(path)),
    readUnchanged: async (files, into) => {
      const isRead: boolean[] = [];
      let start = 0;
      for (const file of files) {
        const piece = into.subarray(start, start + file.stat.size);
        const read = call({ name: 'readUnchanged', path: file.path }, () => inner.readUnchanged([file], piece));
        isRead.push((await read.catch(() => [false]))[0] === true);
        start += file.stat.size;
      }
      return isRead;
    },
    readlink: path => call({ name: 'readlink', path }, () => inner.readlink(path)),
    readdir: path => call({ name: 'readdir', path }, () => inner.readdir(path)),
    open: async (path, flags, mode) => {
      const open = (): Promise<IFileHandle> => inner.open(path, flags, mode);
      return wrapHandle(await call({ name: 'open', path, mutates: flags === 'create' }, open), path);
    },
    mkdir: path => call({ name: 'mkdir', path }, () => inner.mkdir(path)),
    rename: (from, to) => call({ name: 'rename', path: from, to }, () => inner.rename(from, to)),
    link: (from, to) => call({ name: 'link', path: from, to }, () => inner.link(from, to)),
    symlink: (target, path) => call({ name: 'symlink', path }, () => inner.symlink(target, path)),
    unlink: path => call({ name: 'unlink', path }, () => inner.unlink(path)),
    rmdir: path => call({ name: 'rmdir', path }, () => inner.rmdir(path)),
    chmod: (path, mode) => call({ name: 'chmod', path }, () => inner.chmod(path, mode)),
    touch: (path, time) => call({ name: 'touch', path }, () => inner.touch(path, time)),
    copyFile: (from, to) => call({ name: 'copyFile', path: from, to }, () => inner.copyFile(from, to)),
    syncDirectory: path => call({ name: 'syncDirectory', path }, () => inner.syncDirectory(path)),
    freeBytes: path => call({ name: 'freeBytes', path }, () => inner.freeBytes(path)),
    watch: (paths, listener) => inner.watch(paths, listener)
  };
}

/** Let the `nth` operation (from 0) among those that `counts` accepts fail once. */
export function failAt(
  nth: number,
  error: BranchbookError,
  counts: (operation: FileOperation) => boolean = operation => operation.mutates
): Interference {
  let seen = 0;
  return operation => {
    if (counts(operation) && seen++ === nth) {
      throw error;
    }
  };
}

/** Let the `nth` operation (from 0) that changes something, and everything after it, fail: the process was killed. */
export function dieAt(nth: number, error: BranchbookError): Interference {
  let seen = 0;
  let dead = false;
  return operation => {
    dead ||= operation.mutates && seen++ === nth;
    if (dead) {
      throw error;
    }
  };
}
