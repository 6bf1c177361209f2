/** Reading work-tree files for a snapshot: each exactly as it was at one moment, or a typed refusal. */
import { throwIfCancelled } from '../cancel';
import { BranchbookError, hasCode } from '../error';
import { decodePointer, encodePointer, POINTER_MAX_BYTES } from '../format/pointer';
import type { PutResult } from '../model/asset';
import type { TreeEntry } from '../model/git';
import type { Activity, FileStat, IBlobBatch, IProject, IStoreSession, SeenFile } from '../port';
import { isSameStat, isSettled, isStill, modeOf } from '../transition/content';

const ATTEMPTS = 3;
/** Longer than an editor takes to write a notebook. */
const PAUSE_MILLISECONDS = 150;

/** Files that are stored together at most. */
const TOGETHER = 256;

/** A file to be collected, and what a scan said of it. */
export type Candidate = { readonly path: string; readonly asset: boolean; readonly stat: FileStat | null };

/** What is remembered of an asset that was stored: there may be a hundred thousand. */
type Stored = Pick<PutResult, 'sha256' | 'size' | 'newBytes'>;

/** One file ready to be committed. */
export type CollectedFile = {
  readonly entry: TreeEntry;
  /** Of the file that holds exactly this content; null when a change of it might not show. */
  readonly stat: FileStat | null;
  /** Set for assets. */
  readonly stored: Stored | null;
};

/** Where contents go; all of it becomes durable together, assets before the pointers that name them. */
type Destination = { readonly session: IStoreSession; readonly blobs: IBlobBatch };

/** A reading that did not see one moment; tried again. */
class Moved extends Error {
  constructor(readonly reason: 'changed' | 'torn') {
    super(reason);
  }
}

/** Collect files, in their order: small assets that stand still together, which is much faster, the others one by one. */
export async function* collectFiles(
  project: IProject,
  to: Destination,
  files: readonly Candidate[],
  activity: Activity
): AsyncGenerator<CollectedFile> {
  for (let start = 0; start < files.length; start += TOGETHER) {
    const some = files.slice(start, start + TOGETHER);
    const stored = await storeStill(project, to.session, some, activity);
    for (const [at, { path, asset, stat }] of some.entries()) {
      const put = stored[at];
      yield put && stat
        ? {
            entry: { path, mode: modeOf(stat), oid: await to.blobs.write(encodePointer(put)) },
            stat,
            stored: { sha256: put.sha256, size: put.size, newBytes: put.newBytes }
          }
        : await collectFile(project, to, path, asset, activity);
    }
  }
}

/** Store those of the files that are assets for sure, as the scan saw them; null for the others. */
async function storeStill(
  project: IProject,
  session: IStoreSession,
  files: readonly Candidate[],
  activity: Activity
): Promise<readonly (PutResult | null)[]> {
  throwIfCancelled(activity);
  const now = project.clock.now();
  const seen: SeenFile[] = [];
  const places = files.map(({ path, asset, stat }) => {
    const isAsset = asset && stat?.kind === 'file' && stat.size > POINTER_MAX_BYTES;
    return isAsset && isStill(stat, now) ? seen.push({ path: `${project.root}/${path}`, stat }) - 1 : null;
  });
  const stored = await session.addUnchanged(seen, activity);
  return places.map(place => (place === null ? null : (stored[place] ?? null)));
}

/**
 * Store one file. FILE_CHANGED when it kept changing, NOTEBOOK_TORN when a notebook stayed half-written,
 * FILE_UNREADABLE when it cannot be read, CANCELLED.
 */
async function collectFile(
  project: IProject,
  to: Destination,
  path: string,
  asset: boolean,
  activity: Activity
): Promise<CollectedFile> {
  for (let attempt = 1; ; attempt += 1) {
    throwIfCancelled(activity);
    try {
      return await collectOnce(project, to, path, asset, activity);
    } catch (error) {
      const moved = error instanceof Moved || hasCode(error, 'FILE_CHANGED');
      if (!moved) {
        throw unreadable(path, error);
      }
      if (attempt === ATTEMPTS) {
        throw error instanceof Moved && error.reason === 'torn' ? torn(path) : changed(path);
      }
    }
    await project.clock.sleep(PAUSE_MILLISECONDS);
  }
}

