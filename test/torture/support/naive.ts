/** Branchbook without one of the things that its durability rests on: what the harness must notice. */
import type { IFileHandle, IFileSystem } from '../../../src/core/port';

/**
 * `flush`: nothing is ever flushed. `rename`: files are written in place instead of renamed over others. `journal`: no
 * journal is kept.
 */
export type Lack = 'flush' | 'rename' | 'journal';

const isJournal = (path: string): boolean => path.includes('/branchbook/journal/');

export function createNaive(inner: IFileSystem, lacks: readonly Lack[]): IFileSystem {
  const lacking = (lack: Lack): boolean => lacks.includes(lack);
  const unflushed = (handle: IFileHandle): IFileHandle => ({
    read: (buffer, position) => handle.read(buffer, position),
    write: (bytes, position) => handle.write(bytes, position),
    stat: () => handle.stat(),
    sync: async () => undefined,
    close: () => handle.close()
  });
  const open: IFileSystem['open'] = async (path, flags, mode) => {
    const handle = await inner.open(path, flags, mode);
    return lacking('flush') ? unflushed(handle) : handle;
  };
  /** Byte by byte into the file that is there, which readers and a crash find half done. */
  const overwrite = async (from: string, to: string): Promise<void> => {
    const bytes = (await inner.readFile(from))!;
    await inner.unlink(to);
    const handle = await inner.open(to, 'create');
    for (let at = 0; at < bytes.length; at += 4096) {
      await handle.write(bytes.subarray(at, at + 4096), at);
    }
    await handle.sync();
    await handle.close();
    await inner.unlink(from);
  };
  return Object.assign(Object.create(inner) as IFileSystem, {
    open,
    syncDirectory: async (path: string) => (lacking('flush') ? undefined : inner.syncDirectory(path)),
    rename: async (from: string, to: string) => {
      if (lacking('journal') && isJournal(to)) {
        await inner.unlink(from);
        return;
      }
      const isFile = (await inner.lstat(to))?.kind === 'file';
      await (lacking('rename') && isFile ? overwrite(from, to) : inner.rename(from, to));
    },
    unlink: async (path: string) => {
      if (!(lacking('journal') && isJournal(path) && !(await inner.lstat(path)))) {
        await inner.unlink(path);
      }
    }
  });
}
