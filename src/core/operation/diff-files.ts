/** Which files differ between two sides, and where their contents are. */
import { BranchbookError } from '../error';
import type { Commit, ObjectId, TreeChange, TreeEntry } from '../model/git';
import { isWithin } from '../model/path';
import type { IProject, WorkTreeChange } from '../port';
import { cleanBlob, cleanFilter } from '../transition/clean-filter';
import { isStandIn } from '../transition/stand-in';
import { contentInfo } from './contents';
import type { Side } from './diff-sides';

/** A file as one side has it. */
export type FileVersion = {
  readonly path: string;
  /** Where git has it; null: only the file on disk has this content. */
  readonly entry: TreeEntry | null;
  /** Tree of the snapshot it is of; null: the work tree. */
  readonly tree: ObjectId | null;
  /** Bytes of the content. */
  readonly size: number;
  readonly asset: boolean;
};

export type FilePair = {
  readonly path: string;
  readonly from: FileVersion | null;
  readonly to: FileVersion | null;
  readonly same: boolean;
};

/** All files below the sides' path that differ, sorted by path. Submodules are left out. */
export async function listDifferent(
  project: IProject,
  [from, to]: readonly [Side, Side]
): Promise<readonly FilePair[]> {
  const under = from.path === '' ? undefined : [from.path];
  const scan = to.commit ? null : await project.git.scan(cleanFilter(project), under);
  const tree = to.commit ? to.commit.tree : scan!.tree;
  const between = from.commit!.tree === tree ? [] : await project.git.diffTrees(from.commit!.tree, tree, under);
  const committed = new Map(between.map(change => [change.path, change]));
  const onDisk = new Map((scan?.changes ?? []).map(change => [change.path, change]));
  const trees: Trees = { from: from.commit!.tree, to: to.commit?.tree ?? null };
  const pairs: FilePair[] = [];
  for (const path of [...new Set([...committed.keys(), ...onDisk.keys()])].sort()) {
    const pair = await pairAt(project, trees, path, { change: committed.get(path), disk: onDisk.get(path) });
    if (pair && (!under || isWithin(path, from.path))) {
      pairs.push(pair);
    }
  }
  return pairs;
}

type Trees = { readonly from: ObjectId; readonly to: ObjectId | null };
/** What happened to a path between the two snapshots, and after the second one on disk. */
type Changes = { readonly change: TreeChange | undefined; readonly disk: WorkTreeChange | undefined };

/** null when there is no difference after all, or it is a submodule. */
async function pairAt(
  project: IProject,
  trees: Trees,
  path: string,
  { change, disk }: Changes
): Promise<FilePair | null> {
  const before = change ? change.from : (disk?.head ?? null);
  if (isSubmodule(before, change?.to) || (await isEqualOnDisk(project, before, disk))) {
    return null;
  }
  const from = before && (await versionOf(project, before, trees.from));
  const to = disk ? diskVersion(disk) : change!.to && (await versionOf(project, change!.to, trees.to));
  return from || to ? { path, from, to, same: false } : null;
}

/** The one file that both sides name. null when neither has a file there (a folder, perhaps). */
export async function findPair(project: IProject, [from, to]: readonly [Side, Side]): Promise<FilePair | null> {
  const before = await committedVersion(project, from.commit!, from.path);
  const after = to.commit
    ? await committedVersion(project, to.commit, to.path)
    : await workTreeVersion(project, to.path, before?.entry ?? null);
  if (!before && !after) {
    return null;
  }
  const same = !!before?.entry && before.entry.oid === after?.entry?.oid;
  return { path: to.path, from: before, to: after, same };
}

/** PATH_UNKNOWN, for a path that neither side has as file or folder. */
export function unknownPath(path: string, sides: readonly [Side, Side]): BranchbookError {
  return new BranchbookError(
    'PATH_UNKNOWN',
    `There is no ${path} in ${sides[0].name}, nor in ${sides[1].name}.`,
    { path, revision: sides[0].name },
    `\`branchbook versions ${path}\` lists where it exists.`
  );
}

function isSubmodule(...entries: readonly (TreeEntry | null | undefined)[]): boolean {
  return entries.some(entry => entry?.mode === '160000');
}

async function versionOf(project: IProject, entry: TreeEntry, tree: ObjectId | null): Promise<FileVersion> {
  const { pointer, size } = await contentInfo(project, entry);
  return { path: entry.path, entry, tree, size, asset: pointer !== null };
}

function diskVersion({ path, stat, asset }: WorkTreeChange): FileVersion | null {
  return stat && { path, entry: null, tree: null, size: stat.size, asset };
}

/** The work tree may have been changed back to what an older snapshot has. */
async function isEqualOnDisk(
  project: IProject,
  before: TreeEntry | null,
  disk: WorkTreeChange | undefined
): Promise<boolean> {
  if (!before || !disk?.stat || disk.head?.oid === before.oid) {
    return false;
  }
  return before.oid === (await cleanBlob(project, disk.path, disk.stat, disk.asset));
}

async function committedVersion(project: IProject, commit: Commit, path: string): Promise<FileVersion | null> {
  const entry = await project.git.entry(commit.tree, path);
  return entry && entry.mode !== '160000' ? versionOf(project, entry, commit.tree) : null;
}

/** With the entry that has the same content, when `before` or HEAD has it. */
async function workTreeVersion(project: IProject, path: string, before: TreeEntry | null): Promise<FileVersion | null> {
  const stat = await project.files.lstat(`${project.root}/${path}`);
  if (!stat || stat.kind === 'directory') {
    return null;
  }
  const scan = await project.git.scan(cleanFilter(project), [path]);
  const change = scan.changes.find(other => other.path === path);
  const unchanged = !change && scan.tree ? await project.git.entry(scan.tree, path) : null;
  if (unchanged) {
    return versionOf(project, unchanged, null);
  }
  const asset = await project.git.isAsset(path);
  const known = [before, change?.head ?? null].filter(entry => entry !== null);
  if (known.length > 0 && ((change && change.head?.oid !== before?.oid) || (await isStandIn(project, path, stat)))) {
    const oid = await cleanBlob(project, path, stat, asset);
    const equal = known.find(entry => entry.oid === oid);
    if (equal) {
      return versionOf(project, equal, null);
    }
  }
  return { path, entry: null, tree: null, size: stat.size, asset };
}
