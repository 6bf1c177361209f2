/** `join`. */
import { BranchbookError } from '../error';
import type { JoinArgs, JoinResult } from '../model/sharing';
import type { Activity, IAccount } from '../port';
import type { AccountOperation } from './operation';

export const joinOperation: AccountOperation<'join'> = {
  verb: 'join',
  summary: 'Open what somebody shared by link',
  run
};

async function run(_account: IAccount, _args: JoinArgs, _activity: Activity): Promise<JoinResult> {
  throw new BranchbookError('INTERNAL', 'not built');
}
