/** `status`: what changed, in words, and what would stop a switch. */
import { hasCode } from '../error';
import type { Head, Person } from '../model/git';
import type { StatusResult } from '../model/result';
import type { FileChange } from '../model/snapshot';
import type { IProject, Scan } from '../port';
import { cleanFilter } from '../transition/clean-filter';
import { needsRecovery } from '../transition/recover';
import { readSelection } from '../transition/selection';
import { findStandIns } from '../transition/stand-in';
import { blockedBranches } from './blocked-branches';
import { summarizeChanges, toFileChange } from './describe-changes';
import { headName } from './head';
import type { Operation } from './operation';

export const statusOperation: Operation<'status'> = {
  verb: 'status',
  summary: 'Say what changed since the last snapshot',
  mutates: false,
  run: project => status(project)
};

async function status(project: IProject): Promise<StatusResult> {
  const scan = await project.git.scan(cleanFilter(project));
  const inProgress = await project.git.stateInProgress();
  const changes = scan.changes.map(toFileChange);
  const branch = headName(scan.head);
  return {
    root: project.root,
    head: scan.head,
    branch,
    changes,
    clean: changes.length === 0,
    inProgress,
    identity: await identity(project),
    obstacles: await obstacles(project, scan, inProgress),
    only: await readSelection(project),
    absent: (await findStandIns(project)).map(({ path, pointer, stored }) => ({ path, size: pointer.size, stored })),
    summary: summarize(scan.head, changes)
  };
}

function summarize(head: Head, changes: readonly FileChange[]): string {
  const where = head.kind === 'detached' ? `no branch, at ${headName(head)}` : head.branch;
  const unborn = head.commit === null ? ', before its first snapshot' : '';
  return `On ${where}${unborn}. ${changes.length === 0 ? 'Nothing has changed' : summarizeChanges(changes)}.`;
}

async function identity(project: IProject): Promise<Person | null> {
  try {
    return await project.git.identity();
  } catch (error) {
    if (hasCode(error, 'IDENTITY_MISSING')) {
      return null;
    }
    throw error;
  }
}

/** One sentence each. */
async function obstacles(project: IProject, scan: Scan, inProgress: string | null): Promise<readonly string[]> {
  const sentences: string[] = [];
  if (inProgress) {
    sentences.push(`git is in the middle of a ${inProgress}: finish it or give it up before you switch.`);
  }
  if (await needsRecovery(project)) {
    sentences.push('An interrupted change is not complete: the next command that changes something completes it.');
  }
  for (const { branches, paths } of await blockedBranches(project, scan)) {
    sentences.push(
      `A switch to ${some(branches)} would be refused: ${some(paths)} ${paths.length === 1 ? 'has' : 'have'} changes that no snapshot holds, and ${paths.length === 1 ? 'differs' : 'differ'} there.`
    );
  }
  return sentences;
}

/** The first few, and how many more. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
