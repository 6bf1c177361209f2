/** `diff`: what changed between two snapshots, or since a snapshot: which files, and inside one file what. */
import { throwIfCancelled } from '../cancel';
import type { DiffArgs, DiffResult, DiffSide, FileDiff } from '../model/diff';
import type { Activity, IProject } from '../port';
import { diffContent } from './diff-content';
import { findPair, listDifferent, unknownPath } from './diff-files';
import type { FilePair } from './diff-files';
import { findSides } from './diff-sides';
import type { Side } from './diff-sides';
import type { Operation } from './operation';

export const diffOperation: Operation<'diff'> = {
  verb: 'diff',
  summary: 'Show what changed between two versions: files, rows, cells',
  mutates: false,
  run: diff
};

/** What `findSides` throws; PATH_UNKNOWN, ASSET_MISSING, FORMAT_INVALID, USAGE for a key the table does not have. */
export async function diff(project: IProject, args: DiffArgs, activity: Activity): Promise<DiffResult> {
  const sides = await findSides(project, args);
  const [from, to] = sides.map(toDiffSide) as [DiffSide, DiffSide];
  const pair = sides[1].path !== '' ? await findPair(project, sides) : null;
  if (pair) {
    return { from, to, files: [await describePair(project, pair, args, activity)] };
  }
  const pairs = await listDifferent(project, sides);
  if (pairs.length === 0 && sides[1].path !== '' && !(await isFolder(project, sides))) {
    throw unknownPath(sides[1].path, sides);
  }
  throwIfCancelled(activity);
  return { from, to, files: pairs.map(describeFile) };
}

function toDiffSide({ name, commit }: Side): DiffSide {
  return { name, commit: commit?.oid ?? null };
}

function describeFile({ path, from, to, same }: FilePair): FileDiff {
  return {
    path,
    ...(from && from.path !== path && { fromPath: from.path }),
    change: same ? 'same' : !from ? 'added' : !to ? 'removed' : 'modified',
    asset: !!from?.asset || !!to?.asset,
    sizes: [from?.size ?? null, to?.size ?? null]
  };
}

/** A file that is the same, or that one side lacks, has no content to compare. */
async function describePair(project: IProject, pair: FilePair, args: DiffArgs, activity: Activity): Promise<FileDiff> {
  const file = describeFile(pair);
  if (pair.same || !pair.from || !pair.to) {
    return file;
  }
  return { ...file, content: await diffContent(project, { from: pair.from, to: pair.to }, args, activity) };
}

async function isFolder(project: IProject, sides: readonly [Side, Side]): Promise<boolean> {
  for (const { commit, path } of sides) {
    const found = commit
      ? (await project.git.listTree(commit.tree, path)).length > 0
      : (await project.files.lstat(`${project.root}/${path}`))?.kind === 'directory';
    if (found) {
      return true;
    }
  }
  return false;
}
