import type { TableInfo } from '../model/table';
import type { ITableSession } from '../port';
import { describeTable } from './columns';
import { addNumbers } from './row-numbers';
import type { TableSource } from './table-source';
import { quoteName, quoteText } from './sql';

/** Views: Parquet is read where it lies, only the columns and row groups that a query needs. */
export async function attachParquet(session: ITableSession, source: TableSource): Promise<TableInfo> {
  const { file, name } = source;
  const read = `read_parquet(${quoteText(file)})`;
  await session.query(`CREATE OR REPLACE VIEW ${quoteName(name)} AS FROM ${read}`);
  await addNumbers(session, name, 'file_row_number', read);
  return describeTable(session, name, 'parquet');
}
