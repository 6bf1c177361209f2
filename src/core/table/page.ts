/**
 * Pages of rows, wherever in the table. In the order of the file a page is found by its row numbers. For a sorted or filtered
 * view the numbers of its rows are written down once per session, in its order; and since rows that lie all over a Parquet
 * file take as long to fetch as thousands of them, those around a page are fetched with it.
 */
import { BranchbookError, hasCode } from '../error';
import { PAGE_MAX_ROWS } from '../model/table';
import type { Column, PageArgs, TableInfo, TablePage } from '../model/table';
import type { ITableSession, SqlValue } from '../port';
import { cellSql, toCell } from './cell';
import { filterSql, find, sortSql } from './row-filter';
import { numbered, ROW } from './row-numbers';
import { quoteName, quoteText } from './sql';

/** Rows that are fetched together. */
const WINDOW = 4 * PAGE_MAX_ROWS;
/** Windows that a session keeps. */
const WINDOWS = 16;

/** One page of the attached table `name`. USAGE for unknown columns and values that cannot be compared. */
export async function readPage(
  session: ITableSession,
  name: string,
  table: Pick<TableInfo, 'columns' | 'rows' | 'format' | 'files'>,
  args: PageArgs
): Promise<TablePage> {
  checkRange(args);
  const columns = args.columns?.map(column => find(table.columns, column)) ?? table.columns;
  const { offset, limit, sort = [], filter = [] } = args;
  const isPlain = sort.length === 0 && filter.length === 0;
  const view = isPlain ? null : await orderOf(session, name, table, args);
  const total = view ? view.rows : table.rows;
  const end = Math.min(offset + limit, total);
  if (offset >= end || columns.length === 0) {
    return { offset, total, columns, rows: [] };
  }
  const rows = view
    ? await readWindows(session, { name, view: view.name, table }, columns, offset, end)
    : await readRange(session, { name, table }, columns, offset, end);
  return { offset, total, columns, rows: rows.map(row => row.map(toCell)) };
}

function checkRange({ offset, limit }: PageArgs): void {
  const isRight = Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(limit) && limit >= 0;
  if (!isRight || limit > PAGE_MAX_ROWS) {
    throw new BranchbookError(
      'USAGE',
      `Rows ${offset} to ${offset + limit} are not a page.`,
      { argument: 'page', reason: `at most ${PAGE_MAX_ROWS} rows` },
      `Ask for at most ${PAGE_MAX_ROWS} rows at a time.`
    );
  }
}

type Rows = readonly (readonly SqlValue[])[];
type Source = { readonly name: string; readonly table: Pick<TableInfo, 'format' | 'files'> };

async function readRange(
  session: ITableSession,
  { name, table }: Source,
  columns: readonly Column[],
  start: number,
  end: number
): Promise<Rows> {
  const cells = columns.map(cellSql).join(', ');
  const row = quoteName(ROW);
  // Numbers of a folder's rows are counted while reading: skipping is faster.
  const sql =
    table.files > 1
      ? `SELECT ${cells} FROM ${quoteName(name)} LIMIT ${end - start} OFFSET ${start}`
      : `SELECT ${cells} FROM ${quoteName(numbered(name))} WHERE ${row} >= ${start} AND ${row} < ${end} ORDER BY ${row}`;
  return (await session.query(sql)).rows;
}

type View = { readonly name: string; readonly rows: number };

/** The table of the session that lists the rows of a view in its order; made when it is not there yet. */
async function orderOf(
  session: ITableSession,
  name: string,
  { columns }: Pick<TableInfo, 'columns'>,
  { sort = [], filter = [] }: PageArgs
): Promise<View> {
  const where = filterSql(filter, columns);
  const order = [sortSql(sort, columns), quoteName(ROW)].filter(key => key !== '').join(', ');
  const view = `${name} order ${JSON.stringify([sort, filter])}`;
  try {
    await session.query(
      `CREATE TABLE IF NOT EXISTS ${quoteName(view)} AS
         SELECT ${quoteName(ROW)} AS r FROM ${quoteName(numbered(name))} WHERE ${where.sql} ORDER BY ${order}`,
      where.parameters
    );
  } catch (error) {
    if (hasCode(error, 'FORMAT_INVALID') && /^Conversion Error/.test(error.message)) {
      const values = filter.map(({ value }) => String(value)).join(', ');
      throw new BranchbookError(
        'USAGE',
        `The filter's value cannot be compared with its column: ${values}.`,
        { argument: 'filter', reason: error.message },
        'Write times as 2026-01-31 or 2026-01-31 12:00:00.'
      );
    }
    throw error;
  }
  const { rows } = await session.query(`SELECT count(*) FROM ${quoteName(view)}`);
  return { name: view, rows: Number(rows[0]![0]) };
}

async function readWindows(
  session: ITableSession,
  source: Source & { readonly view: string },
  columns: readonly Column[],
  start: number,
  end: number
): Promise<Rows> {
  const cells = columns.map(cellSql).join(', ');
  const found: (readonly SqlValue[])[] = [];
  for (let first = start - (start % WINDOW); first < end; first += WINDOW) {
    const window = await windowOf(session, source, first);
    const { rows } = await session.query(
      `SELECT ${cells} FROM ${quoteName(window)} WHERE ${quoteName(PLACE)} >= ${Math.max(start, first)} AND ${quoteName(PLACE)} < ${end} ORDER BY ${quoteName(PLACE)}`
    );
    found.push(...rows);
  }
  return found;
}

/** Of a row in its view, counted from 0. */
const PLACE = ' place';

async function windowOf(
  session: ITableSession,
  { name, view }: { readonly name: string; readonly view: string },
  first: number
): Promise<string> {
  const window = `${name} window ${first} ${view}`;
  const row = quoteName(ROW);
  await forgetWindows(session, name, window);
  const { rows } = await session.query(
    `SELECT min(r), max(r) FROM ${quoteName(view)} WHERE rowid >= ${first} AND rowid < ${first + WINDOW}`
  );
  const [low, high] = rows[0]!;
  await session.query(
    `CREATE TABLE IF NOT EXISTS ${quoteName(window)} AS
       SELECT k AS ${quoteName(PLACE)}, n.* FROM (SELECT rowid AS k, r FROM ${quoteName(view)} WHERE rowid >= ${first} AND rowid < ${first + WINDOW}) v
       JOIN (FROM ${quoteName(numbered(name))} WHERE ${row} >= ${low} AND ${row} <= ${high}) n ON n.${row} = v.r`
  );
  return window;
}

/** Drop the oldest when there are many. */
async function forgetWindows(session: ITableSession, name: string, except: string): Promise<void> {
  const { rows } = await session.query(
    `SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, ${quoteText(`${name} window `)}) ORDER BY table_oid`
  );
  for (const [table] of rows.slice(0, Math.max(0, rows.length - WINDOWS + 1))) {
    if (table !== except) {
      await session.query(`DROP TABLE ${quoteName(String(table))}`);
    }
  }
}
