/** `show`: one snapshot, or one version of a file. */
import { BranchbookError, hasCode } from '../error';
import type { Content } from '../model/content';
import { kindOf } from '../model/asset-kind';
import type { Sha256 } from '../model/asset';
import type { Commit } from '../model/git';
import type { Deduplication } from '../model/maintenance';
import type { AssetVersion, ShowArgs, ShowResult } from '../model/result';
import type { FileChange } from '../model/snapshot';
import type { Activity, IProject } from '../port';
import { refsHolding } from './all-refs';
import { contentInfo } from './contents';
import { checkPath } from '../model/path';
import { lastChange } from './last-change';
import { locate } from './locate';
import type { Located } from './locate';
import type { Operation } from './operation';
import { showContent } from './show-content';
import type { ContentVersion } from './content-reader';
import { folderContent } from './show-folder';
import { toSnapshotInfo } from './snapshot-info';
import { describeVersion } from './versions';

export const showOperation: Operation<'show'> = {
  verb: 'show',
  summary: 'Describe a snapshot, or a version of a file',
  mutates: false,
  run: show
};

/** What `locate` throws. A bare word is a path when HEAD has it, else a revision. */
export async function show(project: IProject, args: ShowArgs, activity: Activity): Promise<ShowResult> {
  if (args.workTree) {
    return showWorkTreeFile(project, args, activity);
  }
  const located = await locateOrRevision(project, args.address);
  return located.entry ? showVersion(project, located, args, activity) : showSnapshot(project, located, args, activity);
}

async function locateOrRevision(project: IProject, address: string): Promise<Located> {
  try {
    return await locate(project, address);
  } catch (error) {
    if (error instanceof BranchbookError && ['PATH_UNKNOWN', 'PATH_UNSAFE', 'ADDRESS_INVALID'].includes(error.code)) {
      const commit = await project.git.resolve(address).catch(() => null);
      if (commit) {
        return { path: '', commit: await project.git.readCommit(commit), entry: null };
      }
    }
    throw error;
  }
}

async function showSnapshot(
  project: IProject,
  located: Located,
  args: ShowArgs,
  activity: Activity
): Promise<ShowResult> {
  const { commit, path } = located;
  const content = wantsContent(args) ? await folderContent(project, located, args, activity) : null;
  const changes = await changesOf(project, commit, path);
  return { kind: 'snapshot', snapshot: toSnapshotInfo(commit), changes, ...(content && { content }) };
}

/** What a snapshot changed against the one before it (for a merge: against the branch it was made on). */
async function changesOf(project: IProject, commit: Commit, path: string): Promise<readonly FileChange[]> {
  const [parent] = commit.parents;
  const before = parent ? (await project.git.readCommit(parent)).tree : null;
  const changes: FileChange[] = [];
  for (const change of await project.git.diffTrees(before, commit.tree, path === '' ? undefined : [path])) {
    const info = await contentInfo(project, change.to ?? change.from!);
    changes.push({
      path: change.path,
      kind: change.to ? (change.from ? 'modified' : 'new') : 'removed',
      asset: info.pointer !== null,
      size: change.to ? info.size : null
    });
  }
  return changes;
}

async function showVersion(
  project: IProject,
  located: Located,
  args: ShowArgs,
  activity: Activity
): Promise<ShowResult> {
  const { path, commit, entry } = located;
  const maker = await lastChange(project, commit, path);
  const head = await project.git.head();
  const inHead = head.commit && (await project.git.entry((await project.git.readCommit(head.commit)).tree, path));
  const version = await describeVersion(project, path, maker, entry, !!inHead && inHead.oid === entry!.oid);
  const stored = version.sha256 === null ? null : await project.store.info(version.sha256);
  return {
    kind: 'version',
    version,
    assetKind: kindOf(path),
    xetHash: stored?.xetHash ?? null,
    ...(wantsContent(args) && { content: await contentOf(project, versionOf(located, version), args, activity) }),
    ...(args.used && { usedBy: await refsHolding(project, path, entry!.oid) }),
    ...(args.chunks && stored && { chunks: await project.store.chunks(stored.sha256) }),
    ...(args.dedup && stored && (await deduplication(project, located, stored.sha256)))
  };
}

/** A file as it is on disk, whether or not any snapshot has it. PATH_UNKNOWN, PATH_UNSAFE. */
async function showWorkTreeFile(project: IProject, args: ShowArgs, activity: Activity): Promise<ShowResult> {
  const path = args.address;
  checkPath(path);
  const stat = await project.files.lstat(`${project.root}/${path}`);
  if (stat?.kind !== 'file') {
    throw new BranchbookError('PATH_UNKNOWN', `There is no file ${path} in the work tree.`, { path });
  }
  const key = `file-${stat.ino}-${stat.size}-${stat.mtimeNs}-${stat.ctimeNs}`;
  const version = { path, size: stat.size, key, commit: null, source: { workTreePath: path } };
  return {
    kind: 'file',
    path,
    size: stat.size,
    assetKind: kindOf(path),
    ...(wantsContent(args) && { content: await contentOf(project, version, args, activity) })
  };
}

/** What is known of a version is told although its content is not here, or cannot be read on this machine. */
async function contentOf(
  project: IProject,
  version: ContentVersion,
  args: ShowArgs,
  activity: Activity
): Promise<Content> {
  try {
    return await showContent(project, version, args, activity);
  } catch (error) {
    if (hasCode(error, 'ASSET_MISSING', 'TABLES_UNAVAILABLE')) {
      return { kind: 'unreadable', reason: `${error.message} ${error.hint}`.trim(), head: '' };
    }
    throw error;
  }
}

function wantsContent(args: ShowArgs): boolean {
  return args.content === true || args.statistics === true || args.page !== undefined;
}

function versionOf({ path, commit, entry }: Located, version: AssetVersion): ContentVersion {
  const key = version.sha256 ?? `blob-${entry!.oid}`;
  return { path, size: version.size ?? 0, key, commit, source: { entry: entry! } };
}

async function deduplication(
  project: IProject,
  { path, commit }: Located,
  sha256: Sha256
): Promise<{ readonly dedup?: Deduplication }> {
  const versions: Sha256[] = [];
  for await (const { tree } of project.git.history(commit.oid, { paths: [path] })) {
    const entry = await project.git.entry(tree, path);
    const pointer = entry && (await contentInfo(project, entry)).pointer;
    versions.push(...(pointer ? [pointer.sha256] : []));
  }
  const dedup = await project.store.deduplication(sha256, versions);
  return dedup ? { dedup } : {};
}
