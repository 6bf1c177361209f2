/** Files of a folder as one table: `year=2026/part.parquet` has the column `year`. */
import { BROKEN_SHOWN } from '../model/table';
import type { TableInfo } from '../model/table';
import type { ITableSession } from '../port';
import { describeTable } from './columns';
import { addNumbers } from './row-numbers';
import { quoteName, quoteText } from './sql';
import { tableFormatOf } from './table-format';

type Part = { readonly file: string; readonly path: string };
/** What makes a table called `name` of one file. */
type Attach = (part: Part & { readonly name: string }) => Promise<TableInfo>;

/** All parts are of one format. Parquet is read where it lies; the parts of other formats become tables of their own. */
export async function attachParts(
  session: ITableSession,
  name: string,
  parts: readonly Part[],
  attach: Attach
): Promise<TableInfo> {
  const format = tableFormatOf(parts[0]!.path)!;
  const told: TableInfo[] = [];
  const sources: string[] = [];
  for (const [i, part] of parts.entries()) {
    const own = `${name} part ${i}`;
    if (format !== 'parquet') {
      told.push(await attach({ ...part, name: own }));
    }
    sources.push(format === 'parquet' ? `read_parquet(${quoteText(part.file)})` : quoteName(own));
  }
  const keys = parts.map(part => keysOf(part.path));
  const names = [...new Set(keys.flatMap(own => [...own.keys()]))];
  const types = new Map(names.map(key => [key, typeOf(keys.map(own => own.get(key)))]));
  const selects = sources.map((source, i) => {
    const columns = names.map(key => `CAST(${literal(keys[i]!.get(key))} AS ${types.get(key)}) AS ${quoteName(key)}`);
    return `SELECT ${['*', ...columns].join(', ')} FROM ${source}`;
  });
  await session.query(`CREATE OR REPLACE VIEW ${quoteName(name)} AS ${selects.join(' UNION ALL BY NAME ')}`);
  await addNumbers(session, name, 'row_number() OVER () - 1');
  return {
    ...(await describeTable(session, name, format)),
    dialect: told[0]?.dialect ?? null,
    files: parts.length,
    broken: told
      .flatMap(({ broken }, i) => broken.map(row => ({ ...row, reason: `${parts[i]!.path}: ${row.reason}` })))
      .slice(0, BROKEN_SHOWN),
    brokenCount: told.reduce((sum, { brokenCount }) => sum + brokenCount, 0),
    notices: told.flatMap(({ notices }, i) => notices.map(notice => `${parts[i]!.path}: ${notice}`))
  };
}

function keysOf(path: string): ReadonlyMap<string, string> {
  const pairs = path
    .split('/')
    .slice(0, -1)
    .flatMap(folder => {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(folder) ?? [];
      return key === undefined || value === undefined ? [] : [[key, decode(value)] as const];
    });
  return new Map(pairs);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What Hive writes where there is no value. */
const NONE = '__HIVE_DEFAULT_PARTITION__';

function typeOf(values: readonly (string | undefined)[]): string {
  const present = values.filter(value => value !== undefined && value !== NONE);
  const all = (pattern: RegExp): boolean => present.length > 0 && present.every(value => pattern.test(value!));
  return all(/^-?\d{1,18}$/) ? 'BIGINT' : all(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$/) ? 'DATE' : 'VARCHAR';
}

function literal(value: string | undefined): string {
  return value === undefined || value === NONE ? 'NULL' : quoteText(value);
}
