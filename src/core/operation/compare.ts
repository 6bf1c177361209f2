/** `compare`: branches or revisions side by side: snapshots ahead and behind, files that differ, metrics. */
import { BranchbookError } from '../error';
import { compareMarkdown } from '../format/compare-markdown';
import { kindOf } from '../model/asset-kind';
import type { Commit, TreeChange } from '../model/git';
import type { CompareArgs, CompareResult } from '../model/result';
import type { ChangeKind } from '../model/snapshot';
import type { Activity, IProject } from '../port';
import { throwIfCancelled } from '../cancel';
import { compareContents } from './compare-contents';
import { compareMetrics, compareParams } from './compare-numbers';
import { contentInfo } from './contents';
import { headName } from './head';
import type { Operation } from './operation';

export const compareOperation: Operation<'compare'> = {
  verb: 'compare',
  summary: 'Show what differs between branches: files, metrics, parameters, data and models',
  mutates: false,
  run: compare
};

type Side = { readonly name: string; readonly commit: Commit };

/** USAGE without a revision, REVISION_UNKNOWN, REVISION_AMBIGUOUS, UNBORN_HEAD. */
export async function compare(project: IProject, args: CompareArgs, activity: Activity): Promise<CompareResult> {
  const sides = await findSides(project, args.revisions);
  const base = sides[0]!;
  const revisions: CompareResult['revisions'][number][] = [];
  for (const { name, commit } of sides) {
    throwIfCancelled(activity);
    revisions.push({ name, commit: commit.oid, ...(await project.git.distance(base.commit.oid, commit.oid)) });
  }
  const commits = sides.map(({ commit }) => commit);
  const files = await compareFiles(project, sides, args.paths, activity);
  const numbers = {
    metrics: await compareMetrics(project, commits, activity),
    params: await compareParams(project, commits, activity)
  };
  const contents =
    args.content || args.drift ? await compareContents(project, commits, { files, args }, activity) : null;
  const { settings = [], ...shown } = contents ?? {};
  const result = { revisions, files, ...numbers, params: [...numbers.params, ...settings], ...shown };
  return { ...result, markdown: compareMarkdown(result) };
}

async function findSides(project: IProject, revisions: readonly string[]): Promise<readonly Side[]> {
  if (revisions.length === 0) {
    throw new BranchbookError(
      'USAGE',
      'Nothing to compare with.',
      { argument: 'revisions', reason: 'at least one is needed' },
      'Name a branch or revision, for example `branchbook compare main experiment-1`.'
    );
  }
  const names = revisions.length === 1 ? [headName(await project.git.head()), ...revisions] : revisions;
  const sides: Side[] = [];
  for (const [index, name] of names.entries()) {
    const revision = revisions.length === 1 && index === 0 ? 'HEAD' : name;
    sides.push({ name, commit: await project.git.readCommit(await project.git.resolve(revision)) });
  }
  return sides;
}

function changeKind(change: TreeChange | undefined): ChangeKind | null {
  if (!change) {
    return null;
  }
  return change.to ? (change.from ? 'modified' : 'new') : 'removed';
}

async function compareFiles(
  project: IProject,
  sides: readonly Side[],
  paths: readonly string[] | undefined,
  activity: Activity
): Promise<CompareResult['files']> {
  const under = paths && paths.length > 0 && !paths.includes('') ? paths : undefined;
  const base = sides[0]!.commit.tree;
  const changes: ReadonlyMap<string, TreeChange>[] = [];
  for (const { commit } of sides) {
    const list = commit.tree === base ? [] : await project.git.diffTrees(base, commit.tree, under);
    changes.push(new Map(list.map(change => [change.path, change])));
  }
  const all = [...new Set(changes.flatMap(map => [...map.keys()]))].sort();
  const files: CompareResult['files'][number][] = [];
  for (const path of all) {
    throwIfCancelled(activity);
    const from = changes.find(map => map.has(path))!.get(path)!.from;
    const entries = changes.map(map => (map.has(path) ? map.get(path)!.to : from));
    const infos = await Promise.all(entries.map(entry => entry && contentInfo(project, entry)));
    files.push({
      path,
      kind: kindOf(path),
      asset: infos.some(info => info?.pointer),
      sizes: infos.map(info => info?.size ?? null),
      change: changes.map(map => changeKind(map.get(path)))
    });
  }
  return files;
}
