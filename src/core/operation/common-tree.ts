/** What two branches have in common, as one tree. */
import type { ObjectId } from '../model/git';
import type { IProject } from '../port';
import { treeOf } from '../transition/move-work-tree';
import { mergeTrees } from './merge-trees';

export type CommonTree = {
  /** null when there is nothing in common. */
  readonly base: ObjectId | null;
  /** Paths that could not be merged; in `base` they are as in the newest. */
  readonly uncertain: ReadonlySet<string>;
};

/**
 * Branches that were merged into each other have several best common ancestors. Taking any one of them would bring back
 * what a branch took back since, so they are merged with each other first, as git does (Documentation/merge-strategies,
 * "ort"). The commits made for it are referred to by nothing.
 */
export async function commonTree(project: IProject, bases: readonly ObjectId[]): Promise<CommonTree> {
  const { git } = project;
  const uncertain = new Set<string>();
  let [common = null] = bases;
  for (const other of common ? bases.slice(1) : []) {
    const [ours, theirs] = [await git.readCommit(common!), await git.readCommit(other)];
    const below = await commonTree(project, await git.mergeBases(ours.oid, theirs.oid));
    const sides = { ours: ours.tree, theirs: theirs.tree, preferOurs: [], preferTheirs: [] };
    const merged = await mergeTrees(project, { ...below, ...sides });
    merged.conflicts.forEach(({ path }) => uncertain.add(path));
    for (const bytes of merged.texts.values()) {
      await git.writeBlob(bytes);
    }
    const tree = await git.writeTree(ours.tree, merged.changes);
    const { author, committer } = ours;
    const message = 'Common ancestors, merged\n';
    common = await git.writeCommit({ tree, parents: [ours.oid, other], author, committer, message });
  }
  return { base: await treeOf(project, common), uncertain };
}
