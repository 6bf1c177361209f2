/** What a snapshot is, and what it changed. */
import type { Provenance } from './asset';
import type { ObjectId, Person } from './git';

export type ChangeKind = 'new' | 'modified' | 'removed';

export type FileChange = {
  readonly path: string;
  readonly kind: ChangeKind;
  readonly asset: boolean;
  /** Bytes; null for removed files. */
  readonly size: number | null;
};

export type SnapshotInfo = {
  /** Commit id, 40 hexadecimal digits. */
  readonly id: ObjectId;
  /** First line of the message, trailers removed. */
  readonly subject: string;
  readonly message: string;
  readonly author: Person;
  /** ISO 8601 with offset. */
  readonly time: string;
  readonly provenance: Provenance;
};
