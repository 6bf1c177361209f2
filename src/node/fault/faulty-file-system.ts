import type { BranchbookError } from '../../core/error';
import type { IFileHandle, IFileSystem } from '../../core/port';

/** A call that is about to happen. */
export type FileOperation = {
  /** Counts from 0 over all operations, those of open files included. */
  readonly index: number;
  readonly name: keyof IFileSystem | keyof IFileHandle;
  readonly path: string;
  /** True when it changes something on disk or makes it durable. */
  readonly mutates: boolean;
};

/** Called before every operation; what it throws is what the caller of the operation gets. */
export type Interference = (operation: FileOperation) => void | Promise<void>;

const reading = new Set(['lstat', 'readFile', 'readlink', 'readdir', 'freeBytes', 'read', 'stat', 'close']);

/** A file system that calls `interfere` before each operation. A write that is made to fail leaves half of its bytes. */
export function createFaultyFileSystem(inner: IFileSystem, interfere: Interference): IFileSystem {
  let count = 0;
  const before = async (name: FileOperation['name'], path: string): Promise<void> => {
    await interfere({ index: count++, name, path, mutates: !reading.has(name) });
  };
  const wrapHandle = (handle: IFileHandle, path: string): IFileHandle => ({
    read: (buffer, position) => before('read', path).then(() => handle.read(buffer, position)),
    write: async (bytes, position) => {
      try {
        await before('write', path);
      } catch (error) {
        await handle.write(bytes.subarray(0, bytes.length >> 1), position);
        throw error;
      }
      await handle.write(bytes, position);
    },
    stat: () => before('stat', path).then(() => handle.stat()),
    sync: () => before('sync', path).then(() => handle.sync()),
    close: async () => {
      try {
        await before('close', path);
      } finally {
        await handle.close();
      }
    }
  });
  return {
    lstat: path => before('lstat', path).then(() => inner.lstat(path)),
    glanceAll: async (paths, visit) => {
      for (const path of paths) {
        await before('lstat', path);
      }
      return inner.glanceAll(paths, visit);
    },
    readFile: path => before('readFile', path).then(() => inner.readFile(path)),
    readlink: path => before('readlink', path).then(() => inner.readlink(path)),
    readdir: path => before('readdir', path).then(() => inner.readdir(path)),
    open: async (path, flags, mode) => {
      await interfere({ index: count++, name: 'open', path, mutates: flags === 'create' });
      return wrapHandle(await inner.open(path, flags, mode), path);
    },
    mkdir: path => before('mkdir', path).then(() => inner.mkdir(path)),
    rename: (from, to) => before('rename', from).then(() => inner.rename(from, to)),
    link: (from, to) => before('link', from).then(() => inner.link(from, to)),
    symlink: (target, path) => before('symlink', path).then(() => inner.symlink(target, path)),
    unlink: path => before('unlink', path).then(() => inner.unlink(path)),
    rmdir: path => before('rmdir', path).then(() => inner.rmdir(path)),
    chmod: (path, mode) => before('chmod', path).then(() => inner.chmod(path, mode)),
    touch: (path, time) => before('touch', path).then(() => inner.touch(path, time)),
    copyFile: (from, to) => before('copyFile', from).then(() => inner.copyFile(from, to)),
    syncDirectory: path => before('syncDirectory', path).then(() => inner.syncDirectory(path)),
    freeBytes: path => before('freeBytes', path).then(() => inner.freeBytes(path)),
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
