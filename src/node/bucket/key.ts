/** Keys of objects: what they may be, so that none leads out of its bucket or prefix, in any of the places we write to. */
import { BranchbookError } from '../../core/error';

/** Bytes; S3 and Google Cloud Storage take 1,024 with the prefix, folders 255 for a part. */
const MAX_KEY = 900;
const MAX_PART = 200;
/** Control characters, and what separates folders on Windows. */
const FORBIDDEN = /[\p{Cc}\\]/u;

/** What folders keep beside objects (locks, unfinished files) is named so; no object is. */
export const RESERVED = '.~';
/** Git's repositories lie beside objects in folders. */
const REPOSITORY = '.git';

/** True for a file or folder that is none of the bucket's. */
export function isReserved(part: string): boolean {
  return part.startsWith(RESERVED) || part.endsWith(REPOSITORY);
}

function flawOf(part: string): string | null {
  if (part === '' || part === '.' || part === '..') {
    return 'it has an empty, “.” or “..” part';
  }
  if (FORBIDDEN.test(part)) {
    return 'it has a control character or a backslash';
  }
  if (isReserved(part)) {
    return `a part of it begins with “${RESERVED}” or ends with “${REPOSITORY}”`;
  }
  return Buffer.byteLength(part) > MAX_PART ? `a part of it is longer than ${MAX_PART} bytes` : null;
}

function unsafe(key: string, reason: string): BranchbookError {
  return new BranchbookError(
    'PATH_UNSAFE',
    `${JSON.stringify(key)} cannot name an object in a bucket: ${reason}.`,
    { path: key, reason },
    'Use another name.'
  );
}

/** The key itself, when an object can be called so. PATH_UNSAFE. */
export function checkKey(key: string): string {
  const reason =
    key
      .split('/')
      .map(flawOf)
      .find(flaw => flaw !== null) ?? (Buffer.byteLength(key) > MAX_KEY ? `it is longer than ${MAX_KEY} bytes` : null);
  if (reason !== null) {
    throw unsafe(key, reason);
  }
  return key;
}

/** The beginning of keys: whole parts, then perhaps the beginning of one. PATH_UNSAFE. */
export function checkPrefix(prefix: string): string {
  const parts = prefix.split('/');
  const last = parts.pop()!;
  const reason = parts.map(flawOf).find(flaw => flaw !== null) ?? (FORBIDDEN.test(last) ? flawOf(last) : null);
  if (reason) {
    throw unsafe(prefix, reason);
  }
  return prefix;
}

/** `outer` and then the folder `inner`, with a slash at the end; empty for all of a bucket. PATH_UNSAFE. */
export function joinPrefix(outer: string, inner: string): string {
  const trimmed = inner.replace(/\/+$/, '');
  return trimmed === '' ? outer : `${outer}${checkKey(trimmed)}/`;
}

/** Order of keys in listings: by their bytes in UTF-8. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
