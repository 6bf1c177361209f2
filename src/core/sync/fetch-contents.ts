import { BranchbookError } from '../error';
import type { Sha256 } from '../model/asset';
import type { Transfer } from '../model/sharing';
import type { Activity, IAssetStore, IRemoteAssets } from '../port';

/**
 * Bring contents of a place into the local store: only chunks that it lacks travel; each is compared with its hash, each
 * content with its SHA-256. What came before a failure or a cancel need not come again. ASSET_MISSING when the place has
 * one not; OBJECT_CORRUPT; CANCELLED. A range of a content without storing it: `IRemoteAssets.read`.
 */
export function fetchContents(
  _local: IAssetStore,
  _remote: IRemoteAssets,
  _contents: readonly Sha256[],
  _activity: Activity = {}
): Promise<Transfer> {
  throw new BranchbookError('INTERNAL', 'not built');
}
