/** JSON lines: one object on each line. Lines that are none are left out, and told with their numbers. */
import { hasCode } from '../error';
import { BROKEN_SHOWN } from '../model/table';
import type { BrokenRow, TableInfo } from '../model/table';
import type { ITableSession } from '../port';
import { describeTable } from './columns';
import { addNumbers } from './row-numbers';
import type { TableSource } from './table-source';
import { quoteName, quoteText } from './sql';
import { compressionOf } from './table-format';

/** No line is longer than this many bytes. */
const MAX_LINE = 16 * 1024 * 1024;
/** `line` is text; nothing is looked at as JSON that is not. */
const IS_OBJECT = `coalesce(json_type(CASE WHEN json_valid(line) THEN line END) = 'OBJECT', false)`;

export async function attachJsonLines(session: ITableSession, source: TableSource): Promise<TableInfo> {
  const { name } = source;
  const isEmpty = (await session.head(source.file, 1)).length === 0;
  const broken = await read(session, source);
  await addNumbers(session, name);
  return {
    ...(await describeTable(session, name, 'json-lines')),
    ...(isEmpty && { columns: [] }),
    broken: broken.rows,
    brokenCount: broken.count
  };
}

type Broken = { readonly rows: readonly BrokenRow[]; readonly count: number };

async function read(session: ITableSession, { file, path, name }: TableSource): Promise<Broken> {
  const options = `format = 'newline_delimited', records = true, maximum_object_size = ${MAX_LINE}, compression = ${quoteText(compressionOf(path))}`;
  const table = quoteName(name);
  try {
    await session.query(
      `CREATE OR REPLACE TABLE ${table} AS FROM read_json(${quoteText(file)}, ${options}, sample_size = -1)`
    );
    return { rows: [], count: 0 };
  } catch (error) {
    if (!hasCode(error, 'FORMAT_INVALID', 'INTERNAL')) {
      throw error;
    }
  }
  return readValid(session, { file, path, name });
}

/** Read lines as text first, and make columns of those that are objects. */
async function readValid(
  session: ITableSession,
  { file, path, name }: Pick<TableSource, 'file' | 'path' | 'name'>
): Promise<Broken> {
  const lines = quoteName(`${name} lines`);
  await session.query(
    `CREATE OR REPLACE TABLE ${lines} AS FROM read_csv(${quoteText(file)}, delim = '', quote = '', escape = '', header = false,
      columns = {'line': 'VARCHAR'}, auto_detect = false, max_line_size = ${MAX_LINE}, buffer_size = ${2 * MAX_LINE}, compression = ${quoteText(compressionOf(path))})`
  );
  const bad = `FROM ${lines} WHERE trim(line) <> '' AND NOT ${IS_OBJECT}`;
  const { rows } = await session.query(
    `SELECT rowid + 1, left(line, 200), json_valid(line) ${bad} ORDER BY rowid LIMIT ${BROKEN_SHOWN}`
  );
  const count = await session.query(`SELECT count(*) ${bad}`);
  await shred(session, name, lines);
  return {
    rows: rows.map(([line, text, valid]) => ({
      line: Number(line),
      text: String(text),
      reason: valid ? 'It is not an object.' : 'It is not JSON.'
    })),
    count: Number(count.rows[0]![0])
  };
}

async function shred(session: ITableSession, name: string, lines: string): Promise<void> {
  const valid = `SELECT rowid AS n, line::JSON AS line FROM ${lines} WHERE ${IS_OBJECT}`;
  const { rows } = await session.query(`SELECT json_group_structure(line) FROM (${valid})`);
  const structure = rows[0]![0];
  if (structure === null || structure === undefined) {
    await session.query(`CREATE OR REPLACE TABLE ${quoteName(name)} AS SELECT NULL::VARCHAR AS json LIMIT 0`);
  } else {
    await session.query(
      `CREATE OR REPLACE TABLE ${quoteName(name)} AS SELECT unnest(v) FROM (SELECT json_transform(line, ${quoteText(String(structure))}) AS v FROM (${valid}) ORDER BY n)`
    );
  }
  await session.query(`DROP TABLE ${lines}`);
}
