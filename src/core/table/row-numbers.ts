import type { ITableSession } from '../port';
import { quoteName } from './sql';

/** Name of the view that has the rows of an attached table with their numbers, counted from 0, in the column `ROW`. */
export function numbered(name: string): string {
  return `${name}#`;
}

/** A name that readers of text files never give a column. */
export const ROW = ' row';

/** Make that view. `number` says the number of a row of `from`: of a table of the session, its place in the file. */
export async function addNumbers(
  session: ITableSession,
  name: string,
  number = 'rowid',
  from = quoteName(name)
): Promise<void> {
  await session.query(
    `CREATE OR REPLACE VIEW ${quoteName(numbered(name))} AS SELECT ${number} AS ${quoteName(ROW)}, * FROM ${from}`
  );
}
