import type { TableInfo } from '../model/table';
import type { ITableSession } from '../port';
import { columnsOf, countRows } from './columns';
import { numbered, ROW } from './row-numbers';
import type { TableSource } from './source';
import { quoteName, quoteText } from './sql';

/** Views: Parquet is read where it lies, only the columns and row groups that a query needs. */
export async function attachParquet(session: ITableSession, source: TableSource): Promise<TableInfo> {
  const { file, name } = source;
  const read = `read_parquet(${quoteText(file)})`;
  await session.query(`CREATE OR REPLACE VIEW ${quoteName(name)} AS FROM ${read}`);
  await session.query(
    `CREATE OR REPLACE VIEW ${quoteName(numbered(name))} AS SELECT file_row_number AS ${quoteName(ROW)}, * FROM ${read}`
  );
  return {
    format: 'parquet',
    rows: await countRows(session, name),
    columns: await columnsOf(session, quoteName(name)),
    dialect: null,
    files: 1,
    broken: [],
    brokenCount: 0,
    notices: []
  };
}
