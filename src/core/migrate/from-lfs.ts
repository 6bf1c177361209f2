/** From Git LFS: the pointers in the history are ours already; their contents move from git-lfs's folder to the store. */
import { throwIfCancelled } from '../cancel';
import { BranchbookError, hasCode } from '../error';
import { formatBytes } from '../format/bytes';
import type { Sha256 } from '../model/asset';
import type { MigrateArgs, MigrateResult, MissingVersion } from '../model/maintenance';
import type { Activity, IProject } from '../port';
import { historyPointers } from './history-pointers';
import type { PointerAt } from './history-pointers';
import { ContentImport } from './import-contents';
import { lfsObject, lfsObjects } from './lfs-objects';

type Pointers = ReadonlyMap<Sha256, PointerAt>;

/** Where each version is now. */
type Sorted = {
  readonly inStore: readonly PointerAt[];
  readonly inLfs: readonly PointerAt[];
  readonly nowhere: readonly PointerAt[];
};

export async function migrateFromLfs(project: IProject, args: MigrateArgs, activity: Activity): Promise<MigrateResult> {
  const objects = await lfsObjects(project);
  const pointers = await historyPointers(project, activity);
  const notices: string[] = [];
  let sorted = await sort(project, objects, pointers);
  if (sorted.nowhere.length > 0 && !args.dryRun && (await hasRemote(project))) {
    notices.push(...(await fetch(project, activity)));
    sorted = await sort(project, objects, pointers);
  }
  const taken = args.dryRun ? { newBytes: 0, damaged: [] } : await take(project, objects, sorted.inLfs, activity);
  const dropped = args.dropSource && !args.dryRun ? await drop(project, objects, pointers, activity) : 0;
  const all = [...pointers.values()];
  return {
    from: 'lfs',
    to: 'branchbook',
    dryRun: args.dryRun ?? false,
    refs: [],
    commits: 0,
    files: new Set(all.map(({ path }) => path)).size,
    versions: sorted.inLfs.length + sorted.inStore.length - taken.damaged.length,
    bytes: sizeOf(sorted.inLfs) + sizeOf(sorted.inStore),
    newBytes: taken.newBytes,
    dropped,
    missing: [...sorted.nowhere.map(toMissing), ...taken.damaged],
    notices: [...notices, ...leftNotice(args, sorted)]
  };
}

function sizeOf(versions: readonly PointerAt[]): number {
  return versions.reduce((sum, { pointer }) => sum + pointer.size, 0);
}

function toMissing({ path, pointer }: PointerAt): MissingVersion {
  return { path, object: pointer.sha256, reason: 'neither here nor fetched: a clone that has it must push it' };
}

function leftNotice({ dropSource, dryRun }: MigrateArgs, { inLfs }: Sorted): readonly string[] {
  const bytes = sizeOf(inLfs);
  return dropSource || dryRun || bytes === 0
    ? []
    : [
        `git-lfs still keeps its own copies (${formatBytes(bytes)}); \`branchbook migrate --from lfs --drop-source\` deletes them.`
      ];
}

async function sort(project: IProject, objects: string, pointers: Pointers): Promise<Sorted> {
  const sorted = { inStore: [] as PointerAt[], inLfs: [] as PointerAt[], nowhere: [] as PointerAt[] };
  for (const [sha256, at] of pointers) {
    const stat = await project.files.lstat(lfsObject(objects, sha256));
    const known = (await project.store.info(sha256)) !== null;
    (known ? sorted.inStore : stat?.kind === 'file' ? sorted.inLfs : sorted.nowhere).push(at);
  }
  return sorted;
}

async function hasRemote(project: IProject): Promise<boolean> {
  return (
    (await project.git.refs('refs/remotes/')).length > 0 || (await project.git.config('remote.origin.url')) !== null
  );
}

async function fetch(project: IProject, activity: Activity): Promise<readonly string[]> {
  activity.onProgress?.({ phase: 'Fetching with git-lfs', done: 0, total: null, unit: 'files' });
  try {
    await project.git.fetchLfs(activity);
    return [];
  } catch (error) {
    if (!hasCode(error, 'IO', 'REPOSITORY_UNSUPPORTED')) {
      throw error;
    }
    return [
      `Missing versions could not be fetched (${error.message}). Try \`git lfs fetch --all\`, then migrate again.`
    ];
  }
}

/** Every file is read once: stored, and compared with the name it has. */
async function take(
  project: IProject,
  objects: string,
  versions: readonly PointerAt[],
  activity: Activity
): Promise<{ readonly newBytes: number; readonly damaged: readonly MissingVersion[] }> {
  const contents = new ContentImport(project, activity, sizeOf(versions));
  const damaged: MissingVersion[] = [];
  try {
    for (const { path, pointer } of versions) {
      const { sha256 } = await contents.addFile(lfsObject(objects, pointer.sha256), path);
      if (sha256 !== pointer.sha256) {
        damaged.push({ path, object: pointer.sha256, reason: 'the file that git-lfs keeps is damaged' });
      }
    }
    await contents.commit();
    return { newBytes: contents.newBytes, damaged };
  } catch (error) {
    await contents.abort();
    throw error;
  }
}

/** Delete git-lfs's copies of what the store gives back whole without them. Bytes that were freed. */
async function drop(project: IProject, objects: string, pointers: Pointers, activity: Activity): Promise<number> {
  const { files } = project;
  const total = sizeOf([...pointers.values()]);
  let freed = 0;
  for (const [sha256, { pointer, path }] of pointers) {
    throwIfCancelled(activity);
    const file = lfsObject(objects, sha256);
    // Out of the store's sight: it takes git-lfs's files for its own. A crash leaves it under this name.
    const aside = `${file}.dropping`;
    if ((await files.lstat(aside)) && !(await files.lstat(file))) {
      await files.rename(aside, file);
    }
    if ((await files.lstat(file))?.kind === 'file') {
      await files.rename(file, aside);
      if (!(await isWhole(project, sha256, pointer.size))) {
        await files.rename(aside, file);
        continue;
      }
      await files.unlink(aside);
      freed += pointer.size;
      activity.onProgress?.({ phase: 'Deleting verified copies', done: freed, total, unit: 'bytes', path });
    }
  }
  return freed;
}

/** Reads all of it: the store verifies every byte it gives. */
async function isWhole(project: IProject, sha256: Sha256, size: number): Promise<boolean> {
  try {
    let bytes = 0;
    for await (const piece of project.store.read(sha256)) {
      bytes += piece.length;
    }
    return bytes === size;
  } catch (error) {
    if (error instanceof BranchbookError && ['ASSET_MISSING', 'OBJECT_CORRUPT'].includes(error.code)) {
      return false;
    }
    throw error;
  }
}
