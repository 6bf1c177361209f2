import { BranchbookError } from '../../core/error';
import type { IFileSystem } from '../../core/port';

/** The same files, for looking only. Everything that would change something is PERMISSION_DENIED. */
export function readOnly(files: IFileSystem): IFileSystem {
  const refuse = (path: string): Promise<never> =>
    Promise.reject(new BranchbookError('PERMISSION_DENIED', `${path} is opened for reading only.`, { path }));
  return {
    lstat: path => files.lstat(path),
    glanceAll: (paths, visit) => files.glanceAll(paths, visit),
    readFile: path => files.readFile(path),
    readUnchanged: (seen, into) => files.readUnchanged(seen, into),
    readlink: path => files.readlink(path),
    readdir: path => files.readdir(path),
    freeBytes: path => files.freeBytes(path),
    watch: (paths, listener) => files.watch(paths, listener),
    open: (path, flags) => (flags === 'read' ? files.open(path, 'read') : refuse(path)),
    mkdir: refuse,
    rename: refuse,
    link: (_, to) => refuse(to),
    symlink: (_, path) => refuse(path),
    unlink: refuse,
    rmdir: refuse,
    chmod: refuse,
    touch: refuse,
    copyFile: (_, to) => refuse(to),
    syncDirectory: refuse
  };
}
