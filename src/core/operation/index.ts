import type { Verb } from '../model/result';
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
import type { Operation } from './operation';
import { restoreOperation } from './restore';
import { schemaOperation } from './schema';
import { showOperation } from './show';
import { snapshotOperation } from './snapshot';
import { statusOperation } from './status';
import { switchOperation } from './switch-branch';
import { trackOperation } from './track';
import { undoOperation } from './undo';
import { versionsOperation } from './versions';

export type Operations = { readonly [V in Verb]: Operation<V> };

/** Every verb. The command line, the service, Lab and Python offer exactly these. */
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
  schema: schemaOperation
};
