/** Tables that lie in files, as tables of a session. */
import { BranchbookError } from '../error';
import type { TableInfo } from '../model/table';
import type { ITableSession } from '../port';
import { attachArrow } from './attach-arrow';
import { attachParts } from './attach-parts';
import { attachParquet } from './attach-parquet';
import { attachCsv } from './read-csv';
import { attachJsonLines } from './read-json-lines';
import { checkHead } from './check-head';
import { tableFormatOf } from './table-format';
import type { TableSource } from './table-source';

/**
 * Make a table (text files, Arrow) or a view (Parquet) called `name`, in the order of the file; and the view
 * `numbered(name)`. FORMAT_INVALID when the file is not what its name says, or damaged; CANCELLED, DISK_FULL.
 */
export async function attachTable(session: ITableSession, source: TableSource): Promise<TableInfo> {
  if (source.parts) {
    return attachParts(session, source.name, source.parts, part => attachTable(session, part));
  }
  const format = tableFormatOf(source.path);
  checkHead(source.path, format, await session.head(source.file, 64));
  switch (format) {
    case 'csv':
      return attachCsv(session, source);
    case 'json-lines':
      return attachJsonLines(session, source);
    case 'arrow':
      return attachArrow(session, source);
    case 'parquet':
      return attachParquet(session, source);
    default:
      throw new BranchbookError(
        'FORMAT_INVALID',
        `${source.path} is not a table that can be read.`,
        { format: format ?? 'unknown', path: source.path, reason: 'unknown format' },
        'Tables are CSV, TSV, JSON lines, Parquet, Arrow and Feather files.'
      );
  }
}
