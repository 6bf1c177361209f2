import type { Commit } from '../model/git';
import type { IProject } from '../port';

/** The snapshot at or before `start` that gave the file its content. */
export async function lastChange(project: IProject, start: Commit, path: string): Promise<Commit> {
  for await (const commit of project.git.history(start.oid, { paths: [path], limit: 1 })) {
    return commit;
  }
  return start;
}
