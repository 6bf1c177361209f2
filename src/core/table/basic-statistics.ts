/** What one pass over the columns says. */
import type { Cell, Column } from '../model/table';
import type { SqlValue } from '../port';
import { toCell, toNumber } from './cell';
import { quoteName } from './sql';
import type { Scope } from './scope';

export type Basic = {
  readonly count: number;
  readonly distinct: number;
  readonly minimum: Cell;
  readonly maximum: Cell;
  /** The extremes as numbers, for histograms: of times microseconds since 1970. null when there are none. */
  readonly low: number | null;
  readonly high: number | null;
  readonly mean: number | null;
  readonly standardDeviation: number | null;
  readonly zeros: number | null;
  readonly nans: number | null;
  readonly infinities: number | null;
};

const isFloat = ({ type }: Column): boolean => type === 'DOUBLE' || type === 'FLOAT';
/** Of these, infinity is a value. */
const isDated = ({ type }: Column): boolean => type === 'DATE' || type.startsWith('TIMESTAMP');

/** The values that statistics are of: NaN and the infinities are left out. */
export function finiteSql(column: Column): string {
  const name = quoteName(column.name);
  return isFloat(column) || isDated(column) ? `CASE WHEN isfinite(${name}) THEN ${name} END` : name;
}

/** A value as a DOUBLE: of times microseconds since 1970, or since midnight. */
export function numberSql(column: Column, value = finiteSql(column)): string {
  if (column.kind !== 'time') {
    return `CAST(${value} AS DOUBLE)`;
  }
  return `CAST(epoch_us(${column.type === 'DATE' ? `CAST(${value} AS TIMESTAMP)` : value}) AS DOUBLE)`;
}

/** What minimum, maximum, mean and deviation are of; null for kinds that have none. */
function measureSql(column: Column): string | null {
  const name = quoteName(column.name);
  switch (column.kind) {
    case 'number':
    case 'time':
      return finiteSql(column);
    case 'string':
      return `length(CAST(${name} AS VARCHAR))`;
    case 'list':
      return `len(${name})`;
    default:
      return null;
  }
}

/** In the order of the columns. */
export async function basicStatistics(
  scope: Scope,
  columns: readonly Column[],
  exact: boolean
): Promise<readonly Basic[]> {
  const { session, name } = scope;
  const parts = columns.map(column => expressions(column, exact));
  const { rows } = await session.query(`SELECT ${parts.flat().join(', ')} FROM ${quoteName(name)}`);
  const values = rows[0]!;
  return columns.map((column, i) => toBasic(column, values.slice(i * PARTS, (i + 1) * PARTS)));
}

const PARTS = 11;

function expressions(column: Column, exact: boolean): readonly string[] {
  const name = quoteName(column.name);
  const measure = measureSql(column);
  const isMeasured = measure !== null && column.kind !== 'time';
  const isText = column.kind === 'time' || /^(DECIMAL|BIGNUM)/.test(column.type);
  const shown = (sql: string): string => (isText ? `CAST(${sql} AS VARCHAR)` : sql);
  const isPlotted = column.kind === 'number' || column.kind === 'time';
  return [
    `count(${name})`,
    exact ? `count(DISTINCT ${name})` : `approx_count_distinct(${name})`,
    measure ? shown(`min(${measure})`) : 'NULL',
    measure ? shown(`max(${measure})`) : 'NULL',
    isPlotted ? numberSql(column, `min(${measure})`) : 'NULL',
    isPlotted ? numberSql(column, `max(${measure})`) : 'NULL',
    isMeasured ? `CAST(avg(${measure}) AS DOUBLE)` : 'NULL',
    isMeasured ? deviationSql(column, measure) : 'NULL',
    column.kind === 'number' ? `count_if(${name} = 0)` : 'NULL',
    isFloat(column) ? `count_if(isnan(${name}))` : column.kind === 'number' ? '0' : 'NULL',
    isFloat(column) ? `count_if(isinf(${name}))` : column.kind === 'number' ? '0' : 'NULL'
  ];
}

/** Squares of very large numbers are no failure: there is no deviation then. */
function deviationSql(column: Column, measure: string): string {
  const value = `CAST(${measure} AS DOUBLE)`;
  return `stddev_samp(${isFloat(column) ? `CASE WHEN abs(${value}) < 1e150 THEN ${value} END` : value})`;
}

function toBasic(column: Column, values: readonly SqlValue[]): Basic {
  const [count, distinct, minimum, maximum, low, high, mean, deviation, zeros, nans, infinities] = values;
  const hasNumbers = column.kind === 'number';
  return {
    count: Number(count),
    distinct: Number(distinct),
    minimum: toCell(minimum),
    maximum: toCell(maximum),
    low: toNumber(low),
    high: toNumber(high),
    mean: toNumber(mean),
    standardDeviation: toNumber(deviation),
    zeros: hasNumbers ? Number(zeros) : null,
    nans: hasNumbers ? Number(nans) : null,
    infinities: hasNumbers ? Number(infinities) : null
  };
}
