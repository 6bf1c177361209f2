import { hasCode } from '../error';
import type { Commit, ObjectId } from '../model/git';
import type { IProject } from '../port';

/** Every commit reachable from `starts` once, parents before children. Tags of other things than commits are left out. */
export async function* eachCommit(project: IProject, starts: readonly ObjectId[]): AsyncGenerator<Commit> {
  const seen = new Set<ObjectId>();
  for (const start of starts) {
    const first = seen.has(start) ? null : await readTip(project, start);
    // Each entry waits for its parents: it comes out when it is met the second time.
    const open = first ? [first] : [];
    while (open.length > 0) {
      const commit = open[open.length - 1]!;
      const waiting = seen.has(commit.oid) ? [] : commit.parents.filter(parent => !seen.has(parent));
      if (waiting.length > 0) {
        open.push(...(await Promise.all(waiting.map(parent => project.git.readCommit(parent)))));
        continue;
      }
      open.pop();
      if (!seen.has(commit.oid)) {
        seen.add(commit.oid);
        yield commit;
      }
    }
  }
}

async function readTip(project: IProject, oid: ObjectId): Promise<Commit | null> {
  try {
    return await project.git.readCommit(oid);
  } catch (error) {
    const isOther = hasCode(error, 'OBJECT_CORRUPT') && /^it is a (blob|tree) /.test(String(error.data['reason']));
    if (isOther) {
      return null;
    }
    throw error;
  }
}
