/**
 * A file system in memory that can lose power: what was not flushed is gone, be it bytes of a file (`sync`) or entries
 * of a directory (`syncDirectory`). POSIX semantics as far as IFileSystem shows them.
 */
import type { DirectoryEntry, FileStat, IDisposable, IFileHandle, IFileSystem } from '../../core/port';
import { fileError } from '../fs/file-error';
import { changesOf, copyTree, flushFiles, setEntry } from './node';
import type { DirectoryNode, FileNode, Meta, Node, PendingChange } from './node';
import { glanceAll, readUnchanged } from './one-by-one';
import { behind, locate } from './place';
import type { Place } from './place';
import { nothing } from './power-loss';
import type { IFate } from './power-loss';

export type MemoryOptions = {
  /** Bytes. Default: no limit. */
  readonly capacity?: number;
  /** How much older than it is every change looks, in milliseconds: nobody need wait for times to move on. */
  readonly age?: number;
  /**
   * True: changes of directories reach the device in their order, as with the journals of ext4, XFS, APFS and NTFS.
   * False (default): in any order, as POSIX allows.
   */
  readonly ordered?: boolean;
};

function byName(a: DirectoryEntry, b: DirectoryEntry): number {
  return a.name < b.name ? -1 : 1;
}

export class MemoryFileSystem implements IFileSystem {
  private _root: DirectoryNode;
  /** Changes of directories that were not flushed, oldest first. */
  private _pending: PendingChange[] = [];
  private readonly _watchers = new Set<{ readonly paths: readonly string[]; readonly listener: () => void }>();
  private _ino = 1n;
  private _clock = 0n;

  constructor(private readonly _options: MemoryOptions = {}) {
    this._root = this._newDirectory();
  }

  /** Another file system that holds the same, with the same waiting changes. Open handles stay with this one. */
  fork(options: MemoryOptions = {}): MemoryFileSystem {
    const copy = new MemoryFileSystem({ ...this._options, ...options });
    Object.assign(copy, { _ino: this._ino, _clock: this._clock });
    const { root, pending } = copyTree(this._root, this._pending);
    copy._root = root;
    copy._pending = pending;
    return copy;
  }

  /** Only what was flushed is certain to be left; `fate` decides on the rest. Open handles must not be used afterwards. */
  losePower(fate: IFate = nothing): void {
    const { length } = this._pending;
    const kept = this._options.ordered ? fate.keepsFirst(length) : null;
    this._pending
      .filter((_, index) => (kept === null ? fate.keeps() : index < kept))
      .forEach(change => this._makeDurable(change));
    this._pending = [];
    const files = new Set<FileNode>();
    const revert = (node: Node): void => {
      if (node.kind === 'directory') {
        node.entries = new Map(node.durable);
        node.entries.forEach(revert);
      } else if (node.kind === 'file' && node.bytes !== node.durable && !files.has(node)) {
        node.bytes = node.durable = fate.contentOf(node.durable, node.bytes);
        this._touch(node, '');
      }
      if (node.kind === 'file') {
        files.add(node);
      }
    };
    revert(this._root);
  }

  /** Flush everything, as time does. */
  settle(): void {
    this._pending.splice(0).forEach(change => this._makeDurable(change));
    flushFiles(this._root);
  }

  async lstat(path: string): Promise<FileStat | null> {
    const place = locate(this._root, path);
    return typeof place === 'object' && place.node ? this._stat(place.node) : null;
  }

  readonly glanceAll: IFileSystem['glanceAll'] = (paths, visit) => glanceAll(this, paths, visit);
  readonly readUnchanged: IFileSystem['readUnchanged'] = (files, into) => readUnchanged(this, files, into);

  async readFile(path: string): Promise<Uint8Array | null> {
    if (!(await this.lstat(path))) {
      return null;
    }
    return this._file(path, 'read').bytes.slice();
  }

  async readlink(path: string): Promise<string> {
    const node = this._existing(path, 'read the link');
    if (node.kind !== 'symlink') {
      throw fileError('EINVAL', path, 'read the link');
    }
    return node.target;
  }

  async readdir(path: string): Promise<readonly DirectoryEntry[]> {
    const { entries } = this._directory(path, 'list');
    return [...entries].map(([name, { kind }]) => ({ name, kind })).sort(byName);
  }

