import type { TableInfo } from '../model/table';
import type { ITableSession } from '../port';
import { columnsOf, countRows } from './columns';
import { addNumbers } from './row-numbers';
import type { TableSource } from './source';
import { quoteName } from './sql';

/** A table of the session: its rows are copied. */
export async function attachArrow(session: ITableSession, { file, name }: TableSource): Promise<TableInfo> {
  await session.importArrow(file, name);
  await addNumbers(session, name);
  return {
    format: 'arrow',
    rows: await countRows(session, name),
    columns: await columnsOf(session, quoteName(name)),
    dialect: null,
    files: 1,
    broken: [],
    brokenCount: 0,
    notices: []
  };
}
