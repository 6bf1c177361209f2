/** What it means when a connection breaks, in the words of the one error table. */
import { BranchbookError } from '../../core/error';

/** Nothing was asked yet: there was nobody to ask. */
const UNREACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EPROTO']);
/** Nobody whom we know vouches for the certificate. */
const UNTRUSTED = /^(SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_)/;
/** The certificate is known, and not good: expired, or of somebody else. */
const REFUSED = /^(CERT_|ERR_TLS_|ERR_SSL_)/;

const HINT = 'Look whether the address is right and the network is there, then try again.';

export type Broken = {
  /** For messages. */
  readonly place: string;
  readonly error: unknown;
  readonly signal?: AbortSignal | undefined;
  /** True when the request would have changed something. */
  readonly changes: boolean;
};

/** CANCELLED, PLACE_UNREACHABLE, OUTCOME_UNKNOWN; a failure that is typed already stays as it is. */
export function connectionFailure({ place, error, signal, changes }: Broken): BranchbookError {
  if (signal?.aborted) {
    return new BranchbookError('CANCELLED', 'The transfer was cancelled.');
  }
  if (error instanceof BranchbookError) {
    return error;
  }
  const { code = '', message, syscall } = error as NodeJS.ErrnoException;
  const reason = message || code || 'no reason is told';
  if (UNTRUSTED.test(code)) {
    return unreachable(place, `its certificate is not trusted (${reason})`, {
      hint: 'Ask who runs it for the certificate of its authority, and set BRANCHBOOK_CA_FILE to that file.'
    });
  }
  if (REFUSED.test(code)) {
    return unreachable(place, `its certificate is not good (${reason})`, { hint: 'Tell who runs it.' });
  }
  if (changes && syscall !== 'connect' && !UNREACHED.has(code)) {
    return new BranchbookError(
      'OUTCOME_UNKNOWN',
      `The connection to ${place} broke before it answered: ${reason}.`,
      { place, reason },
      'Look whether it was done before you try again.'
    );
  }
  return unreachable(place, reason, { broke: code === 'ECONNRESET' || code === 'EPIPE' });
}

/** `broke`: a connection stood, so that asking again may help at once. */
export function unreachable(
  place: string,
  reason: string,
  { hint = HINT, broke = false }: { readonly hint?: string; readonly broke?: boolean } = {}
): BranchbookError {
  const data = { place, reason, ...(broke && { broke }) };
  return new BranchbookError('PLACE_UNREACHABLE', `${place} cannot be reached: ${reason}.`, data, hint);
}
