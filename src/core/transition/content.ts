/** Contents of work-tree files, and how to tell whether a file still is the one we saw. */
import { decodePointer, POINTER_MAX_BYTES } from '../format/pointer';
import type { Pointer, Sha256 } from '../model/asset';
import type { FileMode, ObjectId, TreeEntry } from '../model/git';
import type { FileStat, IProject } from '../port';

/** Where the bytes of a file can be had from. */
export type Content =
  /** A blob of git; when it is a pointer, the file is the asset it points to. */
  | { readonly kind: 'git'; readonly oid: ObjectId }
  /** The pointer that this blob is, as text: it stands in for an asset that was left out, or is not here. */
  | { readonly kind: 'pointer'; readonly oid: ObjectId }
  /** The asset store, whether or not git knows about it. */
  | { readonly kind: 'stored'; readonly sha256: Sha256; readonly size: number }
  | { readonly kind: 'link'; readonly target: string };

/** What a path of the work tree should be. */
export type Target = {
  readonly mode: FileMode;
  readonly content: Content;
};

/**
 * Recognises a file while it is moved about. Renaming changes ctime, and device numbers change across restarts, so
 * neither is part of it. 64-bit numbers are decimal strings, since it is written to the journal.
 */
export type FileIdentity = {
  readonly ino: string;
  readonly size: number;
  readonly mtimeNs: string;
};

export function targetOf(entry: TreeEntry): Target {
  return { mode: entry.mode, content: { kind: 'git', oid: entry.oid } };
}

/** The same file as its pointer's text. */
export function standInOf(target: Target): Target {
  const { mode, content } = target;
  return content.kind === 'git' ? { mode, content: { kind: 'pointer', oid: content.oid } } : target;
}

/** The same with the asset's content, where there was only its pointer's text. */
export function fileOf(target: Target): Target {
  const { mode, content } = target;
  return content.kind === 'pointer' ? { mode, content: { kind: 'git', oid: content.oid } } : target;
}

export function isSameTarget(a: Target, b: Target): boolean {
  return a.mode === b.mode && JSON.stringify(a.content) === JSON.stringify(b.content);
}

export function identityOf(stat: FileStat): FileIdentity {
  return { ino: String(stat.ino), size: stat.size, mtimeNs: String(stat.mtimeNs) };
}

export function isIdentity(stat: FileStat | null, identity: FileIdentity): stat is FileStat {
  return (
    stat !== null &&
    stat.size === identity.size &&
    String(stat.ino) === identity.ino &&
    String(stat.mtimeNs) === identity.mtimeNs
  );
}

/** Ticks of the clocks that file systems read, milliseconds: usually at most 10, two seconds where times are whole ones. */
const TICK = 20;
const COARSE_TICK = 2000;

/** True when writing to the file at `now` (milliseconds) or later is sure to change its time. */
export function isSettled(stat: FileStat, now: number): boolean {
  return isPast(stat.mtimeNs, now);
}

/** The same of any change to the file, also one that sets its time back. */
export function isStill(stat: FileStat, now: number): boolean {
  return isPast(stat.mtimeNs, now) && isPast(stat.ctimeNs, now);
}

function isPast(time: bigint, now: number): boolean {
  const tick = time % 1_000_000_000n === 0n ? COARSE_TICK : TICK;
  return now - Number(time / 1_000_000n) > tick;
}

/** True when nothing wrote to the file between the two looks at it. */
export function isSameStat(a: FileStat, b: FileStat): boolean {
  return (
    a.kind === b.kind && isIdentity(a, identityOf(b)) && a.ctimeNs === b.ctimeNs && isExecutable(a) === isExecutable(b)
  );
}

export function isExecutable(stat: FileStat): boolean {
  return (stat.mode & 0o100) !== 0;
}

/** `core.fileMode`: whether the executable bits on this file system mean anything. git tried that out. */
export async function trustsFileMode(project: IProject): Promise<boolean> {
  const setting = await project.git.config('core.filemode');
  return setting === null || !/^(false|no|off|0|)$/i.test(setting);
}

/** The mode git gives a work-tree file. */
export function modeOf(stat: FileStat): FileMode {
  return stat.kind === 'symlink' ? '120000' : isExecutable(stat) ? '100755' : '100644';
}

/** The pointer that a blob is, or null when the blob is content itself. */
export async function readPointer(project: IProject, oid: ObjectId): Promise<Pointer | null> {
  return pointerIn(await project.git.readBlob(oid));
}

/** The same for many, in their order and much faster; null stands for no blob, and is no pointer. */
export async function readPointers(
  project: IProject,
  oids: readonly (ObjectId | null)[],
  visit: (position: number, pointer: Pointer | null) => Promise<void>
): Promise<void> {
  await project.git.readBlobs(oids, (position, bytes) => visit(position, bytes && pointerIn(bytes)));
}

function pointerIn(blob: Uint8Array): Pointer | null {
  return blob.length > POINTER_MAX_BYTES ? null : decodePointer(blob);
}
