/** Every asset version that branches, tags and all other refs lead to. */
import { throwIfCancelled } from '../cancel';
import { decodePointer } from '../format/pointer';
import type { Pointer, Sha256 } from '../model/asset';
import type { ObjectId } from '../model/git';
import type { Activity, IProject } from '../port';
import { eachCommit } from './each-commit';

/** A version and one of the paths it has. */
export type PointerAt = { readonly path: string; readonly pointer: Pointer };

/** By SHA-256. Every tree and every blob of the history is looked at once. */
export async function historyPointers(project: IProject, activity: Activity): Promise<ReadonlyMap<Sha256, PointerAt>> {
  const found = new Map<Sha256, PointerAt>();
  const seen = new Set<ObjectId>();
  const visit = async (tree: ObjectId, prefix: string): Promise<void> => {
    for (const { name, mode, oid } of await project.git.readTree(tree)) {
      if (seen.has(oid) || mode === '120000' || mode === '160000') {
        continue;
      }
      seen.add(oid);
      if (mode === '40000') {
        await visit(oid, `${prefix}${name}/`);
        continue;
      }
      const pointer = decodePointer(await project.git.readBlob(oid));
      if (pointer && !found.has(pointer.sha256)) {
        found.set(pointer.sha256, { path: `${prefix}${name}`, pointer });
      }
    }
  };
  const refs = await project.git.refs('refs/');
  const head = await project.git.head();
  const starts = [...refs.map(ref => ref.commit), ...(head.commit ? [head.commit] : [])];
  let commits = 0;
  for await (const commit of eachCommit(project, starts)) {
    throwIfCancelled(activity);
    activity.onProgress?.({ phase: 'Reading the history', done: (commits += 1), total: null, unit: 'commits' });
    if (!seen.has(commit.tree)) {
      seen.add(commit.tree);
      await visit(commit.tree, '');
    }
  }
  return found;
}
