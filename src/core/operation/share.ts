/** `share`. */
import { BranchbookError } from '../error';
import type { ShareArgs, ShareResult } from '../model/sharing';
import type { Activity, IAccount } from '../port';
import type { AccountOperation } from './operation';

export const shareOperation: AccountOperation<'share'> = {
  verb: 'share',
  summary: 'Share a namespace, project, asset or endpoint, and say who can see what',
  run
};

async function run(_account: IAccount, _args: ShareArgs, _activity: Activity): Promise<ShareResult> {
  throw new BranchbookError('INTERNAL', 'not built');
}
