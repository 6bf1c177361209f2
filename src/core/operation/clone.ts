/** `clone`. */
import { BranchbookError } from '../error';
import type { CloneArgs, CloneResult } from '../model/sharing';
import type { Activity, IAccount } from '../port';
import type { AccountOperation } from './operation';

export const cloneOperation: AccountOperation<'clone'> = {
  verb: 'clone',
  summary: 'Make a project from a shared one',
  run
};

async function run(_account: IAccount, _args: CloneArgs, _activity: Activity): Promise<CloneResult> {
  throw new BranchbookError('INTERNAL', 'not built');
}
