/** What buckets say when something is not as it should be. */
import { BranchbookError } from '../../core/error';

export function conditionFailed(bucket: string, key: string): BranchbookError {
  return new BranchbookError(
    'CONDITION_FAILED',
    `Somebody else wrote ${key} in ${bucket} meanwhile; nothing was changed.`,
    { bucket, key },
    'Read it again, and try again.'
  );
}

export function outcomeUnknown(bucket: string, key: string, reason: string): BranchbookError {
  return new BranchbookError(
    'OUTCOME_UNKNOWN',
    `${bucket} did not say whether ${key} was written: ${reason}.`,
    { bucket, key, reason },
    'When the connection is back, look whether the change is there before making it again.'
  );
}

export function unreachable(bucket: string, reason: string): BranchbookError {
  return new BranchbookError(
    'IO',
    `${bucket} does not answer as it should: ${reason}.`,
    { bucket, reason },
    'Check the network and the service, and try again.'
  );
}

export function refused(bucket: string, reason: string): BranchbookError {
  return new BranchbookError(
    'PERMISSION_DENIED',
    `${bucket} refuses this: ${reason}.`,
    { bucket, reason },
    'Check which credentials are in use, and what they may do in this bucket.'
  );
}
