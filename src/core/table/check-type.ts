/** Does a column hold what its schema says? Text files say little about types, so there values count, not guesses. */
import type { ColumnStatistics, TableFormat } from '../model/table';
import type { AnomalyCode, ColumnRules, Severity, ValueType } from '../model/table-schema';
import { rowsWhere } from './probe';
import { quoteName } from './sql';
import { forExample, quote, rowCount } from './suspicion';
import type { Suspicion } from './suspicion';
import { isNested, isTemporal, valueTypeOf } from './value-type';

export type TypedColumn = {
  readonly rules: ColumnRules;
  readonly column: ColumnStatistics;
  readonly format: TableFormat;
  readonly severity: Severity;
};

const HINT = 'Correct the data where it is made, or change "type" in the schema file.';

/** What speaks against the type; empty when nothing does. */
export function checkType(typed: TypedColumn): readonly Suspicion[] {
  const { rules, column, format } = typed;
  const [expected, actual] = [rules.type, valueTypeOf(column)];
  if (expected === undefined || expected === actual || column.count === 0 || isGuess(expected, actual, format)) {
    return [];
  }
  if (isNested(expected) !== isNested(actual)) {
    return [wholeColumn(typed, 'VALUE_NESTEDNESS_MISMATCH', 'Nested where it should not be, or the reverse')];
  }
  const special = SPECIAL[expected]?.(typed, actual) ?? null;
  return special ?? [wholeColumn(typed, 'UNEXPECTED_DATA_TYPE', 'Another type')];
}

/** Types that a file does not tell apart: in CSV a number may be text, in JSON a time is text. */
function isGuess(expected: ValueType, actual: ValueType, format: TableFormat): boolean {
  if (expected === 'float' && actual === 'integer') {
    return true;
  }
  if (format === 'csv') {
    return (
      (expected === 'string' && !isNested(actual) && actual !== 'binary') ||
      (expected === 'timestamp' && actual === 'date')
    );
  }
  return format === 'json-lines' && expected === 'string' && isTemporal(actual);
}

type Special = (typed: TypedColumn, actual: ValueType) => readonly Suspicion[] | null;

const SPECIAL: { readonly [type in ValueType]?: Special } = {
  boolean: checkBoolean,
  integer: checkInteger,
  float: (typed, actual) =>
    actual === 'string'
      ? [notReadable(typed, 'FLOAT_TYPE_STRING_NOT_FLOAT', name => `TRY_CAST(trim(${name}) AS DOUBLE) IS NULL`)]
      : null,
  date: (typed, actual) => checkTime(typed, actual, 'DATE'),
  time: (typed, actual) => checkTime(typed, actual, 'TIME'),
  timestamp: (typed, actual) => checkTime(typed, actual, 'TIMESTAMP')
};

function checkBoolean(typed: TypedColumn, actual: ValueType): readonly Suspicion[] | null {
  if (actual === 'string') {
    return [notReadable(typed, 'BOOL_TYPE_UNEXPECTED_STRING', name => `TRY_CAST(${name} AS BOOLEAN) IS NULL`)];
  }
  if (actual === 'float') {
    return [someRows(typed, 'BOOL_TYPE_UNEXPECTED_FLOAT', name => `${name} <> 0 AND ${name} <> 1`)];
  }
  if (actual === 'integer') {
    const { minimum, maximum } = typed.column;
    return [
      ...(Number(maximum) > 1 ? [someRows(typed, 'BOOL_TYPE_BIG_INT', name => `${name} > 1`)] : []),
      ...(Number(minimum) < 0 ? [someRows(typed, 'BOOL_TYPE_SMALL_INT', name => `${name} < 0`)] : [])
    ];
  }
  return null;
}

/** 3.0 is an integer: pandas writes integers so, as soon as one is missing. */
function checkInteger(typed: TypedColumn, actual: ValueType): readonly Suspicion[] | null {
  if (actual === 'string') {
    const isInteger = (name: string): string => `regexp_full_match(trim(${name}), '[+-]?[0-9]+([.]0*)?')`;
    return [notReadable(typed, 'INT_TYPE_NOT_INT_STRING', name => `NOT ${isInteger(name)}`)];
  }
  if (actual === 'float') {
    const fraction = (name: string): string =>
      `(NOT isfinite(CAST(${name} AS DOUBLE)) OR CAST(${name} AS DOUBLE) <> trunc(CAST(${name} AS DOUBLE)))`;
    return [someRows(typed, 'INT_TYPE_FRACTION', fraction)];
  }
  return null;
}

function checkTime(typed: TypedColumn, actual: ValueType, sql: string): readonly Suspicion[] | null {
  return actual === 'string'
    ? [notReadable(typed, 'TIME_TYPE_STRING_NOT_TIME', name => `TRY_CAST(trim(${name}) AS ${sql}) IS NULL`)]
    : null;
}

/** Text where something else should be: in a text file what cannot be read as that, elsewhere all of it. */
function notReadable(typed: TypedColumn, code: AnomalyCode, unreadable: (name: string) => string): Suspicion {
  const condition = typed.format === 'csv' ? unreadable : (name: string): string => `${name} IS NOT NULL`;
  return someRows(typed, code, name => condition(`CAST(${name} AS VARCHAR)`));
}

function someRows({ rules, severity }: TypedColumn, code: AnomalyCode, condition: (name: string) => string): Suspicion {
  const name = quoteName(rules.name);
  return {
    code,
    severity,
    column: rules.name,
    summary: `Values that are no ${rules.type}`,
    message: found =>
      `${quote(rules.name)} has ${rowCount(found.count)} that are no ${rules.type}${forExample(found)}.`,
    hint: HINT,
    probe: rowsWhere(name, () => `${name} IS NOT NULL AND ${condition(name)}`)
  };
}

function wholeColumn({ rules, column, severity }: TypedColumn, code: AnomalyCode, summary: string): Suspicion {
  const [first] = column.top;
  const examples = first ? [first] : [];
  return {
    code,
    severity,
    column: rules.name,
    summary,
    message: () =>
      `${quote(rules.name)} is ${quote(column.type)} where ${rules.type} is expected${forExample({ count: 0, examples })}.`,
    hint: HINT,
    probe: null,
    rows: column.count
  };
}
