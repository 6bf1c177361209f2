import type { TableInfo } from '../model/table';
import type { ITableSession } from '../port';
import { describeTable } from './columns';
import { addNumbers } from './row-numbers';
import type { TableSource } from './table-source';

/** A table of the session: its rows are copied. */
export async function attachArrow(session: ITableSession, { file, name }: TableSource): Promise<TableInfo> {
  await session.importArrow(file, name);
  await addNumbers(session, name);
  return describeTable(session, name, 'arrow');
}
