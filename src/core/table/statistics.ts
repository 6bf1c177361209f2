/**
 * Statistics of every column of an attached table. Up to `EXACT_ROWS` rows everything is exact (but the number of different
 * values, from `DISTINCT_ROWS` on). Beyond, what would need a second pass over each column (quantiles, the bars of histograms,
 * the most frequent of many values) comes from a sample of the rows; counts, extremes, mean and deviation stay exact.
 */
import { throwIfCancelled } from '../cancel';
import type { Column, ColumnStatistics, TableInfo } from '../model/table';
import type { Activity, ITableSession } from '../port';
import { basicStatistics } from './basic-statistics';
import type { Basic } from './basic-statistics';
import { histogramOf } from './histogram';
import { addNumbers, numbered, ROW } from './row-numbers';
import { quoteName } from './sql';
import { isSampled, topValues } from './top-values';
import { quantilesOf } from './quantiles';
import type { Scope } from './scope';

/** Part of the name of cached statistics: another number when what is computed changes. */
export const STATISTICS_VERSION = 1;

const DISTINCT_ROWS = 100_000;
const EXACT_ROWS = 1_000_000;
const SAMPLE_ROWS = 100_000;
/** A table with more columns is looked at part by part. */
const WIDE = 200;
/** Columns looked at by one query. */
const GROUP = 40;

/** In the order of the columns. CANCELLED, DISK_FULL. */
export async function tableStatistics(
  session: ITableSession,
  name: string,
  table: Pick<TableInfo, 'columns' | 'rows' | 'files'>,
  activity: Activity
): Promise<readonly ColumnStatistics[]> {
  const isWide = table.columns.length > WIDE;
  const whole = isWide ? null : await scopeOf(session, name, table);
  const exact = table.rows <= DISTINCT_ROWS;
  const found: ColumnStatistics[] = [];
  for (let at = 0; at < table.columns.length; at += GROUP) {
    throwIfCancelled(activity);
    const columns = table.columns.slice(at, at + GROUP);
    const scope = whole ?? (await partOf(session, name, { columns, rows: table.rows }));
    found.push(...(await complete(scope, columns, await basicStatistics(scope, columns, exact), exact)));
    activity.onProgress?.({ phase: 'statistics', done: found.length, total: table.columns.length, unit: 'columns' });
  }
  for (const own of [partName(name), sampleName(partName(name)), sampleName(name)]) {
    await session.query(`DROP VIEW IF EXISTS ${quoteName(numbered(own))}`);
    await session.query(`DROP TABLE IF EXISTS ${quoteName(own)}`);
  }
  return found;
}

const sampleName = (name: string): string => `${name} sample`;
const partName = (name: string): string => `${name} part`;

/** Some columns in a table of their own: every query looks at the names of all columns first. */
async function partOf(
  session: ITableSession,
  name: string,
  table: Pick<TableInfo, 'columns' | 'rows'>
): Promise<Scope> {
  const part = partName(name);
  const list = table.columns.map(column => quoteName(column.name)).join(', ');
  await session.query(`CREATE OR REPLACE TABLE ${quoteName(part)} AS SELECT ${list} FROM ${quoteName(name)}`);
  await addNumbers(session, part);
  return scopeOf(session, part, table);
}

async function complete(
  scope: Scope,
  columns: readonly Column[],
  basic: readonly Basic[],
  exact: boolean
): Promise<readonly ColumnStatistics[]> {
  const quantiles = await quantilesOf(scope, columns, basic);
  const tops = await topValues(scope, columns, basic);
  const histograms = await histogramOf(scope, columns, basic);
  return columns.map(({ name, type, kind }, i) => {
    const { count, distinct, minimum, maximum, mean, standardDeviation, zeros, nans, infinities } = basic[i]!;
    return {
      name,
      type,
      kind,
      count,
      nulls: scope.rows - count,
      distinct: Math.min(distinct, count),
      approximate: !exact || isSampled(scope),
      minimum,
      maximum,
      mean,
      standardDeviation,
      quantiles: quantiles[i]!,
      zeros,
      nans,
      infinities,
      top: tops[i]!,
      histogram: histograms[i]!
    };
  });
}

/** The sample is the same every time: rows are chosen by the hash of their number. */
async function scopeOf(
  session: ITableSession,
  name: string,
  { rows, columns }: Pick<TableInfo, 'columns' | 'rows'>
): Promise<Scope> {
  if (rows <= EXACT_ROWS) {
    return { session, name, rows, sample: name, sampleRows: rows };
  }
  const sample = sampleName(name);
  const wanted = columns.filter(({ kind }) => ['number', 'string', 'time', 'boolean'].includes(kind));
  const list = wanted.map(column => quoteName(column.name)).join(', ');
  await session.query(
    `CREATE OR REPLACE TABLE ${quoteName(sample)} AS SELECT ${list || '1'} FROM ${quoteName(numbered(name))}
     WHERE hash(${quoteName(ROW)}) % ${Math.round(rows / SAMPLE_ROWS)} = 0`
  );
  const { rows: counted } = await session.query(`SELECT count(*) FROM ${quoteName(sample)}`);
  return { session, name, rows, sample, sampleRows: Number(counted[0]![0]) };
}
