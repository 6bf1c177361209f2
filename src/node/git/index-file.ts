/**
 * git's index, versions 2 to 4 (Documentation/gitformat-index.adoc). Written as version 2, or 3 where an entry has
 * extended flags, which is what git writes by default.
 *
 * In memory it stays what it is on disk: bytes, and where each entry begins. An entry becomes an object when somebody
 * asks for it, because objects for a hundred thousand files cost more than all else a switch does; and a new index is
 * the old one's bytes with the changed entries exchanged.
 */
import type { FileMode, ObjectId, TreeEntry } from '../../core/model/git';
import type { Glance } from '../../core/port';
import { asBuffer, compareBytes, decodePath, sha1 } from './bytes';
import type { CacheTree } from './cache-tree';
import { decodeCacheTree, encodeCacheTree } from './cache-tree';
import type { RawIndexEntry } from './index-entry';
import {
  decodeEntry,
  decodeMode,
  decodeName,
  encodeEntry,
  field,
  flag,
  forgetStat,
  invalid,
  nameStart,
  unsupported
} from './index-entry';

const HEADER = 12;
const HASH = 20;
/** Bits of a mode. */
const FILE_TYPE = 0o170000;
const EXECUTABLE = 0o100;
const SYMLINK = 0o120000;

export class IndexFile {
  /**
   * @param _bytes the entries, as version 2 or 3 has them
   * @param _starts where each begins in them, and at last where they end
   * @param paths of the entries, in the order of their bytes; an unmerged path once for each stage
   * @param cacheTree ids of the trees that folders of the index stand for, where git knew them
   */
  constructor(
    private readonly _bytes: Buffer,
    private readonly _starts: Float64Array,
    readonly paths: readonly string[],
    readonly cacheTree: CacheTree | null
  ) {}

  static readonly empty = new IndexFile(Buffer.alloc(0), new Float64Array(1), [], null);

  entry(position: number): RawIndexEntry {
    return decodeEntry(this._bytes, this._start(position), this.paths[position] as string);
  }

  /** What each entry is, without its stat. */
  list(): readonly TreeEntry[] {
    return this.paths.map((_, position) => {
      const { path, mode, oid } = this.entry(position);
      return { path, mode, oid };
    });
  }

