/**
 * A file system in memory that can lose power: what was not flushed is gone, be it bytes of a file (`sync`) or entries
 * of a directory (`syncDirectory`). POSIX semantics as far as IFileSystem shows them.
 */
import type { DirectoryEntry, FileStat, Glance, IDisposable, IFileHandle, IFileSystem } from '../../core/port';
import { fileError } from '../fs/file-error';

const MAX_LINKS = 40;

type Meta = { readonly ino: bigint; mode: number; mtimeNs: bigint; ctimeNs: bigint };
type FileNode = Meta & { readonly kind: 'file'; bytes: Uint8Array; durable: Uint8Array };
type DirectoryNode = Meta & { readonly kind: 'directory'; entries: Map<string, Node>; durable: Map<string, Node> };
type LinkNode = Meta & { readonly kind: 'symlink'; readonly target: string };
type Node = FileNode | DirectoryNode | LinkNode;
type Place = { readonly parent: DirectoryNode; readonly name: string; readonly node: Node | undefined };

function byName(a: DirectoryEntry, b: DirectoryEntry): number {
  return a.name < b.name ? -1 : 1;
}

function toGlance(stat: FileStat): Glance {
  const milliseconds = (time: bigint): number =>
    Number(time / 1_000_000_000n) * 1000 + Number(time % 1_000_000_000n) / 1_000_000;
  const { mode, size, ino, mtimeNs, ctimeNs } = stat;
  return { mode, size, ino: Number(ino), mtimeMs: milliseconds(mtimeNs), ctimeMs: milliseconds(ctimeNs) };
}

export class MemoryFileSystem implements IFileSystem {
  private readonly _root: DirectoryNode;
  private readonly _watchers = new Set<{ readonly paths: readonly string[]; readonly listener: () => void }>();
  private _ino = 1n;
  private _clock = 0n;

  /** `capacity` is in bytes. */
  constructor(private readonly _capacity = Infinity) {
    this._root = this._newDirectory();
  }

  /** Forget everything that was not flushed. Open handles must not be used afterwards. */
  losePower(): void {
    const revert = (node: Node): void => {
      if (node.kind === 'directory') {
        node.entries = new Map(node.durable);
        node.entries.forEach(revert);
      } else if (node.kind === 'file') {
        node.bytes = node.durable.slice();
      }
    };
    revert(this._root);
  }

  async lstat(path: string): Promise<FileStat | null> {
    try {
      const { node } = this._place(path, 'stat');
      return node ? this._stat(node) : null;
    } catch {
      return null;
    }
  }

  async glanceAll(paths: readonly string[], visit: (position: number, glance: Glance | null) => void): Promise<void> {
    for (const [position, path] of paths.entries()) {
      const stat = await this.lstat(path);
      visit(position, stat && toGlance(stat));
    }
  }

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
      parent.entries.set(name, {
        kind: 'file',
        ...this._meta(mode),
        bytes: new Uint8Array(),
        durable: new Uint8Array()
      });
      this._touch(parent, path);
    }
    return this._handle(this._file(path, 'open'), path, flags !== 'read');
  }

  async mkdir(path: string): Promise<void> {
    const { parent, name } = this._vacant(path, 'create');
    parent.entries.set(name, this._newDirectory());
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
    source.parent.entries.delete(source.name);
    target.parent.entries.set(target.name, node);
    node.ctimeNs = this._now();
    this._touch(source.parent, from);
    this._touch(target.parent, to);
  }

  async link(from: string, to: string): Promise<void> {
    const node = this._existing(from, 'link');
    const { parent, name } = this._vacant(to, 'link');
    parent.entries.set(name, node);
    node.ctimeNs = this._now();
    this._touch(parent, to);
  }

  async symlink(target: string, path: string): Promise<void> {
    const { parent, name } = this._vacant(path, 'create');
    parent.entries.set(name, { kind: 'symlink', ...this._meta(0o777), target });
    this._touch(parent, path);
  }

  async unlink(path: string): Promise<void> {
    const { parent, name, node } = this._place(path, 'delete');
    if (!node || node.kind === 'directory') {
      throw fileError(node ? 'EISDIR' : 'ENOENT', path, 'delete');
    }
    parent.entries.delete(name);
    this._touch(parent, path);
  }

  async rmdir(path: string): Promise<void> {
    const { parent, name, node } = this._place(path, 'delete');
    if (node?.kind !== 'directory' || node.entries.size > 0) {
      throw fileError(!node ? 'ENOENT' : node.kind === 'directory' ? 'ENOTEMPTY' : 'ENOTDIR', path, 'delete');
    }
    parent.entries.delete(name);
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
    directory.durable = new Map(directory.entries);
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
        file.durable = file.bytes.slice();
      },
      close: async () => undefined
    };
  }

  private _now(): bigint {
    const now = BigInt(Date.now()) * 1_000_000n;
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

  /** Where the path leads; symbolic links in all parts but the last are followed. */
  private _place(path: string, call: string, links = 0): Place {
    const parts = path.split('/').filter(part => part !== '' && part !== '.');
    const name = parts.pop();
    if (name === undefined) {
      return { parent: this._root, name: '', node: this._root };
    }
    let parent = this._root;
    for (const [i, part] of parts.entries()) {
      const child = this._followNode(parent.entries.get(part), `/${parts.slice(0, i + 1).join('/')}`, call, links);
      if (child?.kind !== 'directory') {
        throw fileError(child ? 'ENOTDIR' : 'ENOENT', path, call);
      }
      parent = child;
    }
    return { parent, name, node: parent.entries.get(name) };
  }

  private _followNode(node: Node | undefined, path: string, call: string, links: number): Node | undefined {
    if (node?.kind !== 'symlink') {
      return node;
    }
    if (links >= MAX_LINKS) {
      throw fileError('ELOOP', path, call);
    }
    const target = node.target.startsWith('/') ? node.target : `${path.slice(0, path.lastIndexOf('/'))}/${node.target}`;
    return this._followNode(this._place(target, call, links + 1).node, target, call, links + 1);
  }

  private _existing(path: string, call: string): Node {
    const { node } = this._place(path, call);
    if (!node) {
      throw fileError('ENOENT', path, call);
    }
    return node;
  }

  private _follow(path: string, call: string): Node {
    const node = this._followNode(this._existing(path, call), path, call, 0);
    if (!node) {
      throw fileError('ENOENT', path, call);
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
