import { BranchbookError } from '../../core/error';
import type { ErrorCode } from '../../core/error';

type Row = { readonly code: ErrorCode; readonly says: string; readonly hint: string };

const rows: { readonly [errno: string]: Row } = {
  ENOSPC: { code: 'DISK_FULL', says: 'the disk is full', hint: 'Free some space and try again.' },
  EDQUOT: { code: 'DISK_FULL', says: 'your disk quota is used up', hint: 'Free some space and try again.' },
  EACCES: {
    code: 'PERMISSION_DENIED',
    says: 'permission denied',
    hint: 'Check the permissions of the file and folder.'
  },
  EPERM: { code: 'PERMISSION_DENIED', says: 'not permitted', hint: 'Check the owner and permissions of the file.' },
  EROFS: {
    code: 'PERMISSION_DENIED',
    says: 'the file system is read-only',
    hint: 'Work in a folder you can write to.'
  },
  ENOENT: { code: 'PATH_UNKNOWN', says: 'no such file or folder', hint: '' },
  ENOTDIR: { code: 'PATH_UNKNOWN', says: 'a part of the path is not a folder', hint: '' },
  EEXIST: { code: 'IO', says: 'it exists already', hint: '' },
  ENOTEMPTY: { code: 'IO', says: 'the folder is not empty', hint: '' },
  EISDIR: { code: 'IO', says: 'it is a folder', hint: '' },
  EINVAL: { code: 'FILE_UNREADABLE', says: 'it is not a regular file', hint: 'Remove it, or replace it by a file.' },
  EXDEV: { code: 'IO', says: 'the two paths are on different file systems', hint: '' }
};

/** The BranchbookError for a system call that failed on `path` with `errno` (`ENOSPC`, …). `data.errno` keeps it. */
export function fileError(errno: string, path: string, call: string): BranchbookError {
  const row = rows[errno] ?? { code: 'IO' as const, says: errno, hint: 'Check the disk and try again.' };
  return new BranchbookError(row.code, `Cannot ${call} ${path}: ${row.says}.`, { path, errno, call }, row.hint);
}

/** Translate what node:fs threw. */
export function toFileError(error: unknown, path: string, call: string): BranchbookError {
  if (error instanceof BranchbookError) {
    return error;
  }
  const errno = (error as { code?: unknown } | null)?.code;
  return typeof errno === 'string' ? fileError(errno, path, call) : BranchbookError.from(error);
}

/** True when `error` came from a system call that failed with one of these errno names. */
export function hasErrno(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof BranchbookError && names.includes(error.data['errno'] as string);
}
