/** `pull`. */
import { BranchbookError } from '../error';
import type { PullArgs, PullResult } from '../model/sharing';
import type { Activity, IProject } from '../port';
import type { Operation } from './operation';

export const pullOperation: Operation<'pull'> = {
  verb: 'pull',
  summary: 'Bring what is new at a remote, and merge it',
  mutates: true,
  run
};

async function run(_project: IProject, _args: PullArgs, _activity: Activity): Promise<PullResult> {
  throw new BranchbookError('INTERNAL', 'not built');
}
