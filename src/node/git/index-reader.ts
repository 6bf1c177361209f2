/** Reads the index of one work tree, and again only when it is another one. */
import type { IFileHandle, IFileSystem } from '../../core/port';
import { invalid } from './index-entry';
import { checksumOf, decodeIndex, IndexFile } from './index-file';

/** `time` is when the index was written, nanoseconds. */
export type LoadedIndex = { readonly index: IndexFile; readonly time: bigint };

/** Bytes at the end of the file that say which index it is: its checksum. */
const CHECKSUM = 20;

export class IndexReader {
  /** The index read or written last. */
  private _known: { readonly checksum: string; readonly size: number; readonly index: IndexFile } | null = null;

  /** @param _path of the index; it need not be there */
  constructor(
    private readonly _files: IFileSystem,
    private readonly _path: string
  ) {}

  async load(): Promise<LoadedIndex> {
    const handle = await this._open();
    if (!handle) {
      return { index: IndexFile.empty, time: 0n };
    }
    try {
      // Of the open file, which stays the same although another program may exchange it meanwhile.
      const { size, mtimeNs } = await handle.stat();
      return { index: await this._read(handle, size), time: mtimeNs };
    } finally {
      await handle.close();
    }
  }

  /** What was just written need not be read. */
  remember(index: IndexFile, bytes: Buffer): void {
    const checksum = checksumOf(bytes);
    this._known = checksum === null ? null : { checksum, size: bytes.length, index };
  }

  private async _open(): Promise<IFileHandle | null> {
    const stat = await this._files.lstat(this._path);
    if (stat?.kind === 'other' || stat?.kind === 'directory') {
      throw invalid('it is not a file');
    }
    return stat && this._files.open(this._path, 'read');
  }

  private async _read(handle: IFileHandle, size: number): Promise<IndexFile> {
    if (this._known?.size === size) {
      const end = await readAt(handle, size - CHECKSUM, CHECKSUM);
      if (end.length === CHECKSUM && checksumOf(end) === this._known.checksum) {
        return this._known.index;
      }
    }
    const bytes = await readAt(handle, 0, size);
    const index = decodeIndex(bytes);
    this.remember(index, bytes);
    return index;
  }
}

async function readAt(handle: IFileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  for (let count = -1; count !== 0 && done < length; done += count) {
    count = await handle.read(bytes.subarray(done), start + done);
  }
  return bytes.subarray(0, done);
}
