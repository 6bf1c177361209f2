/** The first bytes of a file against what its name says: reading an archive as text would give nonsense, not a failure. */
import { BranchbookError } from '../error';
import { describeHead } from '../content/magic';
import type { TableFormat } from '../model/table';

const UNKNOWN = 'unknown';
const compressed: Readonly<Record<string, string>> = { gz: 'gzip archive', zst: 'Zstandard archive' };

/** FORMAT_INVALID when a text table's, or Parquet's, first bytes are of something else. */
export function checkHead(path: string, format: TableFormat | null, head: Uint8Array): void {
  const found = describeHead(head);
  const wanted = format === 'parquet' ? 'Parquet file' : compressed[path.toLowerCase().split('.').pop() ?? ''];
  const isText = format !== 'parquet' && format !== 'arrow';
  if (head.length === 0) {
    if (!isText) {
      throw mismatch(path, 'it is empty');
    }
  } else if (wanted) {
    if (found !== wanted) {
      throw mismatch(path, found === UNKNOWN ? `it is no ${wanted}` : `it is a ${found}`);
    }
  } else if (isText && (found !== UNKNOWN || isBinary(head))) {
    throw mismatch(path, `it is a ${found === UNKNOWN ? 'binary file' : found}`);
  }
}

function mismatch(path: string, reason: string): BranchbookError {
  return new BranchbookError(
    'FORMAT_INVALID',
    `${path} cannot be read as a table: ${reason}.`,
    { format: 'table', path, reason },
    'The version itself is fine: `branchbook get` gives the file.'
  );
}

/** Text has no NUL, except in UTF-16, which begins with its mark. */
function isBinary(head: Uint8Array): boolean {
  return head.includes(0) && !isUtf16(head);
}

export function isUtf16(head: Uint8Array): boolean {
  return (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
}
