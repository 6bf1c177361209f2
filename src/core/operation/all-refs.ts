/** Branches and tags as people name them. */
import type { ObjectId } from '../model/git';
import type { RefName } from '../model/result';
import type { IProject } from '../port';

export type NamedRef = RefName & { readonly commit: ObjectId };

const kinds = [
  ['refs/heads/', 'branch'],
  ['refs/tags/', 'tag'],
  ['refs/remotes/', 'remote']
] as const;

/** Branches, tags, then branches of remotes; one of a remote that is where ours of that name is, is left out. */
export async function namedRefs(project: IProject): Promise<readonly NamedRef[]> {
  const found: NamedRef[] = [];
  for (const [prefix, kind] of kinds) {
    for (const { name, commit } of await project.git.refs(prefix)) {
      found.push({ kind, name: name.slice(prefix.length), commit });
    }
  }
  const own = new Map(found.filter(({ kind }) => kind === 'branch').map(({ name, commit }) => [name, commit]));
  return found.filter(({ kind, name, commit }) => {
    const branch = name.slice(name.indexOf('/') + 1);
    return kind !== 'remote' || (branch !== 'HEAD' && own.get(branch) !== commit);
  });
}

/** Those that hold exactly this blob at the path now. */
export async function refsHolding(project: IProject, path: string, blob: ObjectId): Promise<readonly RefName[]> {
  const holding: RefName[] = [];
  for (const { kind, name, commit } of await namedRefs(project)) {
    const { tree } = await project.git.readCommit(commit);
    if ((await project.git.entry(tree, path))?.oid === blob) {
      holding.push({ kind, name });
    }
  }
  return holding;
}
