/**
 * Files that stand in for stored content (materialised assets, the cache of `get`) and are named by its SHA-256.
 * A program that opened such a file before it was moved here may still write to it, so a file is trusted only while its
 * stat signature is the one recorded when its content was known; otherwise it is hashed again, and when it is not what
 * it claims to be it is moved to `rescued/`: it may be somebody's unsaved work.
 */
import { throwIfCancelled } from '../cancel';
import { ensureDirectory, readJson, unlinkQuietly, writeLightly } from '../durable';
import type { Sha256 } from '../model/asset';
import type { Activity, FileStat, IFileSystem, IProject } from '../port';
import { isSettled, isStill } from './content';

type Signature = {
  readonly ino: string;
  readonly size: number;
  readonly mtimeNs: string;
  readonly ctimeNs: string;
};

function signatureOf(stat: FileStat): Signature {
  return { ino: String(stat.ino), size: stat.size, mtimeNs: String(stat.mtimeNs), ctimeNs: String(stat.ctimeNs) };
}

function isTrusted(record: unknown, stat: FileStat): boolean {
  const now = signatureOf(stat);
  const then = record as Partial<Signature> | null;
  return (
    then?.ino === now.ino && then.size === now.size && then.mtimeNs === now.mtimeNs && then.ctimeNs === now.ctimeNs
  );
}

const sidecarOf = (file: string): string => `${file}.stat`;

/** Up to this many bytes hashing a file costs less than keeping a record of its signature. */
const SMALL_BYTES = 64 * 1024;

const isRecorded = ({ size }: FileStat): boolean => size > SMALL_BYTES;

/**
 * Remember that `file`, as `stat` shows it, holds the content it is named after. Not flushed: a lost or damaged record
 * only costs hashing the file again. Nothing is recorded for small files, nor for a file written so recently that its time may not move.
 */
export async function recordSignature(project: IProject, file: string, stat: FileStat): Promise<void> {
  const { files, clock } = project;
  if (!isRecorded(stat) || !isSettled(stat, clock.now())) {
    return;
  }
  await writeLightly(files, sidecarOf(file), new TextEncoder().encode(JSON.stringify(signatureOf(stat))));
}

/** The stat of `file` when it is known, without reading it, to hold the content it is named after; else null. */
async function statTrusted(files: IFileSystem, file: string): Promise<FileStat | null> {
  const stat = await files.lstat(file);
  const record = stat?.kind === 'file' ? await readJson(files, sidecarOf(file)).catch(() => null) : null;
  return stat && isTrusted(record, stat) ? stat : null;
}

/**
 * Copy `file` to the new file `to`, flushed, by reflink where the file system can. False, and nothing at `to`, when it
 * is not known to hold the content it is named after, or changed meanwhile.
 */
export async function copyTrusted(files: IFileSystem, file: string, to: string): Promise<boolean> {
  const before = await statTrusted(files, file);
  if (!before) {
    return false;
  }
  await copySynced(files, file, to);
  const after = await files.lstat(file);
  if (after && isTrusted(signatureOf(before), after)) {
    return true;
  }
  await unlinkQuietly(files, to);
  return false;
}

/** Copy a file that nobody changes to the new file `to`, flushed; deleted again when that fails. */
export async function copySynced(files: IFileSystem, file: string, to: string): Promise<void> {
  try {
    await files.copyFile(file, to);
    const handle = await files.open(to, 'read');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await unlinkQuietly(files, to);
    throw error;
  }
}

/** The stat of `file` when it is there and verified to hold `sha256`; null when it is not there (any more). */
export async function verifyFile(
  project: IProject,
  file: string,
  sha256: Sha256,
  activity: Activity
): Promise<FileStat | null> {
  const { files, store } = project;
  const stat = await files.lstat(file);
  if (!stat) {
    return null;
  }
  const record = isRecorded(stat) ? await readJson(files, sidecarOf(file)).catch(() => null) : null;
  if (stat.kind === 'file' && isTrusted(record, stat)) {
    return stat;
  }
  if (stat.kind === 'file' && (await store.hashFile(file, activity, stat)) === sha256) {
    await recordSignature(project, file, stat);
    return stat;
  }
  await rescue(project, file);
  return null;
}

/** A file, and the content it is named after. */
export type Claim = { readonly file: string; readonly sha256: Sha256 };

/** `verifyFile` for many: small files are read together. */
export async function verifyFiles(
  project: IProject,
  claims: readonly Claim[],
  activity: Activity
): Promise<readonly (FileStat | null)[]> {
  const { files, store, clock } = project;
  const seen: { readonly at: number; readonly path: string; readonly stat: FileStat }[] = [];
  const stats: (FileStat | null)[] = [];
  for (const [at, { file: path }] of claims.entries()) {
    const stat = await files.lstat(path);
    stats.push(stat);
    if (stat?.kind === 'file' && !isRecorded(stat) && isStill(stat, clock.now())) {
      seen.push({ at, path, stat });
    }
  }
  const hashes = await store.hashUnchanged(seen);
  const proven = new Set(seen.flatMap(({ at }, n) => (hashes[n] === claims[at]!.sha256 ? [at] : [])));
  for (const [at, { file, sha256 }] of claims.entries()) {
    throwIfCancelled(activity);
    if (stats[at] && !proven.has(at)) {
      stats[at] = await verifyFile(project, file, sha256, activity);
    }
  }
  return stats;
}

/** Move a file that is not what it claims to be out of the way, keeping it: `<home>/rescued/<name>-<random>`. */
export async function rescue(project: IProject, file: string): Promise<void> {
  const folder = `${project.home}/rescued`;
  await ensureDirectory(project.files, folder);
  const name = file.slice(file.lastIndexOf('/') + 1);
  await project.files.rename(file, `${folder}/${name}-${project.random.hex(4)}`);
  await project.files.syncDirectory(folder);
}

/** `<home>/materialized/<sha256>`: where an unmodified asset waits while no branch in use wants it. */
export function materializedPath(project: IProject, sha256: Sha256): string {
  return `${project.home}/materialized/${sha256}`;
}
