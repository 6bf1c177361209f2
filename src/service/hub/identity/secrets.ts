/** Secrets: made from the system's randomness, kept as SHA-256. */
import { createHash, randomBytes } from 'node:crypto';

/** Marks our tokens, so that scanners for leaked secrets know them, and JupyterHub's are told apart. */
export const TOKEN_PREFIX = 'bb_';
const SECRET_BYTES = 32;
/** Without letters and digits that are mistaken for others, and without vowels that make words. */
const CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const CODE_LENGTH = 8;

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

export function newToken(): string {
  return `${TOKEN_PREFIX}${newSecret()}`;
}

/** 256 bits of randomness need no salt and no slow hash. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** `BCDF-GHJK`, for a person to compare: 20^8 of them, each good for minutes. */
export function newUserCode(): string {
  let code = '';
  while (code.length < CODE_LENGTH) {
    const [byte = 0] = randomBytes(1);
    // The last bytes would make some letters likelier than others.
    code += byte < 240 ? CODE_LETTERS[byte % CODE_LETTERS.length] : '';
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** As a person may type it. */
export function normalUserCode(typed: string): string {
  const letters = typed.toUpperCase().replace(/[^A-Z]/g, '');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
