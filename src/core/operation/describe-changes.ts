/** What changed, in words. */
import type { ChangeKind, FileChange } from '../model/snapshot';
import type { WorkTreeChange } from '../port';

export function toChangeKind(change: WorkTreeChange): ChangeKind {
  if (change.kind === 'removed') {
    return 'removed';
  }
  return change.head ? 'modified' : 'new';
}

export function toFileChange(change: WorkTreeChange): FileChange {
  return {
    path: change.path,
    kind: toChangeKind(change),
    asset: change.asset,
    size: change.stat?.size ?? null
  };
}

/** `Snapshot data/sales.parquet`, `Snapshot 3 files`. */
export function defaultMessage(changes: readonly FileChange[]): string {
  const [first] = changes;
  if (!first) {
    return 'Snapshot';
  }
  return changes.length === 1 ? `Snapshot ${first.path}` : `Snapshot ${changes.length} files`;
}

/** `2 modified, 1 new file`; empty when nothing changed. */
export function summarizeChanges(changes: readonly FileChange[]): string {
  const kinds: readonly ChangeKind[] = ['modified', 'new', 'removed'];
  const parts = kinds.flatMap(kind => {
    const count = changes.filter(change => change.kind === kind).length;
    return count > 0 ? [`${count} ${kind}`] : [];
  });
  return parts.length === 0 ? '' : `${parts.join(', ')} ${changes.length === 1 ? 'file' : 'files'}`;
}
