/** `versions`: the snapshots that made a file what it is. */
import { BranchbookError } from '../error';
import type { Commit, ObjectId, TreeEntry } from '../model/git';
import { checkPath } from '../model/path';
import type { AssetVersion, VersionsArgs, VersionsResult } from '../model/result';
import { factsOf } from '../model/trailer';
import type { IProject } from '../port';
import { contentInfo } from './contents';
import { shortId } from './head';
import type { Operation } from './operation';
import { toSnapshotInfo } from './snapshot-info';

export const versionsOperation: Operation<'versions'> = {
  verb: 'versions',
  summary: 'List the versions of a dataset, model or notebook',
  mutates: false,
  run: versions
};

const DEFAULT_LIMIT = 1000;

/** Newest first. PATH_UNKNOWN when no snapshot has it, PATH_UNSAFE, REVISION_UNKNOWN, UNBORN_HEAD. */
export async function versions(project: IProject, args: VersionsArgs): Promise<VersionsResult> {
  const { path } = args;
  checkPath(path);
  const start = await project.git.resolve(args.revision ?? 'HEAD');
  const current = await currentVersion(project, path);
  const found: AssetVersion[] = [];
  for await (const commit of project.git.history(start, { paths: [path], limit: args.limit ?? DEFAULT_LIMIT })) {
    const entry = await project.git.entry(commit.tree, path);
    found.push(await describeVersion(project, path, commit, entry, commit.oid === current));
  }
  if (found.every(version => version.size === null)) {
    throw new BranchbookError(
      'PATH_UNKNOWN',
      `No snapshot${args.revision ? ` of ${args.revision}` : ''} has a file ${path}.`,
      { path },
      'Snapshot it first, or check the spelling: paths are relative to the project’s root folder.'
    );
  }
  return { path, versions: found };
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
