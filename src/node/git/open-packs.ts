/** Packs that stay open while many objects are read, and are read a window at a time: neighbours are asked for together. */
import type { IFileHandle, IFileSystem } from '../../core/port';
import type { PackBytes } from './pack-file';

/** Bytes of a window: below what a file system reads outside the calling thread. */
const WINDOW = 128 * 1024;

export class OpenPacks {
  private readonly _open = new Map<string, OpenPack>();

  constructor(private readonly _files: IFileSystem) {}

  async get(path: string): Promise<PackBytes> {
    let pack = this._open.get(path);
    if (!pack) {
      pack = new OpenPack(await this._files.open(path, 'read'));
      this._open.set(path, pack);
    }
    return pack;
  }

  async close(): Promise<void> {
    for (const pack of this._open.values()) {
      await pack.close();
    }
  }
}

class OpenPack implements PackBytes {
  private readonly _window = Buffer.allocUnsafe(WINDOW);
  private _start = 0;
  private _end = 0;

  constructor(private readonly _handle: IFileHandle) {}

  async read(buffer: Uint8Array, position: number): Promise<number> {
    if (buffer.length > WINDOW) {
      return this._handle.read(buffer, position);
    }
    if (position < this._start || position + buffer.length > this._end) {
      this._start = position;
      this._end = position + (await this._handle.read(this._window, position));
    }
    const from = position - this._start;
    return this._window.copy(buffer, 0, from, Math.min(from + buffer.length, this._end - this._start));
  }

  async close(): Promise<void> {
    await this._handle.close();
  }
}
