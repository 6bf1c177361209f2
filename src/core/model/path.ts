/** Project paths: POSIX, relative to the project root, as git stores them. */
import { BranchbookError } from '../error';

/** Characters that HFS+ ignores when it compares names: `.g\u200cit` would open `.git` there. */
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Bytes of a name, and of a path with room for the project's own; Linux allows 255 and 4095 in all. */
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 3072;

/** UTF-16 units have at most three bytes each, so short texts need no counting. */
function isLonger(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && new TextEncoder().encode(text).length > bytes;
}

/** Nothing can be wrong with paths like most are, which are checked by the hundred thousand; bytes of the longest. */
const ORDINARY = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*(\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$/;
const ORDINARY_BYTES = 255;

function reasonUnsafe(path: string): string | null {
  if (path.length <= ORDINARY_BYTES && ORDINARY.test(path)) {
    return null;
  }
  if (path === '' || path.startsWith('/') || path.includes('\0')) {
    return 'it is not a path inside the project';
  }
  if (isLonger(path, MAX_PATH_BYTES)) {
    return 'it is longer than file systems allow';
  }
  for (const part of path.split('/')) {
    if (part === '' || part === '.' || part === '..') {
      return `it has the part "${part}"`;
    }
    if (isLonger(part, MAX_NAME_BYTES)) {
      return 'a name in it is longer than file systems allow';
    }
    // Names that some file system takes for `.git`: other case, HFS+ ignorables, NTFS short names and trailing dots.
    const plain = part
      .replace(IGNORED_BY_HFS, '')
      .toLowerCase()
      .replace(/[. ]+$/, '');
    if (plain === '.git' || /^git~[0-9]+$/.test(plain) || plain.startsWith('.git:')) {
      return 'it is inside git’s own folder';
    }
    if (part.includes('\\')) {
      return 'it has a backslash, a separator on some systems';
    }
  }
  return null;
}

/** Throws PATH_UNSAFE for a path that must never be written: outside the project, inside `.git`, not representable. */
export function checkPath(path: string): void {
  const reason = reasonUnsafe(path);
  if (reason) {
    throw new BranchbookError(
      'PATH_UNSAFE',
      `The path ${JSON.stringify(path)} is not safe: ${reason}.`,
      { path, reason },
      'Use a path inside the project.'
    );
  }
}

/** The folders above a path, outermost first: `a/b/c` gives `a`, `a/b`. */
export function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** True when `path` is `folder` or below it; the empty folder is the project root. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}
