/** To Git LFS: every content goes to git-lfs's folder, and git's filters are git-lfs's again. The project needs us no more. */
import { throwIfCancelled } from '../cancel';
import { ensureDirectory, parentOf, unlinkQuietly, writeSynced } from '../durable';
import { BranchbookError, hasCode } from '../error';
import type { MigrateArgs, MigrateResult, MissingVersion } from '../model/maintenance';
import type { Activity, IProject } from '../port';
import { historyPointers } from './history-pointers';
import type { PointerAt } from './history-pointers';
import { lfsObject, lfsObjects } from './lfs-objects';

/** As `git lfs install --local` sets them. */
const FILTERS = {
  'filter.lfs.clean': 'git-lfs clean -- %f',
  'filter.lfs.smudge': 'git-lfs smudge -- %f',
  'filter.lfs.process': 'git-lfs filter-process',
  'filter.lfs.required': 'true'
};

const PRE_PUSH = `#!/bin/sh
command -v git-lfs >/dev/null 2>&1 || { echo >&2 "This repository keeps its assets with Git LFS, but git-lfs was not found."; exit 2; }
git lfs pre-push "$@"
`;

export async function migrateToLfs(project: IProject, args: MigrateArgs, activity: Activity): Promise<MigrateResult> {
  const objects = await lfsObjects(project);
  const versions = [...(await historyPointers(project, activity)).values()];
  const bytes = versions.reduce((sum, { pointer }) => sum + pointer.size, 0);
  const { written, missing } = await writeAll(project, objects, versions, { bytes, dryRun: args.dryRun }, activity);
  const notices: string[] = [];
  if (!args.dryRun) {
    for (const [key, value] of Object.entries(FILTERS)) {
      await project.git.setConfig(key, value);
    }
    notices.push(...(await installHook(project)));
    notices.push('git and git-lfs work on this project without Branchbook now; `branchbook init` takes it back.');
  }
  return {
    from: 'branchbook',
    to: 'lfs',
    dryRun: args.dryRun ?? false,
    refs: [],
    commits: 0,
    files: new Set(versions.map(({ path }) => path)).size,
    versions: versions.length - missing.length,
    bytes,
    newBytes: written,
    dropped: 0,
    missing,
    notices
  };
}

async function writeAll(
  project: IProject,
  objects: string,
  versions: readonly PointerAt[],
  { bytes, dryRun }: { readonly bytes: number; readonly dryRun: boolean | undefined },
  activity: Activity
): Promise<{ readonly written: number; readonly missing: readonly MissingVersion[] }> {
  const missing: MissingVersion[] = [];
  const folders = new Set<string>();
  let written = 0;
  let done = 0;
  for (const { path, pointer } of versions) {
    throwIfCancelled(activity);
    activity.onProgress?.({ phase: 'Writing for git-lfs', done, total: bytes, unit: 'bytes', path });
    const outcome = await writeObject(project, objects, { path, pointer }, dryRun ?? false, activity);
    if (outcome instanceof BranchbookError) {
      missing.push({ path, object: pointer.sha256, reason: outcome.message });
    } else if (outcome === 'written') {
      written += pointer.size;
      folders.add(parentOf(lfsObject(objects, pointer.sha256)));
    }
    done += pointer.size;
  }
  for (const folder of folders) {
    await project.files.syncDirectory(folder);
  }
  return { written, missing };
}

/** One content, verified while written; the failure when the store does not have it whole. */
async function writeObject(
  project: IProject,
  objects: string,
  { pointer }: PointerAt,
  dryRun: boolean,
  activity: Activity
): Promise<'there' | 'written' | BranchbookError> {
  const { files, store } = project;
  const { sha256, size } = pointer;
  const file = lfsObject(objects, sha256);
  if (size === 0 || (await isThere(project, file, pointer.sha256, size, activity))) {
    return 'there';
  }
  if (dryRun) {
    return (await store.has(sha256)) ? 'there' : missing(sha256);
  }
  await ensureDirectory(files, parentOf(file));
  const temporary = `${parentOf(objects)}/tmp/${sha256}-${project.random.hex(4)}`;
  await ensureDirectory(files, parentOf(temporary));
  try {
    await store.materialize(sha256, temporary, { signal: activity.signal });
    if ((await store.hashFile(temporary, { signal: activity.signal })) !== sha256) {
      return missing(sha256);
    }
    await files.rename(temporary, file);
    return 'written';
  } catch (error) {
    if (hasCode(error, 'ASSET_MISSING', 'OBJECT_CORRUPT')) {
      return error;
    }
    throw error;
  } finally {
    await unlinkQuietly(files, temporary);
  }
}

function missing(sha256: string): BranchbookError {
  return new BranchbookError('ASSET_MISSING', 'The store does not have it.', { sha256 });
}

async function isThere(
  project: IProject,
  file: string,
  sha256: string,
  size: number,
  activity: Activity
): Promise<boolean> {
  const stat = await project.files.lstat(file);
  const same = stat?.kind === 'file' && stat.size === size;
  return same && (await project.store.hashFile(file, { signal: activity.signal })) === sha256;
}

/** Without it `git push` would send pointers only. A hook that is there is the user's. */
async function installHook(project: IProject): Promise<readonly string[]> {
  const { files, git } = project;
  const path = `${git.commonDir}/hooks/pre-push`;
  const elsewhere = await git.config('core.hooksPath');
  const there = (await files.lstat(path)) && new TextDecoder().decode((await files.readFile(path)) ?? new Uint8Array());
  if (elsewhere || (there && !there.includes('git lfs pre-push'))) {
    return ['Your pre-push hook was left alone: add `git lfs pre-push "$@"` to it, so that a push sends the contents.'];
  }
  if (!there) {
    await ensureDirectory(files, parentOf(path));
    await writeSynced(files, path, new TextEncoder().encode(PRE_PUSH), 0o777);
  }
  return [];
}
