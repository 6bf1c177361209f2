/**
 * What core needs from the world. Every interface here is implemented in `src/node/` (and, for faults and tests, in
 * memory), and every implementation passes the conformance suites in `test/contract/`.
 *
 * Paths given to ports are absolute POSIX paths unless a method says "project path" (relative to the project root).
 */
export type * from './file-system';
export type * from './git';
export type * from './progress';
export type * from './project';
export type * from './store';
export type * from './tables';
export type * from './account';
export type * from './accounts';
export type * from './compute';
export type * from './place';
export type * from './stored-assets';
export type * from './history-host';
export type * from './transport';
export type * from './directory';
