/** `member`. */
import { BranchbookError } from '../error';
import type { MemberArgs, MemberResult } from '../model/sharing';
import type { Activity, IAccount } from '../port';
import type { AccountOperation } from './operation';

export const memberOperation: AccountOperation<'member'> = {
  verb: 'member',
  summary: 'List, add and remove members of a namespace, and set their roles',
  run
};

async function run(_account: IAccount, _args: MemberArgs, _activity: Activity): Promise<MemberResult> {
  throw new BranchbookError('INTERNAL', 'not built');
}
