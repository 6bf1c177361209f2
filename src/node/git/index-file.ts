/**
 * git's index, versions 2 to 4 (Documentation/gitformat-index.adoc). Written as version 2, or 3 where an entry has
 * extended flags, which is what git writes by default.
 */
import { BranchbookError } from '../../core/error';
import type { FileMode, ObjectId } from '../../core/model/git';
import type { FileStat } from '../../core/port';
import { asBuffer, decodePath, sha1 } from './bytes';
import type { CacheTree } from './cache-tree';
import { decodeCacheTree, encodeCacheTree } from './cache-tree';

/** The ten numbers git keeps of a file's stat, each cut to 32 bits. */
export type IndexStat = {
  readonly ctimeSeconds: number;
  readonly ctimeNanoseconds: number;
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  readonly dev: number;
  readonly ino: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
};

export type RawIndexEntry = {
  readonly path: string;
  readonly mode: FileMode;
  readonly oid: ObjectId;
  readonly stage: 0 | 1 | 2 | 3;
  readonly stat: IndexStat;
  readonly assumeValid: boolean;
  readonly skipWorktree: boolean;
  readonly intentToAdd: boolean;
};

export type IndexFile = {
  readonly entries: readonly RawIndexEntry[];
  /** Ids of the trees that folders of the index stand for, where git knew them. */
  readonly cacheTree: CacheTree | null;
};

/** All zero: nothing is known of the file, so it must be looked at. */
export const unknownStat: IndexStat = {
  ctimeSeconds: 0,
  ctimeNanoseconds: 0,
  mtimeSeconds: 0,
  mtimeNanoseconds: 0,
  dev: 0,
  ino: 0,
  uid: 0,
  gid: 0,
  size: 0
};

const HEADER = 12;
const FIXED = 62;
const HASH = 20;
const BILLION = 1_000_000_000n;
const ASSUME_VALID = 0x8000;
const EXTENDED = 0x4000;
const SKIP_WORKTREE = 0x4000;
const INTENT_TO_ADD = 0x2000;

function invalid(reason: string): BranchbookError {
  return new BranchbookError(
    'FORMAT_INVALID',
    `git’s index is damaged: ${reason}.`,
    { format: 'index', reason },
    'Move .git/index away and run “git reset”: your files are not touched.'
  );
}

function unsupported(what: string, hint: string): BranchbookError {
  return new BranchbookError('REPOSITORY_UNSUPPORTED', `The repository uses ${what}.`, { what }, hint);
}

const low32 = (value: bigint): number => Number(BigInt.asUintN(32, value));

export function toIndexStat(stat: FileStat): IndexStat {
  return {
    ctimeSeconds: low32(stat.ctimeNs / BILLION),
    ctimeNanoseconds: Number(stat.ctimeNs % BILLION),
    mtimeSeconds: low32(stat.mtimeNs / BILLION),
    mtimeNanoseconds: Number(stat.mtimeNs % BILLION),
    dev: low32(stat.dev),
    ino: low32(stat.ino),
    uid: stat.uid >>> 0,
    gid: stat.gid >>> 0,
    size: stat.size % 0x1_0000_0000
  };
}

/** The stat of a file that is known to equal the entry. `ino` and `dev` have only their low 32 bits. */
export function toFileStat(entry: RawIndexEntry): FileStat {
  const { stat, mode } = entry;
  return {
    kind: mode === '120000' ? 'symlink' : mode === '160000' ? 'directory' : 'file',
    size: stat.size,
    mode: Number.parseInt(mode, 8),
    mtimeNs: BigInt(stat.mtimeSeconds) * BILLION + BigInt(stat.mtimeNanoseconds),
    ctimeNs: BigInt(stat.ctimeSeconds) * BILLION + BigInt(stat.ctimeNanoseconds),
    ino: BigInt(stat.ino),
    dev: BigInt(stat.dev),
    uid: stat.uid,
    gid: stat.gid
  };
}

function decodeStat(view: DataView, at: number): IndexStat {
  return {
    ctimeSeconds: view.getUint32(at),
    ctimeNanoseconds: view.getUint32(at + 4),
    mtimeSeconds: view.getUint32(at + 8),
    mtimeNanoseconds: view.getUint32(at + 12),
    dev: view.getUint32(at + 16),
    ino: view.getUint32(at + 20),
    uid: view.getUint32(at + 28),
    gid: view.getUint32(at + 32),
    size: view.getUint32(at + 36)
  };
}

