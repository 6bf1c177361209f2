/** Failures of the database in the words of the error table. */
import { BranchbookError } from '../../core/error';

/** SQLSTATEs that mean: the server is not there now (connections, restarts, too many clients). */
const GONE = /^(08|57P0|53300)/;
const SOCKET = /^(ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH)/;

/** True when the answer may have been lost on its way. */
export function isConnectionLoss(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  const message = error instanceof Error ? error.message : '';
  return (
    (typeof code === 'string' && (GONE.test(code) || SOCKET.test(code))) ||
    /Connection terminated|not queryable|timeout exceeded when trying to connect/.test(message)
  );
}

/** Serialization failures and deadlocks: nothing happened, and again may work. */
export function isTransient(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return code === '40001' || code === '40P01';
}

export function databaseError(error: unknown): BranchbookError {
  if (error instanceof BranchbookError) {
    return error;
  }
  const lost = isConnectionLoss(error);
  const failure = new BranchbookError(
    lost ? 'PLACE_UNREACHABLE' : 'IO',
    lost ? 'The database does not answer.' : 'The database refused what was asked of it.',
    { place: 'database', reason: lost ? 'no connection' : 'failure' },
    lost ? 'Try again in a moment.' : 'See the log of the hub.'
  );
  failure.cause = error;
  return failure;
}
