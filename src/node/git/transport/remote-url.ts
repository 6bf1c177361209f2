/** Which programs an address makes git start, and which of them we let it. */
import { BranchbookError } from '../../../core/error';
import { withoutSecrets } from '../../../core/model/place-address';

/** How git reaches a remote. `file` has no server in between. */
export type Wire = 'https' | 'http' | 'ssh' | 'file';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The wire of an address. ADDRESS_INVALID for what could start other programs (`ext::…`), what git would read as an
 * option, what is not encrypted and goes beyond this machine, and what belongs to no wire.
 */
export function wireOf(url: string): Wire {
  const reason = reasonAgainst(url);
  if (reason !== null) {
    throw new BranchbookError(
      'ADDRESS_INVALID',
      `${JSON.stringify(withoutSecrets(url))} is no address to get a history from: ${reason}.`,
      { address: withoutSecrets(url), reason },
      'Use https://…, ssh://…, user@host:path, or the absolute path of a folder.'
    );
  }
  if (/^https:/i.test(url)) {
    return 'https';
  }
  if (/^http:/i.test(url)) {
    return 'http';
  }
  return isPath(url) ? 'file' : 'ssh';
}

function reasonAgainst(url: string): string | null {
  // eslint-disable-next-line no-control-regex
  if (url.startsWith('-') || /[\u0000-\u001f\u007f]/.test(url)) {
    return 'it begins with “-” or has invisible characters';
  }
  if (/^https?:\/\//i.test(url)) {
    return reasonAgainstHttp(url);
  }
  const isSsh = /^ssh:\/\/[^-/][^/]*\/./i.test(url) || /^[^-:/\\@]+(@[^-:/\\@]+)?:(?!:)[^/\\-]/.test(url);
  const isScp = /^[^-:/\\@]+(@[^-:/\\@]+)?:\/(?!\/)./.test(url);
  return isPath(url) || isSsh || isScp ? null : 'it is neither https, ssh nor a folder';
}

function reasonAgainstHttp(url: string): string | null {
  if (!URL.canParse(url)) {
    return 'it is not written as an address';
  }
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || LOOPBACK.has(hostname) ? null : 'what travels over http can be read by everybody';
}

function isPath(url: string): boolean {
  return /^(\/|file:\/\/\/)/.test(url) || (process.platform === 'win32' && /^[A-Za-z]:[\\/]/.test(url));
}
