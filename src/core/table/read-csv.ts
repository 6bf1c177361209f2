/**
 * CSV and its relatives. DuckDB's sniffer looks at the first 20,000 rows; what does not fit further down makes us read
 * again with what was learnt: quotes that come late, types that a late value does not have, another encoding.
 */
import { BROKEN_SHOWN } from '../model/table';
import type { BrokenRow, Column, TableInfo } from '../model/table';
import type { ITableSession } from '../port';
import { isUtf16 } from './check-head';
import { columnsOf, describeTable } from './columns';
import { addNumbers } from './row-numbers';
import type { TableSource } from './table-source';
import { quoteName, quoteText } from './sql';
import { compressionOf } from './table-format';

type Dialect = Readonly<Record<string, string>>;
type Attempt = { readonly dialect: Dialect; readonly options: readonly string[]; readonly broken: Broken };
type Broken = {
  readonly count: number;
  /** Rows with too many or too few cells, whatever the types are. */
  readonly ragged: number;
  readonly kinds: ReadonlySet<string>;
};

/** Where DuckDB puts what it could not read; it takes plain names only. */
const REJECTS = 'branchbook_rejects';
const SCANS = 'branchbook_scans';
const NAMES_SHOWN = 5;
const TEXT_SHOWN = 200;
/** Bytes. No row may be longer than half of what is read at a time; several are read at once. */
const BUFFER = 32 * 1024 * 1024;
const MAX_LINE = BUFFER / 2;

export async function attachCsv(session: ITableSession, source: TableSource): Promise<TableInfo> {
  const { name } = source;
  const notices: string[] = [];
  const isEmpty = (await session.head(source.file, 1)).length === 0;
  const best = await readBest(session, source, notices);
  await addNumbers(session, name);
  const table = await describeTable(session, name, 'csv');
  notices.push(...(await renamed(session, source, best.dialect, table.columns)));
  return {
    ...table,
    ...(isEmpty && { columns: [] }),
    dialect: best.dialect,
    broken: await brokenRows(session),
    brokenCount: best.broken.count,
    notices
  };
}

/** Leaves the table, and the rejects, as the last attempt that was an improvement made them. */
async function readBest(session: ITableSession, source: TableSource, notices: string[]): Promise<Attempt> {
  const head = await session.head(source.file, 4);
  const base: Dialect = { ...(isUtf16(head) && { encoding: 'utf-16' }), ...source.dialect };
  let best = await read(session, source, await sniff(session, source, base), []);
  if (best.broken.kinds.has('INVALID ENCODING') && !base['encoding'] && (await isAscii(session, source.name))) {
    const told = { ...base, encoding: 'latin-1' };
    best = await read(session, source, await sniff(session, source, told), []);
    notices.push('It is not UTF-8: read as Latin-1.');
  }
  if (best.broken.ragged > 0 && best.dialect['quote'] === '' && !base['quote']) {
    best = await better(session, source, best, { ...best.dialect, quote: '"', escape: '"' }, best.options);
  }
  if (best.broken.kinds.has('CAST')) {
    best = await read(session, source, best.dialect, ['sample_size = -1']);
  }
  return best;
}

async function better(
  session: ITableSession,
  source: TableSource,
  before: Attempt,
  dialect: Dialect,
  options: readonly string[]
): Promise<Attempt> {
  const after = await read(session, source, dialect, options);
  return after.broken.ragged < before.broken.ragged ? after : read(session, source, before.dialect, before.options);
}

async function sniff(session: ITableSession, { file, path }: TableSource, told: Dialect): Promise<Dialect> {
  const { rows } = await session.query(
    `SELECT Delimiter, Quote, "Escape", HasHeader, SkipRows FROM sniff_csv(${quoteText(file)}, ignore_errors = true${optionsOf(path, told)})`
  );
  const [delimiter, quote, escape, header, skip] = (rows[0] ?? []).map(value =>
    value === '(empty)' ? '' : String(value)
  );
  return {
    delimiter: delimiter || ',',
    quote: quote ?? '',
    escape: escape ?? '',
    header: header ?? 'true',
    skip: skip ?? '0',
    encoding: 'utf-8',
    ...told
  };
}

