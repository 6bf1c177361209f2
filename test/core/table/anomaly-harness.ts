/** Tables made by SQL, with statistics that are counted here in the plainest way. */
import { DuckDBInstance } from '@duckdb/node-api';
import { onTestFinished } from 'vitest';
import type { ColumnDrift } from '../../../src/core/model/diff';
import type { Cell, ColumnKind, ColumnStatistics, TableFormat } from '../../../src/core/model/table';
import type { Anomaly, TableSchema } from '../../../src/core/model/table-schema';
import type { ITableSession, SqlValue } from '../../../src/core/port';
import type { TableFacts } from '../../../src/core/table/check-table';
import { findAnomalies } from '../../../src/core/table/find-anomalies';
import { runProbes } from '../../../src/core/table/probe';
import { quoteName } from '../../../src/core/table/sql';

export async function openDuckDb(): Promise<ITableSession> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  onTestFinished(() => {
    connection.closeSync();
    instance.closeSync();
  });
  return {
    query: async (sql: string, parameters: readonly SqlValue[] = []) => {
      const reader = await connection.runAndReadAll(sql, parameters.length > 0 ? [...parameters] : undefined);
      const types = reader.columnTypes().map(String);
      const columns = reader.columnNames().map((name, index) => ({ name, type: types[index]! }));
      const plain = (value: unknown): SqlValue =>
        (typeof value === 'object' && value !== null ? String(value) : value) as SqlValue;
      return { columns, rows: reader.getRows().map(row => row.map(plain)) };
    },
    close: async () => undefined
  } as unknown as ITableSession;
}

const kinds: readonly (readonly [RegExp, ColumnKind])[] = [
  [/\[\]$/, 'list'],
  [/^STRUCT/, 'struct'],
  [/INT|FLOAT|DOUBLE|DECIMAL/, 'number'],
  [/^VARCHAR/, 'string'],
  [/^BOOLEAN/, 'boolean'],
  [/^(DATE|TIME)/, 'time'],
  [/^BLOB/, 'binary']
];

export type Options = {
  readonly format?: TableFormat;
  /** Say that distinct values are estimates, and are off by this factor. */
  readonly approximate?: number;
  readonly broken?: number;
};

/** What a reading of `table` would say. */
export async function factsOf(session: ITableSession, table: string, options: Options = {}): Promise<TableFacts> {
  const { columns } = await session.query(`SELECT * FROM ${table} LIMIT 0`);
  const [[rows]] = (await session.query(`SELECT count(*) FROM ${table}`)).rows as [[bigint]];
  const statistics: ColumnStatistics[] = [];
  for (const { name, type } of columns) {
    statistics.push(await statisticsOf(session, table, name, type, options));
  }
  const { format = 'parquet', broken = 0 } = options;
  return { format, rows: Number(rows), brokenCount: broken, columns: statistics };
}

async function statisticsOf(
  session: ITableSession,
  table: string,
  name: string,
  type: string,
  { approximate }: Options
): Promise<ColumnStatistics> {
  const kind = kinds.find(([pattern]) => pattern.test(type))?.[1] ?? 'other';
  const column = quoteName(name);
  const measured = kind === 'string' ? `length(${column})` : kind === 'list' ? `len(${column})` : column;
  const real = kind === 'number' ? `AND isfinite(CAST(${column} AS DOUBLE))` : '';
  const one = async (expression: string): Promise<SqlValue> =>
    (await session.query(`SELECT ${expression} FROM ${table}`)).rows[0]![0]!;
  const extreme = async (which: string): Promise<Cell> => {
    const value = await one(`${which}(${measured}) FILTER (WHERE ${column} IS NOT NULL ${real})`);
    return typeof value === 'bigint' ? Number(value) : value;
  };
  const number = async (condition: string): Promise<number> =>
    Number(await one(`count(*) FILTER (WHERE ${condition})`));
  const top = await session.query(
    `SELECT ${column}, count(*) FROM ${table} WHERE ${column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20`
  );
  const distinct = Number(await one(`count(DISTINCT ${column})`));
  return {
    name,
    type,
    kind,
    count: Number(await one(`count(${column})`)),
    nulls: await number(`${column} IS NULL`),
    distinct: approximate === undefined ? distinct : Math.round(distinct * approximate),
    approximate: approximate !== undefined,
    minimum: await extreme('min'),
    maximum: await extreme('max'),
    mean: null,
    standardDeviation: null,
    quantiles: null,
    zeros: null,
    nans: kind === 'number' ? await number(`isnan(CAST(${column} AS DOUBLE))`) : null,
    infinities: kind === 'number' ? await number(`isinf(CAST(${column} AS DOUBLE))`) : null,
    top: top.rows.map(([value, count]) => ({
      value: typeof value === 'bigint' ? Number(value) : (value as Cell),
      count: Number(count)
    })),
    histogram: []
  };
}

export type Case = Options & {
  readonly schema: Partial<TableSchema>;
  /** A query, or values of a column called `x`. */
  readonly now: string;
  readonly before?: string;
  readonly drift?: readonly ColumnDrift[];
};

/** What is found in a table that a query makes. */
export async function anomaliesOf({ schema, now, before, drift = [], ...options }: Case): Promise<readonly Anomaly[]> {
  const session = await openDuckDb();
  const create = async (name: string, query: string): Promise<void> => {
    const sql = /^(SELECT|FROM|VALUES)/.test(query) ? query : `SELECT unnest([${query}]) AS x`;
    await session.query(`CREATE TABLE ${name} AS ${sql}`);
  };
  await create('now', now);
  const facts = await factsOf(session, 'now', options);
  let comparison = null;
  if (before !== undefined) {
    await create('before', before);
    comparison = { previous: await factsOf(session, 'before'), drift };
  }
  return findAnomalies('data/x.csv', { columns: [], ...schema }, facts, comparison, (probes, wanted) =>
    runProbes(session, 'now', probes, wanted)
  );
}
