import { accountVerbs } from '../model/result';
import type { AccountVerb, ProjectVerb, Verb } from '../model/result';
import { assetsOperation } from './assets';
import { branchOperation } from './branch';
import { checkOperation } from './check';
import { compareOperation } from './compare';
import { diffOperation } from './diff';
import { gcOperation } from './gc';
import { getOperation } from './get';
import { initOperation } from './init';
import { mergeOperation } from './merge';
import { migrateOperation } from './migrate';
import type { AccountOperation, Operation } from './operation';
import { restoreOperation } from './restore';
import { schemaOperation } from './schema';
import { showOperation } from './show';
import { snapshotOperation } from './snapshot';
import { statusOperation } from './status';
import { switchOperation } from './switch-branch';
import { trackOperation } from './track';
import { undoOperation } from './undo';
import { versionsOperation } from './versions';
import { pushOperation } from './push';
import { pullOperation } from './pull';
import { remoteOperation } from './remote';
import { cloneOperation } from './clone';
import { namespaceOperation } from './namespace';
import { memberOperation } from './member';
import { shareOperation } from './share';
import { joinOperation } from './join';
import { computeOperation } from './compute';
import { loginOperation, logoutOperation } from './login';

export type Operations = { readonly [V in ProjectVerb]: Operation<V> };
export type AccountOperations = { readonly [V in AccountVerb]: AccountOperation<V> };

/** Every verb of a project. The command line, the service, Lab and Python offer exactly these. */
export const operations: Operations = {
  init: initOperation,
  status: statusOperation,
  track: trackOperation,
  snapshot: snapshotOperation,
  branch: branchOperation,
  switch: switchOperation,
  merge: mergeOperation,
  compare: compareOperation,
  diff: diffOperation,
  versions: versionsOperation,
  assets: assetsOperation,
  show: showOperation,
  restore: restoreOperation,
  get: getOperation,
  undo: undoOperation,
  check: checkOperation,
  gc: gcOperation,
  migrate: migrateOperation,
  schema: schemaOperation,
  push: pushOperation,
  pull: pullOperation,
  remote: remoteOperation
};

/** Every verb that works anywhere. */
export const accountOperations: AccountOperations = {
  clone: cloneOperation,
  namespace: namespaceOperation,
  member: memberOperation,
  share: shareOperation,
  join: joinOperation,
  compute: computeOperation,
  login: loginOperation,
  logout: logoutOperation
};

export const isAccountVerb = (verb: Verb): verb is AccountVerb => (accountVerbs as readonly Verb[]).includes(verb);

/** One line for people. */
export const summaryOf = (verb: Verb): string =>
  isAccountVerb(verb) ? accountOperations[verb].summary : operations[verb].summary;
