/** How a branch stands to its counterpart at a remote, as far as it was fetched. */
import type { ObjectId } from '../model/git';
import type { SnapshotInfo } from '../model/snapshot';
import type { IGit } from '../port';
import { toSnapshotInfo } from '../operation/snapshot-info';

export type Standing = {
  readonly ahead: number;
  readonly behind: number;
  /** What the remote has and the branch has not, newest first; at most 50. */
  readonly incoming: readonly SnapshotInfo[];
};

const SHOWN = 50;

/** null = no commit on that side. */
export async function standingOf(git: IGit, ours: ObjectId | null, theirs: ObjectId | null): Promise<Standing> {
  const only = async (tip: ObjectId | null, other: ObjectId | null): Promise<readonly SnapshotInfo[]> =>
    tip === null || tip === other
      ? []
      : (await git.commitsOnlyIn([tip], other === null ? [] : [other])).map(toSnapshotInfo);
  const incoming = await only(theirs, ours);
  return { ahead: (await only(ours, theirs)).length, behind: incoming.length, incoming: incoming.slice(0, SHOWN) };
}
