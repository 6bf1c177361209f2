/** What `lstat` says. Times are nanoseconds since 1970; `ino` and `dev` identify the file while it exists. */
export type FileStat = {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly size: number;
  readonly mode: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly dev: bigint;
  readonly uid: number;
  readonly gid: number;
};

/** What one quick look says, in doubles, so that nothing has to be made of it. Times are milliseconds since 1970. */
export type Glance = {
  /** With the bits of the file's type. */
  readonly mode: number;
  readonly size: number;
  readonly ino: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
};

/** A file, and what a look said of it. */
export type SeenFile = { readonly path: string; readonly stat: FileStat };

export type DirectoryEntry = {
  readonly name: string;
  readonly kind: FileStat['kind'];
};

/** An open file; offsets and lengths in bytes. */
export interface IFileHandle {
  read(buffer: Uint8Array, position: number): Promise<number>;
  /** Write all of `bytes` (short writes are continued). */
  write(bytes: Uint8Array, position: number): Promise<void>;
  stat(): Promise<FileStat>;
  /** Flush data and metadata to the device. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The file system. The only door to the disk: faults and power loss are injected here.
 * Failures are BranchbookErrors (DISK_FULL, PERMISSION_DENIED, PATH_UNKNOWN, IO); `lstat` and `readFile` answer null
 * for a path that does not exist and throw for everything else.
 */
export interface IFileSystem {
  lstat(path: string): Promise<FileStat | null>;
  /** Look at each path, as `lstat` does: for tens of thousands of files. A glance is valid until `visit` returns. */
  glanceAll(paths: readonly string[], visit: (position: number, glance: Glance | null) => void): Promise<void>;
  readFile(path: string): Promise<Uint8Array | null>;
  /**
   * Read small files whole, one behind the other: each begins in `into` where the sizes before it end. Tells of each
   * whether that is what it held all the time since the look; false also when it cannot be read.
   */
  readUnchanged(files: readonly SeenFile[], into: Uint8Array): Promise<readonly boolean[]>;
  readlink(path: string): Promise<string>;
  /** Sorted by name. PATH_UNKNOWN when the directory does not exist. */
  readdir(path: string): Promise<readonly DirectoryEntry[]>;
  /** `create` fails with IO (data.errno EEXIST) when the file exists: git's O_EXCL lock protocol. */
  open(path: string, flags: 'read' | 'create' | 'write', mode?: number): Promise<IFileHandle>;
  mkdir(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Hard link; fails with IO (EEXIST) when `to` exists. The no-clobber publication step. */
  link(from: string, to: string): Promise<void>;
  symlink(target: string, path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  /** Set the time of modification, milliseconds since 1970. */
  touch(path: string, time: number): Promise<void>;
  /** Copy bytes, by reflink where the file system can. */
  copyFile(from: string, to: string): Promise<void>;
  /** Flush a directory's entries to the device. */
  syncDirectory(path: string): Promise<void>;
  /** Bytes free for this user on the file system holding `path`. */
  freeBytes(path: string): Promise<number>;
  /** Call `listener` (coalesced) whenever something below `paths` may have changed. */
  watch(paths: readonly string[], listener: () => void): IDisposable;
}

export interface IDisposable {
  dispose(): void;
}
