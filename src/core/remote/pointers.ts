/** Which contents histories and trees name. */
import { throwIfCancelled } from '../cancel';
import type { Pointer, Sha256 } from '../model/asset';
import type { ObjectId } from '../model/git';
import type { Activity, IProject } from '../port';
import { readPointer } from '../transition/content';

/** A content and one of the paths that have it. */
export type NamedPointer = { readonly pointer: Pointer; readonly path: string };

/** Every content that commits name which `tips` reach and `known` do not, by SHA-256. */
export async function pointersBetween(
  project: IProject,
  tips: readonly ObjectId[],
  known: readonly ObjectId[],
  activity: Activity
): Promise<ReadonlyMap<Sha256, NamedPointer>> {
  const { git } = project;
  const found = new Map<Sha256, NamedPointer>();
  const seen = new Set<ObjectId>();
  const commits = await git.commitsOnlyIn(tips, known);
  for (const [index, commit] of commits.entries()) {
    throwIfCancelled(activity);
    activity.onProgress?.({ phase: 'Looking for assets', done: index + 1, total: commits.length, unit: 'commits' });
    const [first] = commit.parents;
    const before = first === undefined ? null : (await git.readCommit(first)).tree;
    for (const { path, to } of await git.diffTrees(before, commit.tree)) {
      if (to && to.mode.startsWith('100') && !seen.has(to.oid)) {
        seen.add(to.oid);
        await add(project, found, path, to.oid);
      }
    }
  }
  return found;
}

/** Every content that the files of a tree name, as far as `accepts` takes their paths. */
export async function pointersOfTree(
  project: IProject,
  tree: ObjectId | null,
  accepts: (path: string) => boolean = () => true
): Promise<ReadonlyMap<Sha256, NamedPointer>> {
  const found = new Map<Sha256, NamedPointer>();
  for (const { path, mode, oid } of tree === null ? [] : await project.git.listTree(tree)) {
    if (mode.startsWith('100') && accepts(path)) {
      await add(project, found, path, oid);
    }
  }
  return found;
}

async function add(project: IProject, found: Map<Sha256, NamedPointer>, path: string, oid: ObjectId): Promise<void> {
  const pointer = await readPointer(project, oid);
  if (pointer && pointer.size > 0 && !found.has(pointer.sha256)) {
    found.set(pointer.sha256, { pointer, path });
  }
}
