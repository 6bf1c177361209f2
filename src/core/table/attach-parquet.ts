import type { TableInfo } from '../model/table';
import type { ITableSession } from '../port';
import { columnsOf, countRows } from './columns';
import { numbered, ROW } from './row-numbers';
import type { TableSource } from './source';
import { quoteName, quoteText } from './sql';

/** Views: Parquet is read where it lies, only the columns and row groups that a query needs. */
export async function attachParquet(session: ITableSession, source: TableSource): Promise<TableInfo> {
  const { file, name } = source;
  const read = source.partitions
    ? `read_parquet(${quoteText(`${file}/**/*.parquet`)}, hive_partitioning = true, union_by_name = true)`
    : `read_parquet(${quoteText(file)})`;
  // Over several files the number starts again in each.
  const row = source.partitions ? 'row_number() OVER () - 1' : 'file_row_number';
  await session.query(`CREATE OR REPLACE VIEW ${quoteName(name)} AS FROM ${read}`);
  await session.query(
    `CREATE OR REPLACE VIEW ${quoteName(numbered(name))} AS SELECT ${row} AS ${quoteName(ROW)}, * FROM ${read}`
  );
  const files = source.partitions
    ? await session.query(`SELECT count(*) FROM glob(${quoteText(`${file}/**/*.parquet`)})`)
    : null;
  return {
    format: 'parquet',
    rows: await countRows(session, name),
    columns: await columnsOf(session, quoteName(name)),
    dialect: null,
    files: files ? Number(files.rows[0]![0]) : 1,
    broken: [],
    brokenCount: 0,
    notices: []
  };
}
