/** `remote`. */
import { BranchbookError } from '../error';
import type { RemoteArgs, RemoteResult } from '../model/sharing';
import type { Activity, IProject } from '../port';
import type { Operation } from './operation';

export const remoteOperation: Operation<'remote'> = {
  verb: 'remote',
  summary: 'List, add and remove remotes, or look how a branch stands to its own',
  mutates: true,
  run
};

async function run(_project: IProject, _args: RemoteArgs, _activity: Activity): Promise<RemoteResult> {
  throw new BranchbookError('INTERNAL', 'not built');
}
