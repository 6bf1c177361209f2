import { BranchbookError } from '../error';
import type { Sha256 } from '../model/asset';
import type { Transfer } from '../model/sharing';
import type { Activity, IAssetStore, IRemoteAssets } from '../port';

/**
 * Bring contents of the local store to a place: only chunks that it lacks travel, then one manifest. What is there already
 * is skipped, so that a push that was killed goes on where it was. ASSET_MISSING when one is not here; OBJECT_CORRUPT;
 * CANCELLED. Afterwards git objects and refs may name the contents.
 */
export function sendContents(
  _local: IAssetStore,
  _remote: IRemoteAssets,
  _contents: readonly Sha256[],
  _activity: Activity = {}
): Promise<Transfer> {
  throw new BranchbookError('INTERNAL', 'not built');
}
