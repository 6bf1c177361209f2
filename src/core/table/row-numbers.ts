import type { ITableSession } from '../port';
import { quoteName } from './sql';

/** Name of the view that has the rows of an attached table with their numbers, counted from 0, in the column `ROW`. */
export function numbered(name: string): string {
  return `${name}#`;
}

/** A name that readers of text files never give a column. */
export const ROW = ' row';

/** Make that view for a table of the session: its rows are numbered in the order of the file. */
export async function addNumbers(session: ITableSession, name: string): Promise<void> {
  await session.query(
    `CREATE OR REPLACE VIEW ${quoteName(numbered(name))} AS SELECT rowid AS ${quoteName(ROW)}, * FROM ${quoteName(name)}`
  );
}
