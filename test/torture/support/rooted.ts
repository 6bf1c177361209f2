import { utimesSync } from 'node:fs';
import type { IFileSystem } from '../../../src/core/port';
import { disk } from '../../../src/node/fs/disk';
import type { MemoryFileSystem } from '../../../src/node/memory/memory-file-system';

/** The real disk, seen by somebody whose `/` is `root`: what ran in memory runs there unchanged. */
export function createRooted(root: string): IFileSystem {
  const at = (path: string): string => `${root}${path}`;
  return {
    lstat: path => disk.lstat(at(path)),
    glanceAll: (paths, visit) => disk.glanceAll(paths.map(at), visit),
    readFile: path => disk.readFile(at(path)),
    readUnchanged: (seen, into) =>
      disk.readUnchanged(
        seen.map(({ path, stat }) => ({ path: at(path), stat })),
        into
      ),
    readlink: path => disk.readlink(at(path)),
    readdir: path => disk.readdir(at(path)),
    open: (path, flags, mode) => disk.open(at(path), flags, mode),
    mkdir: path => disk.mkdir(at(path)),
    rename: (from, to) => disk.rename(at(from), at(to)),
    link: (from, to) => disk.link(at(from), at(to)),
    symlink: (target, path) => disk.symlink(target, at(path)),
    unlink: path => disk.unlink(at(path)),
    rmdir: path => disk.rmdir(at(path)),
    chmod: (path, mode) => disk.chmod(at(path), mode),
    touch: (path, time) => disk.touch(at(path), time),
    copyFile: (from, to) => disk.copyFile(at(from), at(to)),
    syncDirectory: path => disk.syncDirectory(at(path)),
    freeBytes: path => disk.freeBytes(at(path)),
    watch: (paths, listener) => disk.watch(paths.map(at), listener)
  };
}

/** Write everything below `path` of a file system in memory to the disk, `root` standing for its `/`; it looks a minute old. */
export async function exportTo(memory: MemoryFileSystem, root: string, path = ''): Promise<void> {
  const files = createRooted(root);
  for (const { name, kind } of await memory.readdir(path || '/')) {
    const below = `${path}/${name}`;
    if (kind === 'directory') {
      await files.mkdir(below);
      await exportTo(memory, root, below);
    } else if (kind === 'symlink') {
      await files.symlink(await memory.readlink(below), below);
    } else {
      const { mode } = (await memory.lstat(below))!;
      const handle = await files.open(below, 'create', mode & 0o777);
      await handle.write((await memory.readFile(below))!, 0);
      await handle.close();
      const time = new Date(Date.now() - 60_000);
      utimesSync(`${root}${below}`, time, time);
    }
  }
}
