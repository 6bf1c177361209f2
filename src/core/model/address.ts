/**
 * Addresses: `data/sales.parquet@main~2`, a path as of a revision. A revision is whatever git takes: a branch, tag or
 * id, `~n`, `^n`, `@{n}`, `@{date}`, `name@{date}`.
 */
import { BranchbookError } from '../error';
import { checkPath } from './path';

export type Address = {
  /** Project path; empty when the address names a whole snapshot (`@main`). */
  readonly path: string;
  /** null when the address is a path alone. */
  readonly revision: string | null;
};

function invalid(text: string, reason: string): BranchbookError {
  return new BranchbookError(
    'ADDRESS_INVALID',
    `${JSON.stringify(text)} is not an address: ${reason}.`,
    { address: text, reason },
    'Write PATH, PATH@REVISION or @REVISION, for example data/sales.parquet@main~2.'
  );
}

/** What stands after the `@` as git spells it: `{date}`, `~2` and `^` count from HEAD, which git calls `@`. */
function toRevision(text: string): string {
  return /^[{~^]/.test(text) ? `@${text}` : text;
}

/** True when `text` could be a revision, so that the `@` before it may separate it from a path. */
function isRevision(text: string): boolean {
  const braces = text.replace(/@?\{[^{}]*\}/g, '');
  // eslint-disable-next-line no-control-regex -- git forbids exactly these in revisions
  return text !== '' && !/[\u0000-\u001f\u007f :?*[\\{}]|^@|@$/.test(braces);
}

/**
 * Every way to read an address, longest path first: a path may itself hold an `@`, so `a@b@main` may be the file
 * `a@b@main`, the file `a@b` on `main`, or (were `b@main` a revision) the file `a`. ADDRESS_INVALID when there is none.
 */
export function addressReadings(text: string): readonly Address[] {
  if (text === '' || text.includes('\0')) {
    throw invalid(text, 'it is empty or has a NUL character');
  }
  if (text === '@') {
    return [{ path: '', revision: 'HEAD' }];
  }
  const readings: Address[] = text.startsWith('@') ? [] : [{ path: text, revision: null }];
  for (let at = text.lastIndexOf('@'); at >= 0; at = at === 0 ? -1 : text.lastIndexOf('@', at - 1)) {
    const after = text.slice(at + 1);
    if (isRevision(after)) {
      readings.push({ path: text.slice(0, at), revision: toRevision(after) });
    }
  }
  if (readings.length === 0) {
    throw invalid(text, 'what follows the @ is not a revision');
  }
  return readings;
}

/**
 * The likeliest reading. With `exists` (is there such a path, at any revision that matters to the caller?) it is the
 * longest path that exists. Otherwise the text is split at its last `@`, and once more before that when the last one
 * begins `@{…}`, which belongs to the branch before it.
 */
export function parseAddress(text: string, exists?: (path: string) => boolean): Address {
  const readings = addressReadings(text);
  const known = exists && readings.find(reading => reading.path !== '' && exists(reading.path));
  if (known) {
    return known;
  }
  const split = readings.filter(reading => reading.revision !== null);
  const [first, second] = split;
  if (first?.revision?.startsWith('@{') && second && isBranchAtDate(second.revision!)) {
    return second;
  }
  if (!first && text.endsWith('@')) {
    throw invalid(text, 'no revision follows the @');
  }
  return first ?? readings[0]!;
}

function isBranchAtDate(revision: string): boolean {
  return /^[^@]+@\{[^{}]*\}$/.test(revision);
}

/** The text of an address; `parseAddress` gives it back unless the path itself holds an `@`. */
export function formatAddress(address: Address): string {
  const { path, revision } = address;
  if (revision === null) {
    return path;
  }
  return `${path}${revision.startsWith('@') ? '' : '@'}${revision}`;
}

/**
 * The project path of a path as a user wrote it: absolute, or relative to the absolute folder `cwd`. Empty for the
 * project's root. PATH_UNSAFE when it lies outside `root`, inside `.git`, or is not representable.
 */
export function toProjectPath(root: string, cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') {
      parts.pop();
    } else if (part !== '' && part !== '.') {
      parts.push(part);
    }
  }
  const absolute = `/${parts.join('/')}`;
  if (absolute === root) {
    return '';
  }
  if (!absolute.startsWith(root === '/' ? root : `${root}/`)) {
    throw new BranchbookError(
      'PATH_UNSAFE',
      `${JSON.stringify(path)} is outside the project ${root}.`,
      { path, reason: 'it is outside the project' },
      'Use a path inside the project.'
    );
  }
  const relative = absolute.slice(root === '/' ? 1 : root.length + 1).normalize('NFC');
  checkPath(relative);
  return relative;
}