  async open(path: string, flags: 'read' | 'create' | 'write', mode = 0o666): Promise<IFileHandle> {
    if (flags === 'create') {
      const { parent, name } = this._vacant(path, 'create');
      const bytes = new Uint8Array();
      this._change([{ directory: parent, name, node: { kind: 'file', ...this._meta(mode), bytes, durable: bytes } }]);
      this._touch(parent, path);
    }
    return this._handle(this._file(path, 'open'), path, flags !== 'read');
  }

  async mkdir(path: string): Promise<void> {
    const { parent, name } = this._vacant(path, 'create');
    this._change([{ directory: parent, name, node: this._newDirectory() }]);
    this._touch(parent, path);
  }

  async rename(from: string, to: string): Promise<void> {
    const source = this._place(from, 'rename');
    const target = this._place(to, 'rename');
    const { node } = source;
    if (!node) {
      throw fileError('ENOENT', from, 'rename');
    }
    const occupied = target.node;
    if (occupied === node) {
      return;
    }
    if (occupied?.kind === 'directory' && (node.kind !== 'directory' || occupied.entries.size > 0)) {
      throw fileError(node.kind === 'directory' ? 'ENOTEMPTY' : 'EISDIR', to, 'rename');
    }
    if (occupied && occupied.kind !== 'directory' && node.kind === 'directory') {
      throw fileError('ENOTDIR', to, 'rename');
    }
    this._change([
      { directory: source.parent, name: source.name, node: undefined },
      { directory: target.parent, name: target.name, node }
    ]);
    node.ctimeNs = this._now();
    this._touch(source.parent, from);
    this._touch(target.parent, to);
  }

  async link(from: string, to: string): Promise<void> {
    const node = this._existing(from, 'link');
    const { parent, name } = this._vacant(to, 'link');
    this._change([{ directory: parent, name, node }]);
    node.ctimeNs = this._now();
    this._touch(parent, to);
  }

  async symlink(target: string, path: string): Promise<void> {
    const { parent, name } = this._vacant(path, 'create');
    this._change([{ directory: parent, name, node: { kind: 'symlink', ...this._meta(0o777), target } }]);
    this._touch(parent, path);
  }

  async unlink(path: string): Promise<void> {
    const { parent, name, node } = this._place(path, 'delete');
    if (!node || node.kind === 'directory') {
      throw fileError(node ? 'EISDIR' : 'ENOENT', path, 'delete');
    }
    this._change([{ directory: parent, name, node: undefined }]);
    this._touch(parent, path);
  }

  async rmdir(path: string): Promise<void> {
    const { parent, name, node } = this._place(path, 'delete');
    if (node?.kind !== 'directory' || node.entries.size > 0) {
      throw fileError(!node ? 'ENOENT' : node.kind === 'directory' ? 'ENOTEMPTY' : 'ENOTDIR', path, 'delete');
    }
    this._change([{ directory: parent, name, node: undefined }]);
    this._touch(parent, path);
  }

  async chmod(path: string, mode: number): Promise<void> {
    const node = this._follow(path, 'change the mode of');
    node.mode = mode;
    node.ctimeNs = this._now();
  }

  async touch(path: string, time: number): Promise<void> {
    const node = this._follow(path, 'change the time of');
    node.mtimeNs = BigInt(Math.trunc(time)) * 1_000_000n;
    node.ctimeNs = this._now();
  }

  async copyFile(from: string, to: string): Promise<void> {
    const source = this._file(from, 'copy');
    const handle = await this.open(to, (await this.lstat(to)) ? 'write' : 'create', source.mode);
    this._file(to, 'copy').bytes = new Uint8Array();
    await handle.write(source.bytes.slice(), 0);
  }

  async syncDirectory(path: string): Promise<void> {
    const directory = this._directory(path, 'flush');
    const forced = this._options.ordered ? new Set(this._pending) : changesOf(this._pending, directory);
    this._pending.filter(change => forced.has(change)).forEach(change => this._makeDurable(change));
    this._pending = this._pending.filter(change => !forced.has(change));
  }

  async freeBytes(): Promise<number> {
    return this._capacity - this._used();
  }

