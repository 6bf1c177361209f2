/**
 * One changing operation per project at a time, across processes: `<home>/lock`. (git's own lock files are the git
 * adapter's business.)
 */
import { hasCode } from '../error';
import { takeLock } from '../owner-file';
import type { Release } from '../owner-file';
import type { IProject } from '../port';

/** Take the lock. LOCKED when another live operation has it (data.heldBy says which). */
export function lockProject(project: IProject, verb: string): Promise<Release> {
  return takeLock(project, `${project.home}/lock`, verb);
}

/** True for failures that a little patience may cure. */
export function isContention(error: unknown): boolean {
  return hasCode(error, 'REF_CONFLICT', 'LOCKED');
}
