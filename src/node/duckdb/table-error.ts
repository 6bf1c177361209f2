/** DuckDB's failures as rows of the error table. Its messages begin with the kind of failure. */
import { BranchbookError } from '../../core/error';
import type { ErrorCode } from '../../core/error';

const codes: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [/^INTERRUPT Error/, 'CANCELLED', ''],
  [/No space left on device|max_temp_directory_size/i, 'DISK_FULL', 'Free some disk space and try again.'],
  [/^Out of Memory Error/, 'DISK_FULL', 'Close other programs, or free disk space for what does not fit in memory.'],
  [/No files found|No such file or directory|Cannot open file/i, 'PATH_UNKNOWN', 'The file was moved: try again.'],
  [/^Permission Error|Permission denied/i, 'PERMISSION_DENIED', 'Check the permissions of the file.'],
  [/^(Parser|Syntax|Catalog|Binder|INTERNAL|FATAL|Not implemented) Error/i, 'INTERNAL', '']
];

/** True when the database cannot be used any more. */
export function isFatal(error: unknown): boolean {
  return /^(INTERNAL|FATAL|Out of Memory) Error|database has been invalidated/i.test(messageOf(error));
}

export function tableError(error: unknown): BranchbookError {
  if (error instanceof BranchbookError) {
    return error;
  }
  const reason = messageOf(error);
  const [, code, hint] = codes.find(([pattern]) => pattern.test(reason)) ?? [null, 'FORMAT_INVALID' as const, ''];
  const failure =
    code === 'CANCELLED'
      ? new BranchbookError('CANCELLED', 'The operation was cancelled; nothing was changed.')
      : new BranchbookError(code, firstLine(reason), { format: 'table', reason }, hint);
  failure.cause = error;
  return failure;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}