  watch(paths: readonly string[], listener: () => void): IDisposable {
    let pending = false;
    const watcher = {
      paths,
      listener: () => {
        if (!pending) {
          pending = true;
          queueMicrotask(() => {
            pending = false;
            if (this._watchers.has(watcher)) {
              listener();
            }
          });
        }
      }
    };
    this._watchers.add(watcher);
    return { dispose: () => void this._watchers.delete(watcher) };
  }

  private _handle(file: FileNode, path: string, writable: boolean): IFileHandle {
    return {
      read: async (buffer, position) => {
        const bytes = file.bytes.subarray(position, position + buffer.length);
        buffer.set(bytes);
        return bytes.length;
      },
      write: async (bytes, position) => {
        if (!writable) {
          throw fileError('EBADF', path, 'write');
        }
        const size = Math.max(file.bytes.length, position + bytes.length);
        if (this._used() + size - file.bytes.length > this._capacity) {
          throw fileError('ENOSPC', path, 'write');
        }
        const grown = new Uint8Array(size);
        grown.set(file.bytes);
        grown.set(bytes, position);
        file.bytes = grown;
        this._touch(file, path);
      },
      stat: async () => this._stat(file),
      sync: async () => {
        file.durable = file.bytes;
      },
      close: async () => undefined
    };
  }

  private get _capacity(): number {
    return this._options.capacity ?? Infinity;
  }

  private _change(change: PendingChange): void {
    change.forEach(({ directory, name, node }) => setEntry(directory, name, node));
    this._pending.push(change);
  }

  private _makeDurable(change: PendingChange): void {
    change.forEach(({ directory, name, node }) => setEntry({ entries: directory.durable }, name, node));
  }

  private _now(): bigint {
    const now = BigInt(Date.now() - (this._options.age ?? 0)) * 1_000_000n;
    this._clock = now > this._clock ? now : this._clock + 1n;
    return this._clock;
  }

  private _meta(mode: number): Meta {
    const now = this._now();
    return { ino: this._ino++, mode, mtimeNs: now, ctimeNs: now };
  }

  private _newDirectory(): DirectoryNode {
    return { kind: 'directory', ...this._meta(0o777), entries: new Map(), durable: new Map() };
  }

  private _touch(node: Node, path: string): void {
    node.mtimeNs = node.ctimeNs = this._now();
    for (const { paths, listener } of this._watchers) {
      if (paths.some(watched => path === watched || path.startsWith(`${watched}/`))) {
        listener();
      }
    }
  }

  private _stat(node: Node): FileStat {
    const size = node.kind === 'file' ? node.bytes.length : node.kind === 'symlink' ? node.target.length : 0;
    const { kind, mode, mtimeNs, ctimeNs, ino } = node;
    const type = { file: 0o100000, directory: 0o040000, symlink: 0o120000 }[kind];
    return { kind, size, mode: mode | type, mtimeNs, ctimeNs, ino, dev: 1n, uid: 0, gid: 0 };
  }

  private _used(node: Node = this._root): number {
    if (node.kind === 'directory') {
      return [...node.entries.values()].reduce((sum, child) => sum + this._used(child), 0);
    }
    return node.kind === 'file' ? node.bytes.length : 0;
  }

  private _place(path: string, call: string): Place {
    const place = locate(this._root, path);
    if (typeof place === 'string') {
      throw fileError(place, path, call);
    }
    return place;
  }

  private _existing(path: string, call: string): Node {
    const { node } = this._place(path, call);
    if (!node) {
      throw fileError('ENOENT', path, call);
    }
    return node;
  }

  private _follow(path: string, call: string): Node {
    const entry = this._existing(path, call);
    const node = entry.kind === 'symlink' ? behind(this._root, entry, path) : entry;
    if (typeof node !== 'object') {
      throw fileError(node ?? 'ENOENT', path, call);
    }
    return node;
  }

  private _file(path: string, call: string): FileNode {
    const node = this._follow(path, call);
    if (node.kind !== 'file') {
      throw fileError('EISDIR', path, call);
    }
    return node;
  }

  private _directory(path: string, call: string): DirectoryNode {
    const node = this._follow(path, call);
    if (node.kind !== 'directory') {
      throw fileError('ENOTDIR', path, call);
    }
    return node;
  }

  private _vacant(path: string, call: string): Place {
    const place = this._place(path, call);
    if (place.node) {
      throw fileError('EEXIST', path, call);
    }
    return place;
  }
}