  /** Position of the first entry that is not before `path` in the order of bytes. */
  lowerBound(path: string): number {
    let low = 0;
    let high = this.paths.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes(this.paths[middle] as string, path) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Where the entries of the folder `prefix` (with a slash at the end) end that begin at `start`. */
  endOf(prefix: string, start: number, end: number): number {
    let low = start;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.paths[middle] as string).startsWith(prefix)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  has(path: string): boolean {
    return this.paths[this.lowerBound(path)] === path;
  }

  /** One entry; those of all stages for an unmerged path. */
  entriesAt(path: string): readonly RawIndexEntry[] {
    const found: RawIndexEntry[] = [];
    for (let position = this.lowerBound(path); this.paths[position] === path; position += 1) {
      found.push(this.entry(position));
    }
    return found;
  }

  /** Entries of regular files, none of them unmerged, whose size is not known or one that `accepts` takes. */
  ofSize(accepts: (size: number) => boolean): readonly RawIndexEntry[] {
    const found: RawIndexEntry[] = [];
    for (let position = 0; position < this.paths.length; position += 1) {
      const size = this._bytes.readUInt32BE(this._start(position) + field.size);
      const entry = size === 0 || accepts(size) ? this.entry(position) : null;
      if (entry?.stage === 0 && entry.mode.startsWith('100')) {
        found.push(entry);
      }
    }
    return found;
  }

  /** Modification time of the file as the entry was made, whole seconds; 0 = unknown. */
  mtimeSeconds(position: number): number {
    return this._bytes.readUInt32BE(this._start(position) + field.mtime);
  }

  /** Neither unmerged nor with extended flags, and it says when a file (or link) was written and how long it was. */
  isPlain(position: number): boolean {
    const at = this._start(position);
    const flags = this._bytes.readUInt16BE(at + field.flags);
    return (
      (flags & (flag.extended | flag.stage)) === 0 &&
      this._bytes.readUInt32BE(at + field.size) !== 0 &&
      this._bytes.readUInt32BE(at + field.mtime) !== 0
    );
  }

  /**
   * Whether a file looks as it did when the entry was made. Times are compared as doubles, which tell 250 nanoseconds
   * apart: nobody can look at a file and then write to it within less. False also when doubles cannot decide.
   * `fileMode`: executable bits mean something.
   */
  looksSame(position: number, glance: Glance, fileMode: boolean, trustCtime: boolean): boolean {
    const at = this._start(position);
    const bytes = this._bytes;
    const mode = bytes.readUInt32BE(at + field.mode);
    const compared = fileMode && mode !== SYMLINK ? FILE_TYPE | EXECUTABLE : FILE_TYPE;
    return (
      glance.mtimeMs === milliseconds(bytes, at + field.mtime) &&
      (!trustCtime || glance.ctimeMs === milliseconds(bytes, at + field.ctime)) &&
      glance.size % 0x1_0000_0000 === bytes.readUInt32BE(at + field.size) &&
      Number.isSafeInteger(glance.ino) &&
      glance.ino % 0x1_0000_0000 === bytes.readUInt32BE(at + field.ino) &&
      (glance.mode & compared) === (mode & compared)
    );
  }

  /** Whether the entry is exactly this in git. */
  isEntry(position: number, mode: FileMode, oid: ObjectId): boolean {
    const at = this._start(position);
    return (
      (this._bytes.readUInt16BE(at + field.flags) & flag.stage) === 0 &&
      decodeMode(this._bytes.readUInt32BE(at + field.mode)) === mode &&
      this._bytes.toString('hex', at + field.oid, at + field.flags) === oid
    );
  }

  /**
   * The index with other entries: `changes` says for a path what it becomes; null removes it, with all its stages. Old
   * entries that are `racy` are made to say that nothing is known of the file.
   */
  with(changes: ReadonlyMap<string, RawIndexEntry | null>, racy: (mtimeSeconds: number) => boolean): IndexFile {
    const paths: string[] = [];
    const pieces: Buffer[] = [];
    const starts = new Float64Array(this.paths.length + changes.size + 1);
    let length = 0;
    const keep = (from: number, to: number): void => {
      const shift = length - this._start(from);
      for (let position = from; position < to; position += 1) {
        starts[paths.length] = this._start(position) + shift;
        paths.push(this.paths[position] as string);
      }
      pieces.push(this._bytes.subarray(this._start(from), this._start(to)));
      length += this._start(to) - this._start(from);
    };
    let at = 0;
    const added = new Set<number>();
    for (const path of [...changes.keys()].sort(compareBytes)) {
      const here = this.lowerBound(path);
      keep(at, here);
      for (at = here; this.paths[at] === path;) {
        at += 1;
      }
      const entry = changes.get(path);
      if (entry) {
        const piece = encodeEntry(entry);
        added.add(paths.length);
        starts[paths.length] = length;
        paths.push(path);
        pieces.push(piece);
        length += piece.length;
      }
    }
    keep(at, this.paths.length);
    starts[paths.length] = length;
    const bytes = Buffer.concat(pieces, length);
    for (let position = 0; position < paths.length; position += 1) {
      const start = starts[position] as number;
      if (!added.has(position) && racy(bytes.readUInt32BE(start + field.mtime))) {
        forgetStat(bytes, start);
      }
    }
    return new IndexFile(bytes, starts.subarray(0, paths.length + 1), paths, this.cacheTree);
  }

  withCacheTree(cacheTree: CacheTree | null): IndexFile {
    return new IndexFile(this._bytes, this._starts, this.paths, cacheTree);
  }

  /** The file. Extensions other than TREE only speed git up and are left for git to make anew. */
  encode(): Buffer {
    const tree = this.cacheTree ? encodeCacheTree(this.cacheTree) : Buffer.alloc(0);
    const bytes = Buffer.allocUnsafe(HEADER + this._bytes.length + tree.length + HASH);
    bytes.write('DIRC', 0, 'latin1');
    bytes.writeUInt32BE(this._hasExtendedFlags() ? 3 : 2, 4);
    bytes.writeUInt32BE(this.paths.length, 8);
    this._bytes.copy(bytes, HEADER);
    tree.copy(bytes, HEADER + this._bytes.length);
    bytes.write(sha1(bytes.subarray(0, bytes.length - HASH)), bytes.length - HASH, 'hex');
    return bytes;
  }

  private _start(position: number): number {
    return this._starts[position] as number;
  }

  private _hasExtendedFlags(): boolean {
    for (let position = 0; position < this.paths.length; position += 1) {
      if (this._bytes.readUInt16BE(this._start(position) + field.flags) & flag.extended) {
        return true;
      }
    }
    return false;
  }
}

/** As `fs.Stats` has times. */
function milliseconds(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 1000 + bytes.readUInt32BE(at + 4) / 1_000_000;
}

/** Decode, verifying the checksum. FORMAT_INVALID when damaged, REPOSITORY_UNSUPPORTED for split and sparse indexes. */
export function decodeIndex(file: Uint8Array): IndexFile {
  const buffer = asBuffer(file);
  if (buffer.length < HEADER + HASH || buffer.toString('latin1', 0, 4) !== 'DIRC') {
    throw invalid('it has no header');
  }
  const version = buffer.readUInt32BE(4);
  if (version < 2 || version > 4) {
    throw unsupported(`version ${version} of git’s index`, 'Run “git update-index --index-version 2”.');
  }
  const trailer = checksumOf(buffer);
  if (trailer !== null && sha1(buffer.subarray(0, buffer.length - HASH)) !== trailer) {
    throw invalid('its checksum does not match');
  }
  const bytes = buffer.subarray(0, buffer.length - HASH);
  const count = bytes.readUInt32BE(8);
  try {
    const { entries, end } = version === 4 ? decodeShortened(bytes, count) : decodeEntries(bytes, count);
    return entries.withCacheTree(decodeExtensions(bytes, end));
  } catch (error) {
    throw error instanceof RangeError ? invalid('it ends too early') : error;
  }
}

/** The checksum at the end of the file (or of its end); null when it was written without (index.skipHash). */
export function checksumOf(end: Buffer): string | null {
  const checksum = end.toString('hex', end.length - HASH);
  return /^0+$/.test(checksum) ? null : checksum;
}

type Decoded = { readonly entries: IndexFile; readonly end: number };

function decodeEntries(bytes: Buffer, count: number): Decoded {
  const starts = new Float64Array(checkCount(bytes, count) + 1);
  const paths: string[] = [];
  let at = HEADER;
  for (let position = 0; position < count; position += 1) {
    decodeMode(bytes.readUInt32BE(at + field.mode));
    const name = nameStart(bytes, at);
    const nameEnd = bytes.indexOf(0, name);
    if (nameEnd < 0) {
      throw invalid('a path does not end');
    }
    starts[position] = at - HEADER;
    paths.push(checkOrder(paths, decodeName(bytes, at)));
    // Padded with 1–8 NULs to a multiple of eight.
    at += (nameEnd - at + 8) & ~7;
  }
  starts[count] = at - HEADER;
  if (at > bytes.length) {
    throw invalid('it ends too early');
  }
  return { entries: new IndexFile(bytes.subarray(HEADER, at), starts, paths, null), end: at };
}

/** Version 4, in which a path says only how it differs from the one before. */
function decodeShortened(bytes: Buffer, count: number): Decoded {
  const starts = new Float64Array(checkCount(bytes, count) + 1);
  const pieces: Buffer[] = [];
  const paths: string[] = [];
  let at = HEADER;
  let last = Buffer.alloc(0);
  let length = 0;
  for (let position = 0; position < count; position += 1) {
    const cut = decodeOffset(bytes, nameStart(bytes, at));
    const nameEnd = bytes.indexOf(0, cut.end);
    if (nameEnd < 0 || cut.value > last.length) {
      throw invalid('a path does not end');
    }
    last = Buffer.concat([last.subarray(0, last.length - cut.value), bytes.subarray(cut.end, nameEnd)]);
    paths.push(checkOrder(paths, decodePath(last)));
    const piece = encodeEntry(decodeEntry(bytes, at, paths[position] as string));
    pieces.push(piece);
    starts[position] = length;
    length += piece.length;
    at = nameEnd + 1;
  }
  starts[count] = length;
  return { entries: new IndexFile(Buffer.concat(pieces), starts, paths, null), end: at };
}

/** Nothing is allocated for entries that the file has no room for. */
function checkCount(bytes: Buffer, count: number): number {
  if (count * field.name > bytes.length) {
    throw invalid('it ends too early');
  }
  return count;
}

/** Searching relies on the order. */
function checkOrder(before: readonly string[], path: string): string {
  const last = before[before.length - 1];
  if (last !== undefined && compareBytes(last, path) > 0) {
    throw invalid('its paths are out of order');
  }
  return path;
}

/** The variable-length number of pack offsets, with which version 4 says how much of the last path to cut. */
function decodeOffset(bytes: Buffer, start: number): { readonly value: number; readonly end: number } {
  let at = start;
  let byte = bytes.readUInt8(at++);
  let value = byte & 0x7f;
  while (byte & 0x80) {
    byte = bytes.readUInt8(at++);
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return { value, end: at };
}

/** Optional extensions (capital first letter) may be ignored; TREE is used; others change the meaning of the index. */
function decodeExtensions(bytes: Buffer, start: number): CacheTree | null {
  let cacheTree: CacheTree | null = null;
  for (let at = start; at + 8 <= bytes.length;) {
    const name = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32BE(at + 4);
    if (name === 'TREE') {
      cacheTree = decodeCacheTree(bytes.subarray(at + 8, at + 8 + size));
    } else if (name === 'link') {
      throw unsupported('a split index', 'Run “git update-index --no-split-index”.');
    } else if (name === 'sdir') {
      throw unsupported('a sparse index', 'Run “git sparse-checkout disable”.');
    } else if (!/^[A-Z]/.test(name)) {
      throw unsupported(`the index extension ${JSON.stringify(name)}`, 'Use a newer Branchbook.');
    }
    at += 8 + size;
  }
  return cacheTree;
}
