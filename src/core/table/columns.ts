/** Columns of a table of a session, by DuckDB's names of types. */
import type { Column, ColumnKind, TableFormat, TableInfo } from '../model/table';
import type { ITableSession } from '../port';
import { quoteName } from './sql';

const kinds: readonly (readonly [RegExp, ColumnKind])[] = [
  [/(\[\d*\]|^LIST\b.*)$/, 'list'],
  [/^(STRUCT|MAP|UNION)\b/, 'struct'],
  [/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*|BIGNUM)$/, 'number'],
  [/^(VARCHAR|ENUM.*|UUID|JSON)$/, 'string'],
  [/^BOOLEAN$/, 'boolean'],
  [/^(DATE|TIME.*)$/, 'time'],
  [/^(BLOB|BIT)$/, 'binary']
];

export function kindOfType(type: string): ColumnKind {
  return kinds.find(([pattern]) => pattern.test(type))?.[1] ?? 'other';
}

/** Columns of a table, a view, or a query in parentheses. */
export async function columnsOf(session: ITableSession, relation: string): Promise<readonly Column[]> {
  const { rows } = await session.query(`SELECT column_name, column_type FROM (DESCRIBE FROM ${relation})`);
  return rows.map(([name, type]) => ({ name: String(name), type: String(type), kind: kindOfType(String(type)) }));
}

/** What is told of one attached file of which nothing special is to be said. */
export async function describeTable(session: ITableSession, name: string, format: TableFormat): Promise<TableInfo> {
  return {
    format,
    rows: await countRows(session, name),
    columns: await columnsOf(session, quoteName(name)),
    dialect: null,
    files: 1,
    broken: [],
    brokenCount: 0,
    notices: []
  };
}

export async function countRows(session: ITableSession, name: string): Promise<number> {
  const { rows } = await session.query(`SELECT count(*) FROM ${quoteName(name)}`);
  return Number(rows[0]![0]);
}
