/** What `merge` takes and gives. */
import type { ObjectId } from './git';
import type { Anomaly } from './table-schema';

export type MergeArgs = {
  /** Merged into the current branch, or into `into`. */
  readonly branch: string;
  readonly into?: string;
  readonly message?: string;
  /** Project paths decided for one side when both changed. `.` decides all. */
  readonly ours?: readonly string[];
  readonly theirs?: readonly string[];
  /** Merge although a table would break rules of its schema that are marked `fail`. */
  readonly allowAnomalies?: boolean;
};
export type MergeConflict = {
  readonly path: string;
  readonly asset: boolean;
  readonly kind: 'both-modified' | 'both-added' | 'modified-removed' | 'removed-modified' | 'file-directory';
  readonly reason: string;
};
export type MergeResult = {
  readonly kind: 'up-to-date' | 'fast-forward' | 'merge';
  readonly branch: string;
  readonly merged: string;
  readonly commit: ObjectId;
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** As for a snapshot, of the tables that the merge changes. */
  readonly anomalies?: readonly Anomaly[];
  readonly notices: readonly string[];
};
