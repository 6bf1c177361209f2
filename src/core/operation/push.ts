/** `push`. */
import { BranchbookError } from '../error';
import type { PushArgs, PushResult } from '../model/sharing';
import type { Activity, IProject } from '../port';
import type { Operation } from './operation';

export const pushOperation: Operation<'push'> = {
  verb: 'push',
  summary: 'Send snapshots and their assets to a remote',
  mutates: true,
  run
};

async function run(_project: IProject, _args: PushArgs, _activity: Activity): Promise<PushResult> {
  throw new BranchbookError('INTERNAL', 'not built');
}