const words: Readonly<Record<string, string>> = {
  delimiter: 'delim',
  quote: 'quote',
  escape: 'escape',
  header: 'header',
  skip: 'skip',
  encoding: 'encoding'
};

/** With a leading comma for each. */
function optionsOf(path: string, dialect: Dialect): string {
  const told = Object.entries(dialect).flatMap(([key, value]) =>
    words[key] ? [`${words[key]} = ${key === 'skip' ? Number(value) : quoteText(value)}`] : []
  );
  const all = [
    ...told,
    `compression = ${quoteText(compressionOf(path))}`,
    `max_line_size = ${MAX_LINE}`,
    `buffer_size = ${BUFFER}`
  ];
  return all.map(option => `, ${option}`).join('');
}

async function read(
  session: ITableSession,
  source: TableSource,
  dialect: Dialect,
  options: readonly string[]
): Promise<Attempt> {
  const { file, name, path } = source;
  const more = options.map(option => `, ${option}`).join('');
  for (const table of [REJECTS, SCANS]) {
    await session.query(`DROP TABLE IF EXISTS ${table}`);
  }
  await session.query(
    `CREATE OR REPLACE TABLE ${quoteName(name)} AS FROM read_csv(${quoteText(file)}${optionsOf(path, dialect)}${more},
      store_rejects = true, rejects_limit = 0, rejects_table = ${quoteText(REJECTS)}, rejects_scan = ${quoteText(SCANS)})`
  );
  const { rows } = await session.query(
    `SELECT count(DISTINCT line), count(DISTINCT line) FILTER (error_type <> 'CAST'), list(DISTINCT error_type)::VARCHAR FROM ${REJECTS}`
  );
  const kinds = /[A-Z][A-Z ]+/g;
  return {
    dialect,
    options,
    broken: {
      count: Number(rows[0]![0]),
      ragged: Number(rows[0]![1]),
      kinds: new Set(String(rows[0]![2] ?? '').match(kinds) ?? [])
    }
  };
}

/** What the reader called differently from the file, because two columns had one name, or one had none. */
async function renamed(
  session: ITableSession,
  { file, path }: TableSource,
  dialect: Dialect,
  columns: readonly Column[]
): Promise<readonly string[]> {
  if (dialect['header'] !== 'true') {
    return [];
  }
  const { rows } = await session.query(
    `FROM read_csv(${quoteText(file)}${optionsOf(path, { ...dialect, header: 'false' })}, all_varchar = true, ignore_errors = true) LIMIT 1`
  );
  const written = rows[0] ?? [];
  const different = columns.filter(({ name }, i) => i < written.length && String(written[i] ?? '').trim() !== name);
  const shown = different.slice(0, NAMES_SHOWN).map(({ name }) => name);
  const more = different.length > shown.length ? ` and ${different.length - shown.length} more` : '';
  return different.length === 0
    ? []
    : [`Columns without a name of their own were given one: ${shown.join(', ')}${more}.`];
}

/** No row that was read has a letter beyond ASCII: then those that were not are of another encoding, all of them. */
async function isAscii(session: ITableSession, name: string): Promise<boolean> {
  const columns = (await columnsOf(session, quoteName(name))).filter(column => column.type === 'VARCHAR');
  if (columns.length === 0) {
    return true;
  }
  const tests = columns.map(column => `regexp_matches(${quoteName(column.name)}, '[^\\x00-\\x7F]')`);
  const { rows } = await session.query(`SELECT 1 FROM ${quoteName(name)} WHERE ${tests.join(' OR ')} LIMIT 1`);
  return rows.length === 0;
}

async function brokenRows(session: ITableSession): Promise<readonly BrokenRow[]> {
  const { rows } = await session.query(
    `SELECT line, first(error_message ORDER BY column_idx), left(first(csv_line), ${TEXT_SHOWN}) FROM ${REJECTS}
     GROUP BY line ORDER BY line LIMIT ${BROKEN_SHOWN}`
  );
  return rows.map(([line, reason, text]) => ({ line: Number(line), reason: String(reason), text: String(text ?? '') }));
}
