import { BranchbookError } from '../../core/error';
import type { FileStat, IFileHandle, IFileSystem } from '../../core/port';
import { isSameFile } from '../fs/same-file';

/** Coarsest step of file times on the systems we run on, in milliseconds. */
const TIME_STEP = 20;

function regularFile(path: string, stat: FileStat | null): FileStat {
  if (stat?.kind !== 'file') {
    const reason = stat ? `it is a ${stat.kind}` : 'it does not exist';
    throw new BranchbookError('FILE_UNREADABLE', `Cannot read ${path}: ${reason}.`, { path, reason });
  }
  return stat;
}

/** Whatever goes wrong with reading the user's file is FILE_UNREADABLE. */
async function unreadable<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const { message, data } = BranchbookError.from(error);
    const hint = 'Check the permissions of the file and the disk.';
    throw new BranchbookError('FILE_UNREADABLE', message, { ...data, path, reason: message }, hint);
  }
}

/** A file that must not change while it is read. */
export class UnchangingFile {
  private constructor(
    private readonly _files: IFileSystem,
    private readonly _path: string,
    private readonly _handle: IFileHandle,
    private readonly _stat: FileStat
  ) {}

  /**
   * Open the file that `lstat` told about. FILE_UNREADABLE when it is not a file or may not be read. A file written
   * within the last step of the clock could change again without its times showing it, so such a file is given time
   * first.
   */
  static async open(files: IFileSystem, path: string, stat: FileStat | null): Promise<UnchangingFile> {
    const first = regularFile(path, stat);
    const age = Date.now() - Number(first.ctimeNs / 1_000_000n);
    if (age >= 0 && age < TIME_STEP) {
      await new Promise(resolve => setTimeout(resolve, TIME_STEP - age));
    }
    const handle = await unreadable(path, files.open(path, 'read'));
    const file = new UnchangingFile(files, path, handle, first);
    try {
      // What was opened must be what stood there, not what a symbolic link put in its place points to.
      file._compare(await handle.stat());
    } catch (error) {
      await handle.close();
      throw error;
    }
    return file;
  }

  get size(): number {
    return this._stat.size;
  }

  /** Bytes read, at least one; `buffer` must not reach beyond the size. */
  async read(buffer: Uint8Array, position: number): Promise<number> {
    const count = await unreadable(this._path, this._handle.read(buffer, position));
    if (count === 0) {
      throw this._changed();
    }
    return count;
  }

  /** FILE_CHANGED when the file is no longer the one that was opened. */
  async verify(): Promise<void> {
    this._compare(await this._files.lstat(this._path));
  }

  async close(): Promise<void> {
    await this._handle.close();
  }

  private _compare(now: FileStat | null): void {
    if (!now || !isSameFile(now, this._stat)) {
      throw this._changed();
    }
  }

  private _changed(): BranchbookError {
    const path = this._path;
    const hint = 'Wait until the program that writes it is done, then try again.';
    return new BranchbookError('FILE_CHANGED', `${path} changed while it was read.`, { path, attempts: 1 }, hint);
  }
}
