/** Words for where HEAD stands, and the guards that verbs share. */
import { BranchbookError } from '../error';
import type { Head, ObjectId } from '../model/git';
import type { IProject } from '../port';

export function shortId(id: ObjectId): string {
  return id.slice(0, 8);
}

/** Branch name, or the short id when detached. */
export function headName(head: Head): string {
  return head.kind === 'branch' ? head.branch : shortId(head.commit);
}

/** OPERATION_IN_PROGRESS while plain git is in the middle of a merge, rebase, … */
export async function refuseInProgress(project: IProject): Promise<void> {
  const state = await project.git.stateInProgress();
  if (state) {
    throw new BranchbookError(
      'OPERATION_IN_PROGRESS',
      `git is in the middle of a ${state}.`,
      { state },
      `Finish it (\`git ${state} --continue\`) or give it up (\`git ${state} --abort\`), then try again.`
    );
  }
}
