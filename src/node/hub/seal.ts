/** Tokens of compute endpoints, kept so that who reads the database alone cannot use them: AES-256-GCM with a key beside it. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ensureDirectory, isExisting, parentOf, writeSynced } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { IFileSystem, ISeal } from '../../core/port';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `keyFile` is made, readable by its owner only, when it is not there. */
export async function openSeal(files: IFileSystem, keyFile: string): Promise<ISeal> {
  const key = (await files.readFile(keyFile)) ?? (await makeKey(files, keyFile));
  if (key.length !== KEY_BYTES) {
    throw sealBroken(`${keyFile} has ${key.length} bytes instead of ${KEY_BYTES}`);
  }
  return { seal: text => seal(key, text), open: sealed => open(key, sealed) };
}

/** Of several processes that start at once one makes it. */
async function makeKey(files: IFileSystem, keyFile: string): Promise<Uint8Array> {
  await ensureDirectory(files, parentOf(keyFile));
  try {
    await writeSynced(files, keyFile, randomBytes(KEY_BYTES), 0o600);
    await files.syncDirectory(parentOf(keyFile));
  } catch (error) {
    if (!isExisting(error)) {
      throw error;
    }
  }
  return (await files.readFile(keyFile)) ?? new Uint8Array();
}

function seal(key: Uint8Array, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function open(key: Uint8Array, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) {
    throw sealBroken('it is too short');
  }
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    throw sealBroken('it was sealed with another key, or changed');
  }
}

function sealBroken(reason: string): BranchbookError {
  return new BranchbookError(
    'FORMAT_INVALID',
    `A sealed token cannot be opened: ${reason}.`,
    { format: 'sealed token', reason },
    'Restore the hub’s key file from its backup, or enter the token again.'
  );
}
