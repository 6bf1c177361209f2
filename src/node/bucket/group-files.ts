/**
 * A file system where all that is made belongs to the group, whatever the umask: folders 2770 (what is made in them
 * inherits the group), files 660. So two users of one group can work in one folder.
 */
import { isExisting, temporaryName } from '../../core/durable';
import { hasCode } from '../../core/error';
import type { IFileSystem } from '../../core/port';
import { fileError } from '../fs/file-error';
import { RESERVED } from './key';

const FOLDER = 0o2770;
const FILE = 0o660;

/** A name beside `path` that no object has. */
export function reservedBeside(path: string, ending: string): string {
  const slash = path.lastIndexOf('/') + 1;
  return `${path.slice(0, slash)}${RESERVED}${path.slice(slash)}${ending}`;
}

export function forGroup(files: IFileSystem): IFileSystem {
  /** Mounts that have no such modes (SMB, FAT) refuse: there the mount decides. */
  const allow = async (path: string, mode: number): Promise<void> => {
    await files.chmod(path, mode).catch((error: unknown) => {
      if (!hasCode(error, 'PERMISSION_DENIED', 'IO')) {
        throw error;
      }
    });
  };
  return {
    lstat: path => files.lstat(path),
    glanceAll: (paths, visit) => files.glanceAll(paths, visit),
    readFile: path => files.readFile(path),
    readUnchanged: (seen, into) => files.readUnchanged(seen, into),
    readlink: path => files.readlink(path),
    readdir: path => files.readdir(path),
    open: async (path, flags) => {
      const handle = await files.open(path, flags, FILE);
      if (flags === 'create') {
        await allow(path, FILE);
      }
      return handle;
    },
    // Under its own name only with its mode: others may want to write there at once.
    mkdir: async path => {
      if (await files.lstat(path)) {
        throw fileError('EEXIST', path, 'create');
      }
      const temporary = temporaryName(reservedBeside(path, ''));
      await files.mkdir(temporary);
      try {
        await allow(temporary, FOLDER);
        await files.rename(temporary, path);
      } catch (error) {
        await files.rmdir(temporary).catch(() => undefined);
        throw isExisting(error) || (await files.lstat(path)) ? fileError('EEXIST', path, 'create') : error;
      }
    },
    rename: (from, to) => files.rename(from, to),
    link: (from, to) => files.link(from, to),
    symlink: (target, path) => files.symlink(target, path),
    unlink: path => files.unlink(path),
    rmdir: path => files.rmdir(path),
    chmod: (path, mode) => files.chmod(path, mode),
    touch: (path, time) => files.touch(path, time),
    copyFile: (from, to) => files.copyFile(from, to),
    syncDirectory: path => files.syncDirectory(path),
    freeBytes: path => files.freeBytes(path),
    watch: (paths, listener) => files.watch(paths, listener)
  };
}
