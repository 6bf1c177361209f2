/** What stands in the golden project. */
import type { Journal } from '../../src/core/transition/journal';
import { splitmix64 } from '../support/random-bytes';

/** 2026-11-01T12:00:00Z, in milliseconds. */
export const START = Date.UTC(2026, 10, 1, 12);

const table = splitmix64(10, 40_000);

/** Files by the message of the snapshot that they came with. */
export const contents: { readonly [message: string]: { readonly [path: string]: Uint8Array } } = {
  first: {
    'data/sales.parquet': table,
    'models/empty.bin': new Uint8Array(),
    'notes.md': new TextEncoder().encode('# Notes\n')
  },
  second: {
    'data/sales.parquet': Buffer.concat([table.subarray(0, 20_000), splitmix64(11, 100), table.subarray(20_000)]),
    'data/same.parquet': table
  }
};

const head = { kind: 'branch', branch: 'elsewhere', commit: null } as const;

/** Of a work tree that is not there: it waits for ever. */
export const goldenJournal: Journal = {
  version: 1,
  id: '00000000000000aa',
  root: '/home/ada/beside',
  worktree: 'worktrees/beside',
  home: '/home/ada/project/.git/branchbook',
  steps: [
    {
      path: 'data/a.bin',
      leaves: {
        identity: { ino: '1125899906842624', size: 3, mtimeNs: '1793534400123456789' },
        place: '/home/ada/project/.git/branchbook/materialized/aa',
        target: { mode: '100644', content: { kind: 'git', oid: '0'.repeat(40) } }
      },
      comes: null
    }
  ],
  index: [{ path: 'data/a.bin', entry: null, identity: null }],
  before: head,
  head: null,
  refs: [],
  reflog: 'restore',
  operation: {
    id: '00000009',
    verb: 'restore',
    description: 'restore data/a.bin',
    time: START,
    root: '/home/ada/beside',
    worktree: 'worktrees/beside',
    before: head,
    after: head,
    refs: [],
    files: [],
    workTree: 'follow'
  }
};