/** The variable-length number of pack offsets, with which version 4 says how much of the last path to cut. */
function decodeOffset(bytes: Buffer, start: number): { readonly value: number; readonly end: number } {
  let at = start;
  let byte = bytes[at++] as number;
  let value = byte & 0x7f;
  while (byte & 0x80) {
    byte = bytes[at++] as number;
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return { value, end: at };
}

/** Decode, verifying the checksum. FORMAT_INVALID when damaged, REPOSITORY_UNSUPPORTED for split and sparse indexes. */
export function decodeIndex(bytes: Uint8Array): IndexFile {
  const buffer = asBuffer(bytes);
  if (buffer.length < HEADER + HASH || buffer.toString('latin1', 0, 4) !== 'DIRC') {
    throw invalid('it has no header');
  }
  const version = buffer.readUInt32BE(4);
  if (version < 2 || version > 4) {
    throw unsupported(`version ${version} of git’s index`, 'Run “git update-index --index-version 2”.');
  }
  const trailer = buffer.toString('hex', buffer.length - HASH);
  // All zero: written with index.skipHash.
  if (!/^0+$/.test(trailer) && sha1(buffer.subarray(0, buffer.length - HASH)) !== trailer) {
    throw invalid('its checksum does not match');
  }
  try {
    const { entries, end } = decodeEntries(buffer, version);
    return { entries, cacheTree: decodeExtensions(buffer, end) };
  } catch (error) {
    throw error instanceof RangeError ? invalid('it ends too early') : error;
  }
}

function decodeEntries(buffer: Buffer, version: number): { readonly entries: RawIndexEntry[]; readonly end: number } {
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length - HASH);
  const entries: RawIndexEntry[] = [];
  let at = HEADER;
  let last: Buffer = Buffer.alloc(0);
  for (let left = buffer.readUInt32BE(8); left > 0; left -= 1) {
    const flags = view.getUint16(at + 60);
    const extended = flags & EXTENDED ? view.getUint16(at + FIXED) : 0;
    const nameStart = at + FIXED + (flags & EXTENDED ? 2 : 0);
    const prefix = version === 4 ? decodeOffset(buffer, nameStart) : { value: last.length, end: nameStart };
    const nameEnd = buffer.indexOf(0, prefix.end);
    if (nameEnd < 0 || prefix.value > last.length) {
      throw invalid('a path does not end');
    }
    const tail = buffer.subarray(prefix.end, nameEnd);
    const name = version === 4 ? Buffer.concat([last.subarray(0, last.length - prefix.value), tail]) : tail;
    entries.push({
      path: decodePath(name),
      mode: decodeMode(view.getUint32(at + 24)),
      oid: buffer.toString('hex', at + 40, at + 60),
      stage: ((flags >> 12) & 3) as RawIndexEntry['stage'],
      stat: decodeStat(view, at),
      assumeValid: (flags & ASSUME_VALID) !== 0,
      skipWorktree: (extended & SKIP_WORKTREE) !== 0,
      intentToAdd: (extended & INTENT_TO_ADD) !== 0
    });
    last = name;
    // Up to version 3 an entry is padded with 1–8 NULs to a multiple of eight.
    at = version === 4 ? nameEnd + 1 : at + ((nameEnd - at + 8) & ~7);
  }
  return { entries, end: at };
}

function decodeMode(mode: number): FileMode {
  const text = mode.toString(8);
  if (text === '40000') {
    throw unsupported('a sparse index', 'Run “git sparse-checkout disable”.');
  }
  if (text !== '100644' && text !== '100755' && text !== '120000' && text !== '160000') {
    throw invalid(`an entry has the unknown mode ${text}`);
  }
  return text;
}

/** Optional extensions (capital first letter) may be ignored; TREE is used; others change the meaning of the index. */
function decodeExtensions(buffer: Buffer, start: number): CacheTree | null {
  let cacheTree: CacheTree | null = null;
  for (let at = start; at + 8 <= buffer.length - HASH;) {
    const name = buffer.toString('latin1', at, at + 4);
    const size = buffer.readUInt32BE(at + 4);
    if (name === 'TREE') {
      cacheTree = decodeCacheTree(buffer.subarray(at + 8, at + 8 + size));
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

/** Encode sorted entries. Extensions other than TREE only speed git up and are left for git to make anew. */
export function encodeIndex(index: IndexFile): Uint8Array {
  const extended = index.entries.some(isWide);
  const tree = index.cacheTree ? encodeCacheTree(index.cacheTree) : Buffer.alloc(0);
  // A UTF-16 unit takes three bytes of UTF-8 at most.
  const most = index.entries.reduce((sum, { path }) => sum + FIXED + 2 + 8 + 3 * path.length, HEADER);
  const buffer = Buffer.alloc(most + tree.length + HASH);
  buffer.write('DIRC', 0, 'latin1');
  buffer.writeUInt32BE(extended ? 3 : 2, 4);
  buffer.writeUInt32BE(index.entries.length, 8);
  let at = HEADER;
  for (const entry of index.entries) {
    at = encodeEntry(buffer, at, entry);
  }
  at += tree.copy(buffer, at);
  buffer.write(sha1(buffer.subarray(0, at)), at, 'hex');
  return buffer.subarray(0, at + HASH);
}

const isWide = (entry: RawIndexEntry): boolean => entry.skipWorktree || entry.intentToAdd;

/** Returns where the next entry begins: each is padded with 1–8 NULs to a multiple of eight. */
function encodeEntry(buffer: Buffer, at: number, entry: RawIndexEntry): number {
  const { stat } = entry;
  buffer.writeUInt32BE(stat.ctimeSeconds, at);
  buffer.writeUInt32BE(stat.ctimeNanoseconds, at + 4);
  buffer.writeUInt32BE(stat.mtimeSeconds, at + 8);
  buffer.writeUInt32BE(stat.mtimeNanoseconds, at + 12);
  buffer.writeUInt32BE(stat.dev, at + 16);
  buffer.writeUInt32BE(stat.ino, at + 20);
  buffer.writeUInt32BE(Number.parseInt(entry.mode, 8), at + 24);
  buffer.writeUInt32BE(stat.uid, at + 28);
  buffer.writeUInt32BE(stat.gid, at + 32);
  buffer.writeUInt32BE(stat.size, at + 36);
  buffer.write(entry.oid, at + 40, 'hex');
  const wide = isWide(entry);
  const name = at + FIXED + (wide ? 2 : 0);
  const length = buffer.write(entry.path, name, 'utf8');
  const flags = (entry.assumeValid ? ASSUME_VALID : 0) | (wide ? EXTENDED : 0) | (entry.stage << 12);
  buffer.writeUInt16BE(flags | Math.min(length, 0xfff), at + 60);
  if (wide) {
    const bits = (entry.skipWorktree ? SKIP_WORKTREE : 0) | (entry.intentToAdd ? INTENT_TO_ADD : 0);
    buffer.writeUInt16BE(bits, at + FIXED);
  }
  return at + ((name - at + length + 8) & ~7);
}
