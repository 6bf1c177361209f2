/** `versions`: the snapshots that made a file what it is. */
import { throwIfCancelled } from '../cancel';
import { mapConcurrently } from '../concurrency';
import { BranchbookError } from '../error';
import type { Commit, ObjectId, TreeEntry } from '../model/git';
import { checkPath } from '../model/path';
import type { AssetVersion, VersionsArgs, VersionsResult } from '../model/result';
import { factsOf } from '../model/trailer';
import type { Activity, IProject } from '../port';
import { contentInfo } from './contents';
import { shortId } from './head';
import type { Operation } from './operation';
import { toSnapshotInfo } from './snapshot-info';
import { readTimeline } from './timeline';
import type { TimelineVersion } from './timeline';

export const versionsOperation: Operation<'versions'> = {
  verb: 'versions',
  summary: 'List the versions of a dataset, model or notebook',
  mutates: false,
  run: versions
};

const DEFAULT_LIMIT = 1000;

/** Newest first. PATH_UNKNOWN when no snapshot has it, PATH_UNSAFE, REVISION_UNKNOWN, UNBORN_HEAD, USAGE. */
export async function versions(project: IProject, args: VersionsArgs, activity: Activity): Promise<VersionsResult> {
  const { path } = args;
  checkPath(path);
  if (args.all && args.revision !== undefined) {
    throw new BranchbookError(
      'USAGE',
      'All branches, or one revision: only one of them.',
      { argument: 'all', reason: 'it cannot be combined with a revision' },
      'Leave out one of --all and --revision.'
    );
  }
  const current = await currentVersion(project, path);
  const commits = await (args.all ? all(project, args, activity) : line(project, args));
  const found = await mapConcurrently(commits, async ({ commit, entry, ...where }): Promise<AssetVersion> => {
    throwIfCancelled(activity);
    return { ...(await describeVersion(project, path, commit, entry, commit.oid === current)), ...where };
  });
  const isCut = found.length === (args.limit ?? DEFAULT_LIMIT);
  if (!isCut && found.every(version => version.size === null)) {
    throw new BranchbookError(
      'PATH_UNKNOWN',
      `No snapshot${args.revision ? ` of ${args.revision}` : ''} has a file ${path}.`,
      { path },
      'Snapshot it first, or check the spelling: paths are relative to the project’s root folder.'
    );
  }
  return { path, versions: await withNewBytes(project, found, isCut) };
}

type Found = Pick<TimelineVersion, 'commit' | 'entry'> & Partial<TimelineVersion>;

/** The history of one revision. */
async function line(project: IProject, { path, revision, limit }: VersionsArgs): Promise<readonly Found[]> {
  const start = await project.git.resolve(revision ?? 'HEAD');
  const found: Found[] = [];
  for await (const commit of project.git.history(start, { paths: [path], limit: limit ?? DEFAULT_LIMIT })) {
    found.push({ commit, entry: await project.git.entry(commit.tree, path) });
  }
  return found;
}

async function all(project: IProject, { path, limit }: VersionsArgs, activity: Activity): Promise<readonly Found[]> {
  return (await readTimeline(project, path, activity)).slice(0, limit ?? DEFAULT_LIMIT);
}

/** Oldest first, since each counts what those before it did not have. Of a list that was cut, the oldest is not known. */
async function withNewBytes(
  project: IProject,
  found: readonly AssetVersion[],
  isCut: boolean
): Promise<readonly AssetVersion[]> {
  const stored = found.flatMap(({ sha256 }) => sha256 ?? []).reverse();
  const added = [...(await project.store.addedBytes(stored))];
  return found.map((version, index) => {
    const newBytes = version.sha256 === null ? null : added.pop()!;
    return { ...version, newBytes: isCut && index === found.length - 1 ? null : newBytes };
  });
}

/** The snapshot that gave the file the content it has in HEAD. */
async function currentVersion(project: IProject, path: string): Promise<ObjectId | null> {
  const { commit } = await project.git.head();
  if (commit) {
    for await (const last of project.git.history(commit, { paths: [path], limit: 1 })) {
      return last.oid;
    }
  }
  return null;
}

/** A file as of a commit; `entry` is null when the commit removed it. */
export async function describeVersion(
  project: IProject,
  path: string,
  commit: Commit,
  entry: TreeEntry | null,
  current: boolean
): Promise<AssetVersion> {
  const info = entry && (await contentInfo(project, entry));
  return {
    ...toSnapshotInfo(commit),
    path,
    address: `${path}@${shortId(commit.oid)}`,
    sha256: info?.pointer?.sha256 ?? null,
    size: info?.size ?? null,
    facts: factsOf(commit.message).find(facts => facts.path === path) ?? null,
    current
  };
}
