/**
 * One changing operation per project at a time, across processes: `<home>/lock`. (git's own lock files are the git
 * adapter's business.)
 */
import { BranchbookError, hasCode } from '../error';
import { takeLock } from '../owner-file';
import type { Release } from '../owner-file';
import type { IProject } from '../port';

/** Take the lock. LOCKED when another live operation has it (data.heldBy says which); PERMISSION_DENIED. */
export async function lockProject(project: IProject, verb: string): Promise<Release> {
  try {
    return await takeLock(project, `${project.home}/lock`, verb);
  } catch (error) {
    throw explainReadOnly(project, error);
  }
}

function explainReadOnly(project: IProject, error: unknown): unknown {
  if (!hasCode(error, 'PERMISSION_DENIED')) {
    return error;
  }
  return new BranchbookError(
    'PERMISSION_DENIED',
    `This project cannot be changed by you: ${error.message}`,
    error.data,
    `You can look at it (\`branchbook status\`, \`versions\`, \`show\`). To change it, ask its owner for permission to write, or work in a copy of your own: \`git clone ${project.root} FOLDER\`.`
  );
}

/** True for failures that a little patience may cure. */
export function isContention(error: unknown): boolean {
  return hasCode(error, 'REF_CONFLICT', 'LOCKED');
}
