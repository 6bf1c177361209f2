/**
 * Whose certificates are believed: those that Node brings, and those in the file that `BRANCHBOOK_CA_FILE` names. git is told
 * the same for our hubs, so that nobody has to say it twice.
 */
import { createSecureContext, rootCertificates } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { BranchbookError } from '../../core/error';
import type { IFileSystem } from '../../core/port';
import type { Environment } from '../process/environment';

const VARIABLE = 'BRANCHBOOK_CA_FILE';

/** PEM of all that are believed; null where the user adds none. PATH_UNKNOWN, FORMAT_INVALID. */
export async function trustedCertificates(files: IFileSystem, environment: Environment): Promise<string | null> {
  const path = environment[VARIABLE];
  if (!path) {
    return null;
  }
  const bytes = await files.readFile(path);
  if (bytes === null) {
    throw new BranchbookError(
      'PATH_UNKNOWN',
      `There is no file ${path}, which ${VARIABLE} names.`,
      { path },
      `Let ${VARIABLE} name the PEM file of the certificates to trust, or unset it.`
    );
  }
  const own = new TextDecoder().decode(bytes);
  if (!own.includes('-----BEGIN CERTIFICATE-----')) {
    const reason = 'no certificate is in it';
    throw new BranchbookError(
      'FORMAT_INVALID',
      `${path}, which ${VARIABLE} names, is no PEM file of certificates: ${reason}.`,
      { format: 'PEM', reason },
      'It has lines “-----BEGIN CERTIFICATE-----”.'
    );
  }
  // What is given replaces all that Node has, also what it was told to have.
  const more = environment['NODE_EXTRA_CA_CERTS'];
  const extra = more ? await files.readFile(more).catch(() => null) : null;
  return [...rootCertificates, extra === null ? '' : new TextDecoder().decode(extra), own].join('\n');
}

/** Reading a hundred certificates takes milliseconds, and they hardly ever change. */
let last: { readonly pem: string; readonly context: SecureContext } | null = null;

/** null = as Node does by itself. */
export async function trustedContext(files: IFileSystem, environment: Environment): Promise<SecureContext | null> {
  const pem = await trustedCertificates(files, environment);
  if (pem === null) {
    return null;
  }
  if (last?.pem !== pem) {
    last = { pem, context: createSecureContext({ ca: pem }) };
  }
  return last.context;
}