async function collectOnce(
  project: IProject,
  to: Destination,
  path: string,
  asset: boolean,
  activity: Activity
): Promise<CollectedFile> {
  const absolute = `${project.root}/${path}`;
  const stat = await project.files.lstat(absolute);
  if (!stat) {
    throw new Moved('changed');
  }
  const settled = isSettled(stat, project.clock.now()) ? stat : null;
  if (stat.kind === 'symlink') {
    const target = await project.files.readlink(absolute);
    const oid = await to.blobs.write(new TextEncoder().encode(target));
    return { entry: { path, mode: '120000', oid }, stat: settled, stored: null };
  }
  if (stat.kind !== 'file') {
    throw new BranchbookError('FILE_UNREADABLE', `${path} is not a regular file.`, { path, reason: 'not a file' });
  }
  const pointer = asset ? await readPointerText(project, path, stat) : null;
  const stored = asset && !pointer ? await to.session.add(absolute, withTotal(activity, path, stat.size)) : null;
  const bytes = pointer ?? (stored ? encodePointer(stored) : await readStable(project, path, stat));
  await checkSame(project, absolute, stat);
  return { entry: { path, mode: modeOf(stat), oid: await to.blobs.write(bytes) }, stat: settled, stored };
}

/** The file's bytes when they are a pointer: its content is not here, and it stands for itself, as in git-lfs. */
async function readPointerText(project: IProject, path: string, stat: FileStat): Promise<Uint8Array | null> {
  if (stat.size > POINTER_MAX_BYTES) {
    return null;
  }
  const bytes = await readStable(project, path, stat);
  return decodePointer(bytes) && bytes;
}

/** The store counts bytes; how many there will be is known here. */
function withTotal(activity: Activity, path: string, total: number): Activity {
  const { onProgress } = activity;
  return onProgress ? { ...activity, onProgress: step => onProgress({ ...step, path, total }) } : activity;
}

/** A notebook is read twice: Jupyter truncates and rewrites it in place, and a coarse clock may hide that. */
async function readStable(project: IProject, path: string, stat: FileStat): Promise<Uint8Array> {
  const absolute = `${project.root}/${path}`;
  const bytes = await project.files.readFile(absolute);
  const notebook = path.endsWith('.ipynb');
  if (bytes?.length !== stat.size) {
    throw new Moved(notebook ? 'torn' : 'changed');
  }
  if (notebook) {
    const again = await project.files.readFile(absolute);
    if (!again || !isSameBytes(bytes, again) || !isNotebook(bytes)) {
      throw new Moved('torn');
    }
  }
  return bytes;
}

function isNotebook(bytes: Uint8Array): boolean {
  try {
    const parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

async function checkSame(project: IProject, absolute: string, before: FileStat): Promise<void> {
  const after = await project.files.lstat(absolute);
  if (!after || !isSameStat(before, after)) {
    throw new Moved('changed');
  }
}

function unreadable(path: string, error: unknown): unknown {
  if (!hasCode(error, 'PERMISSION_DENIED', 'PATH_UNKNOWN', 'FILE_UNREADABLE') || error.data['path'] === path) {
    return error;
  }
  return new BranchbookError(
    'FILE_UNREADABLE',
    `${path} cannot be read: ${error.message}`,
    { path, reason: error.message },
    'Check its permissions, or snapshot other paths; nothing was changed.'
  );
}

function changed(path: string): BranchbookError {
  return new BranchbookError(
    'FILE_CHANGED',
    `${path} kept changing while it was snapshotted.`,
    { path, attempts: ATTEMPTS },
    'Wait until the program that writes it is done, then snapshot again; nothing was changed.'
  );
}

function torn(path: string): BranchbookError {
  return new BranchbookError(
    'NOTEBOOK_TORN',
    `The notebook ${path} is not complete on disk: it is being saved, or a save was interrupted.`,
    { path },
    'Save the notebook again in JupyterLab, then snapshot; nothing was changed.'
  );
}
