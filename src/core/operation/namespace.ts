/** `namespace`. */
import { BranchbookError } from '../error';
import type { NamespaceArgs, NamespaceResult } from '../model/sharing';
import type { Activity, IAccount } from '../port';
import type { AccountOperation } from './operation';

export const namespaceOperation: AccountOperation<'namespace'> = {
  verb: 'namespace',
  summary: 'List, make, show, set and delete namespaces',
  run
};

async function run(_account: IAccount, _args: NamespaceArgs, _activity: Activity): Promise<NamespaceResult> {
  throw new BranchbookError('INTERNAL', 'not built');
}
