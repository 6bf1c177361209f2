/** Which branches cannot be switched to while work in the work tree is not snapshotted. */
import { foldersAbove } from '../model/path';
import type { IProject, Scan } from '../port';
import { treeOf } from '../transition/move-work-tree';

/** Branches used last are looked at; each costs a comparison of two trees. */
const BRANCHES = 20;

export type Blocked = {
  readonly branches: readonly string[];
  /** Changed files that the switch would have to overwrite, the same for all these branches. */
  readonly paths: readonly string[];
};

export async function blockedBranches(project: IProject, { head, tree, changes }: Scan): Promise<readonly Blocked[]> {
  const blocked = new Map<string, { branches: string[]; paths: readonly string[] }>();
  if (changes.length === 0 || tree === null) {
    return [];
  }
  for (const name of await otherBranches(project, head.kind === 'branch' ? head.branch : null)) {
    const there = await treeOf(project, await project.git.resolve(`refs/heads/${name}`));
    const differing = new Set((await project.git.diffTrees(tree, there)).map(change => change.path));
    const above = new Set([...differing].flatMap(foldersAbove));
    const paths = changes
      .map(change => change.path)
      .filter(
        path => differing.has(path) || above.has(path) || foldersAbove(path).some(folder => differing.has(folder))
      );
    if (paths.length > 0) {
      const key = paths.join('\0');
      blocked.set(key, { paths, branches: [...(blocked.get(key)?.branches ?? []), name] });
    }
  }
  return [...blocked.values()];
}

async function otherBranches(project: IProject, current: string | null): Promise<readonly string[]> {
  const [refs, lastUsed] = await Promise.all([project.git.refs('refs/heads/'), project.git.lastUsed()]);
  return refs
    .map(ref => ref.name.slice('refs/heads/'.length))
    .filter(name => name !== current)
    .sort((a, b) => (lastUsed.get(b) ?? 0) - (lastUsed.get(a) ?? 0))
    .slice(0, BRANCHES);
}
