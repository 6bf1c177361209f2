import type { Pointer, Sha256, XetHash } from '../model/asset';
import type { PlaceCollection, PlaceCollectionRequest } from '../model/maintenance';
import type { FindNeeded, IRemoteAssets } from './place';
import type { Activity } from './progress';

/** A project's contents where they are kept: what a hub serves them from. */
export interface IStoredAssets extends IRemoteAssets {
  /** Bytes of a xorb; null when it is not there. */
  xorbSize(xorb: XetHash): Promise<number | null>;
  /** Stored bytes `[start, end)` of a xorb, unverified, in pieces that are each valid until the next. */
  xorbPieces(xorb: XetHash, start: number, end: number, activity?: Activity): AsyncGenerator<Uint8Array>;
  /** Bytes of a content; null when it is not there. */
  size(sha256: Sha256): Promise<number | null>;
  /**
   * Take in a content that comes whole, from clients that know nothing of chunks. `onStored` is told of bytes that were
   * written, also of those that a failure leaves. OBJECT_CORRUPT when it is not what `content` says.
   */
  store(
    content: Pointer,
    pieces: AsyncIterable<Uint8Array>,
    options: Activity & { readonly onStored: (bytes: number) => void }
  ): Promise<void>;
  /** True when something was, or may soon be, deleted: refs that come back may lead to what is gone. */
  wasCollected(): Promise<boolean>;
  /**
   * Delete what nothing has needed for the grace period. `needed` is asked once, in the middle. PROJECT_DAMAGED and nothing
   * is deleted when something that is needed is not there in full, or it is not known what is needed; LOCKED. Cut off at
   * any point no content is lost that a ref leads to.
   */
  collect(request: PlaceCollectionRequest, needed: FindNeeded, activity?: Activity): Promise<PlaceCollection>;
}
