import { BranchbookError } from './error';
import type { Activity } from './port';

/** CANCELLED once the caller's signal has fired. Called only where nothing has been changed yet. */
export function throwIfCancelled(activity: Activity): void {
  if (activity.signal?.aborted) {
    throw new BranchbookError('CANCELLED', 'The operation was cancelled; nothing was changed.');
  }
}
