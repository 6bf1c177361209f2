/** `compute`. */
import { BranchbookError } from '../error';
import type { ComputeArgs, ComputeResult } from '../model/sharing';
import type { Activity, IAccount } from '../port';
import type { AccountOperation } from './operation';

export const computeOperation: AccountOperation<'compute'> = {
  verb: 'compute',
  summary: 'Share compute, and run notebooks on shared endpoints',
  run
};

async function run(_account: IAccount, _args: ComputeArgs, _activity: Activity): Promise<ComputeResult> {
  throw new BranchbookError('INTERNAL', 'not built');
}
