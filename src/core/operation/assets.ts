/** `assets`: every dataset, model and metrics file of a branch, with its last snapshot and what changed since. */
import { throwIfCancelled } from '../cancel';
import { isMetricsFile } from '../format/metrics';
import { assetKindOf } from '../model/asset-kind';
import type { Commit, TreeEntry } from '../model/git';
import type { AssetInfo, AssetsArgs, AssetsResult } from '../model/result';
import type { Activity, IProject, WorkTreeChange } from '../port';
import { cleanFilter } from '../transition/clean-filter';
import { isStandIn } from '../transition/stand-in';
import { contentInfo } from './contents';
import type { ContentInfo } from './contents';
import { toChangeKind } from './describe-changes';
import { headName } from './head';
import type { Operation } from './operation';
import { toSnapshotInfo } from './snapshot-info';

export const assetsOperation: Operation<'assets'> = {
  verb: 'assets',
  summary: 'List the datasets, models and metrics of a branch',
  mutates: false,
  run: assets
};

/** Without a revision: of the work tree, its unsnapshotted changes included. */
export async function assets(project: IProject, args: AssetsArgs, activity: Activity): Promise<AssetsResult> {
  const head = await project.git.head();
  const start = args.revision === undefined ? head.commit : await project.git.resolve(args.revision);
  const commit = start && (await project.git.readCommit(start));
  const changes = args.revision === undefined ? (await project.git.scan(cleanFilter(project))).changes : [];
  const changed = new Map(
    changes.filter(change => change.asset || isMetricsFile(change.path)).map(change => [change.path, change])
  );
  const stored = commit ? await storedAssets(project, commit) : new Map<string, ContentInfo>();
  const last = commit ? await lastSnapshots(project, commit, new Set(stored.keys()), activity) : new Map();
  const paths = [...new Set([...stored.keys(), ...changed.keys()])].sort();
  const infos: AssetInfo[] = [];
  for (const path of paths) {
    infos.push(await describe(project, path, stored.get(path), last.get(path), changed.get(path)));
  }
  return { branch: args.revision ?? headName(head), assets: infos };
}

/** Files of the snapshot that the attributes make assets, and metrics, which git itself stores. */
async function storedAssets(project: IProject, commit: Commit): Promise<ReadonlyMap<string, ContentInfo>> {
  const found = new Map<string, ContentInfo>();
  const isAsset = project.git.assetRules();
  for (const entry of await project.git.listTree(commit.tree)) {
    if (isRegular(entry) && (isMetricsFile(entry.path) || (await isAsset(entry.path)))) {
      found.set(entry.path, await contentInfo(project, entry));
    }
  }
  return found;
}

function isRegular(entry: TreeEntry): boolean {
  return entry.mode === '100644' || entry.mode === '100755';
}

async function describe(
  project: IProject,
  path: string,
  content: ContentInfo | undefined,
  last: Commit | undefined,
  change: WorkTreeChange | undefined
): Promise<AssetInfo> {
  const pointer = content?.pointer;
  const stat = await project.files.lstat(`${project.root}/${path}`);
  const standIn = pointer !== null && pointer !== undefined && (await isStandIn(project, path, stat));
  const onDisk = !standIn && stat?.kind === 'file' && (change !== undefined || stat.size === content?.size);
  return {
    path,
    kind: assetKindOf(path),
    size: content?.size ?? change?.stat?.size ?? 0,
    last: last ? toSnapshotInfo(last) : null,
    change: change ? toChangeKind(change) : null,
    here: !pointer || onDisk || (await project.store.has(pointer.sha256)),
    standIn
  };
}

/** For each path the snapshot that gave it its content: one walk back, until all are found. */
async function lastSnapshots(
  project: IProject,
  start: Commit,
  wanted: Set<string>,
  activity: Activity
): Promise<ReadonlyMap<string, Commit>> {
  const found = new Map<string, Commit>();
  if (wanted.size === 0) {
    return found;
  }
  for await (const commit of project.git.history(start.oid, { paths: [...wanted] })) {
    throwIfCancelled(activity);
    if (wanted.size === 0) {
      break;
    }
    const [parent] = commit.parents;
    const before = parent ? (await project.git.readCommit(parent)).tree : null;
    for (const change of await project.git.diffTrees(before, commit.tree, [...wanted])) {
      if (wanted.delete(change.path)) {
        found.set(change.path, commit);
      }
    }
  }
  return found;
}
