/** What a branch or tag may be called: the rules of git-check-ref-format, in words people understand. */
import { BranchbookError } from '../error';

// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/;
const RESERVED = /[ ~^:?*[\\]/;

function reasonForPart(part: string): string | null {
  if (part === '') {
    return 'it has an empty part: do not start or end with “/”, nor write “//”';
  }
  if (part.startsWith('.')) {
    return 'a part starts with a dot';
  }
  return part.endsWith('.lock') ? 'a part ends with “.lock”' : null;
}

/**
 * Why `name` cannot be the short name of a branch (`experiment-1`, `anna/new-features`), or null when it can.
 * Source: Documentation/git-check-ref-format.adoc, with `--branch`.
 */
export function checkRefName(name: string): string | null {
  if (name === '') {
    return 'it is empty';
  }
  if (name.startsWith('-')) {
    return 'it starts with “-”';
  }
  if (name === '@' || name === 'HEAD') {
    return `“${name}” already means the current snapshot`;
  }
  if (CONTROL.test(name)) {
    return 'it has an invisible control character';
  }
  const reserved = RESERVED.exec(name);
  if (reserved) {
    return reserved[0] === ' ' ? 'it has a space' : `it has the character “${reserved[0]}”`;
  }
  if (name.includes('..') || name.includes('@{')) {
    return `it has “${name.includes('..') ? '..' : '@{'}”`;
  }
  if (name.endsWith('.')) {
    return 'it ends with a dot';
  }
  if (new TextEncoder().encode(name).length > 200) {
    return 'it is longer than 200 bytes';
  }
  return (
    name
      .split('/')
      .map(reasonForPart)
      .find(reason => reason !== null) ?? null
  );
}

/** Throws BRANCH_NAME_INVALID with the reason. */
export function requireBranchName(name: string): void {
  const reason = checkRefName(name);
  if (reason) {
    throw new BranchbookError(
      'BRANCH_NAME_INVALID',
      `A branch cannot be called ${JSON.stringify(name)}: ${reason}.`,
      { name, reason },
      'Use letters, digits, “-”, “_” and “/”, for example experiment-1.'
    );
  }
}
