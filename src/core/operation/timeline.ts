/** The versions of a file on all branches, and which of them each is on. */
import type { Commit, ObjectId, TreeEntry } from '../model/git';
import type { RefName } from '../model/result';
import type { Activity, IProject } from '../port';
import { throwIfCancelled } from '../cancel';
import { mapConcurrently } from '../concurrency';
import { namedRefs } from './all-refs';
import type { NamedRef } from './all-refs';

export type TimelineVersion = {
  readonly commit: Commit;
  /** null when the commit removed the file. */
  readonly entry: TreeEntry | null;
  readonly containedIn: readonly RefName[];
};

/** `reach`: one bit for each branch and tag that has the commit. `rank`: higher than that of every child. */
type Visited = {
  readonly commit: Commit;
  readonly entry: TreeEntry | null;
  reach: bigint;
  children: number;
  rank: number;
};

/**
 * Newest first, each once. A merge that is the same as one of its parents made no version. HEAD counts as well, as it
 * may be on no branch; it is not among `containedIn` then.
 */
export async function readTimeline(
  project: IProject,
  path: string,
  activity: Activity
): Promise<readonly TimelineVersion[]> {
  const refs = await namedRefs(project);
  const { commit: head } = await project.git.head();
  const graph = await readGraph(
    project,
    path,
    [...refs.map(({ commit }) => commit), ...(head ? [head] : [])],
    activity
  );
  refs.forEach(({ commit }, index) => (graph.get(commit)!.reach |= 1n << BigInt(index)));
  spreadReach(graph);
  const names = new Map<bigint, readonly RefName[]>();
  return [...graph.values()]
    .filter(visited => isVersion(visited, graph))
    .sort((a, b) => b.commit.committer.time - a.commit.committer.time || a.rank - b.rank)
    .map(({ commit, entry, reach }) => {
      const containedIn = names.get(reach) ?? namesOf(refs, reach);
      names.set(reach, containedIn);
      return { commit, entry, containedIn };
    });
}

/** All commits that the tips reach, each with what it has at the path. */
async function readGraph(
  project: IProject,
  path: string,
  tips: readonly ObjectId[],
  activity: Activity
): Promise<Map<ObjectId, Visited>> {
  const { git } = project;
  const graph = new Map<ObjectId, Visited>();
  // From one generation to the next, since the commits of one can be read together.
  for (let wanted: ReadonlySet<ObjectId> = new Set(tips); wanted.size > 0;) {
    throwIfCancelled(activity);
    const commits = await mapConcurrently([...wanted], oid => git.readCommit(oid));
    const entries = await mapConcurrently(commits, ({ tree }) => git.entry(tree, path));
    commits.forEach((commit, index) => {
      graph.set(commit.oid, { commit, entry: entries[index]!, reach: 0n, children: 0, rank: 0 });
    });
    wanted = new Set(commits.flatMap(({ parents }) => parents).filter(oid => !graph.has(oid)));
  }
  for (const { commit } of graph.values()) {
    commit.parents.forEach(parent => (graph.get(parent)!.children += 1));
  }
  return graph;
}

/** What reaches a commit reaches its parents. Every commit is taken after all of its children (Kahn). */
function spreadReach(graph: ReadonlyMap<ObjectId, Visited>): void {
  const ready = [...graph.values()].filter(({ children }) => children === 0);
  let rank = 0;
  for (let visited = ready.pop(); visited; visited = ready.pop()) {
    visited.rank = rank++;
    for (const oid of visited.commit.parents) {
      const parent = graph.get(oid)!;
      parent.reach |= visited.reach;
      parent.children -= 1;
      if (parent.children === 0) {
        ready.push(parent);
      }
    }
  }
}

function isVersion({ commit, entry }: Visited, graph: ReadonlyMap<ObjectId, Visited>): boolean {
  if (commit.parents.length === 0) {
    return entry !== null;
  }
  return commit.parents.every(oid => !isSame(graph.get(oid)!.entry, entry));
}

function isSame(a: TreeEntry | null, b: TreeEntry | null): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}

function namesOf(refs: readonly NamedRef[], reach: bigint): readonly RefName[] {
  return refs.filter((_, index) => (reach >> BigInt(index)) & 1n).map(({ kind, name }) => ({ kind, name }));
}
