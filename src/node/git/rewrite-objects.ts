/** Writing many trees, commits and tags that resemble those that are there: the object side of rewriting a history. */
import type { ObjectId } from '../../core/model/git';
import type { IObjectBatch } from '../../core/port';
import { withTarget, withTree } from './object-codec';
import type { ObjectDatabase } from './objects';
import { applyChanges } from './tree-operation';

export function beginObjects(objects: ObjectDatabase): IObjectBatch {
  const batch = objects.beginBatch();
  return {
    write: bytes => batch.write('blob', bytes),
    writeTree: (base, changes) => applyChanges(objects, batch, base, changes),
    rewriteCommit: async (commit: ObjectId, tree: ObjectId, parents: readonly ObjectId[]) =>
      batch.write('commit', withTree(await objects.readTyped(commit, 'commit'), tree, parents)),
    rewriteTag: async (tag: ObjectId, target: ObjectId) =>
      batch.write('tag', withTarget(await objects.readTyped(tag, 'tag'), target)),
    commit: () => batch.commit()
  };
}
