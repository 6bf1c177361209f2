/** One entry of git's index, as it stands in version 2 and 3 (Documentation/gitformat-index.adoc). */
import { BranchbookError } from '../../core/error';
import type { FileMode, ObjectId } from '../../core/model/git';
import type { FileStat } from '../../core/port';
import { decodePath } from './bytes';

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

/** Where things stand in an entry, in bytes from its beginning. */
export const field = {
  ctime: 0,
  mtime: 8,
  dev: 16,
  ino: 20,
  mode: 24,
  uid: 28,
  gid: 32,
  size: 36,
  oid: 40,
  flags: 60,
  /** The path, when there are no extended flags. */
  name: 62
} as const;

/** Bits of the flags. */
export const flag = { assumeValid: 0x8000, extended: 0x4000, stage: 0x3000 } as const;
const SKIP_WORKTREE = 0x4000;
const INTENT_TO_ADD = 0x2000;
const BILLION = 1_000_000_000n;

export function invalid(reason: string): BranchbookError {
  return new BranchbookError(
    'FORMAT_INVALID',
    `git’s index is damaged: ${reason}.`,
    { format: 'index', reason },
    'Move .git/index away and run “git reset”: your files are not touched.'
  );
}

export function unsupported(what: string, hint: string): BranchbookError {
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

function decodeStat(bytes: Buffer, at: number): IndexStat {
  return {
    ctimeSeconds: bytes.readUInt32BE(at + field.ctime),
    ctimeNanoseconds: bytes.readUInt32BE(at + field.ctime + 4),
    mtimeSeconds: bytes.readUInt32BE(at + field.mtime),
    mtimeNanoseconds: bytes.readUInt32BE(at + field.mtime + 4),
    dev: bytes.readUInt32BE(at + field.dev),
    ino: bytes.readUInt32BE(at + field.ino),
    uid: bytes.readUInt32BE(at + field.uid),
    gid: bytes.readUInt32BE(at + field.gid),
    size: bytes.readUInt32BE(at + field.size)
  };
}

/** The entry that begins at `at`, whose path is known already (version 4 shortens paths). */
export function decodeEntry(bytes: Buffer, at: number, path: string): RawIndexEntry {
  const flags = bytes.readUInt16BE(at + field.flags);
  const extended = flags & flag.extended ? bytes.readUInt16BE(at + field.name) : 0;
  return {
    path,
    mode: decodeMode(bytes.readUInt32BE(at + field.mode)),
    oid: bytes.toString('hex', at + field.oid, at + field.flags),
    stage: ((flags & flag.stage) >> 12) as RawIndexEntry['stage'],
    stat: decodeStat(bytes, at),
    assumeValid: (flags & flag.assumeValid) !== 0,
    skipWorktree: (extended & SKIP_WORKTREE) !== 0,
    intentToAdd: (extended & INTENT_TO_ADD) !== 0
  };
}

/** Where the path of the entry at `at` begins. */
export function nameStart(bytes: Buffer, at: number): number {
  return at + field.name + (bytes.readUInt16BE(at + field.flags) & flag.extended ? 2 : 0);
}

/** The path of an entry of version 2 or 3. */
export function decodeName(bytes: Buffer, at: number): string {
  const start = nameStart(bytes, at);
  return decodePath(bytes.subarray(start, bytes.indexOf(0, start)));
}

/** FORMAT_INVALID, or REPOSITORY_UNSUPPORTED for the folders of a sparse index. */
export function decodeMode(mode: number): FileMode {
  switch (mode) {
    case 0o100644:
      return '100644';
    case 0o100755:
      return '100755';
    case 0o120000:
      return '120000';
    case 0o160000:
      return '160000';
    case 0o40000:
      throw unsupported('a sparse index', 'Run “git sparse-checkout disable”.');
    default:
      throw invalid(`an entry has the unknown mode ${mode.toString(8)}`);
  }
}

/** As version 2 has it, or version 3 where it needs extended flags: padded with 1–8 NULs to a multiple of eight. */
export function encodeEntry(entry: RawIndexEntry): Buffer {
  const wide = entry.skipWorktree || entry.intentToAdd;
  const path = Buffer.from(entry.path);
  const name = field.name + (wide ? 2 : 0);
  const bytes = Buffer.allocUnsafe((name + path.length + 8) & ~7).fill(0);
  encodeStat(bytes, entry.stat);
  bytes.writeUInt32BE(Number.parseInt(entry.mode, 8), field.mode);
  bytes.write(entry.oid, field.oid, 'hex');
  const flags = (entry.assumeValid ? flag.assumeValid : 0) | (wide ? flag.extended : 0) | (entry.stage << 12);
  bytes.writeUInt16BE(flags | Math.min(path.length, 0xfff), field.flags);
  if (wide) {
    const bits = (entry.skipWorktree ? SKIP_WORKTREE : 0) | (entry.intentToAdd ? INTENT_TO_ADD : 0);
    bytes.writeUInt16BE(bits, field.name);
  }
  path.copy(bytes, name);
  return bytes;
}

function encodeStat(bytes: Buffer, stat: IndexStat): void {
  bytes.writeUInt32BE(stat.ctimeSeconds, field.ctime);
  bytes.writeUInt32BE(stat.ctimeNanoseconds, field.ctime + 4);
  bytes.writeUInt32BE(stat.mtimeSeconds, field.mtime);
  bytes.writeUInt32BE(stat.mtimeNanoseconds, field.mtime + 4);
  bytes.writeUInt32BE(stat.dev, field.dev);
  bytes.writeUInt32BE(stat.ino, field.ino);
  bytes.writeUInt32BE(stat.uid, field.uid);
  bytes.writeUInt32BE(stat.gid, field.gid);
  bytes.writeUInt32BE(stat.size, field.size);
}

/** Make the entry at `at` say that nothing is known of its file. */
export function forgetStat(bytes: Buffer, at: number): void {
  bytes.fill(0, at + field.ctime, at + field.mode);
  bytes.fill(0, at + field.uid, at + field.oid);
}
