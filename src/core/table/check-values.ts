/** The rules about a column's values: presence, range, domain, length, uniqueness. */
import type { Cell, ColumnStatistics } from '../model/table';
import type { AnomalyCode, Bounds, ColumnRules, ValueType } from '../model/table-schema';
import type { TypedColumn } from './check-type';
import { distinctValues, duplicateRows, rowsWhere } from './probe';
import type { Bind, Probe } from './probe';
import { quoteName } from './sql';
import { forExample, grouped, quote, rowCount, show } from './suspicion';
import type { Suspicion } from './suspicion';
import { isNumeric, isTemporal, valueTypeOf } from './value-type';

const VALUES = 'Correct the data where it is made, or widen';

function suspicion(
  { rules, severity }: TypedColumn,
  code: AnomalyCode,
  summary: string,
  rest: Pick<Suspicion, 'message' | 'hint' | 'probe'> & Partial<Suspicion>
): Suspicion {
  return { code, severity, column: rules.name, summary, ...rest };
}

/** Are there values at all, and enough of them? */
export function checkPresence(typed: TypedColumn, rows: number): readonly Suspicion[] {
  const { rules, column } = typed;
  const { maxNullShare = 1, minCount = 0 } = rules;
  const name = quote(rules.name);
  const found: Suspicion[] = [];
  const add = (code: AnomalyCode, summary: string, message: string, hint: string): void =>
    void found.push(suspicion(typed, code, summary, { message: () => message, hint, probe: null, rows: column.nulls }));
  const fill = 'Find out why values are missing, or change';
  if (column.count === 0 && rows > 0 && (maxNullShare < 1 || minCount > 0)) {
    add('FEATURE_TYPE_NOT_PRESENT', 'No value at all', `${name} has no value in any of ${rowCount(rows)}.`, fillHint());
    return found;
  }
  if (rows > 0 && column.nulls / rows > maxNullShare) {
    const share = `${grouped((100 * column.nulls) / rows)} %, at most ${grouped(100 * maxNullShare)} % may be`;
    const message = `${name} is empty in ${grouped(column.nulls)} of ${rowCount(rows)} (${share}).`;
    add('FEATURE_TYPE_LOW_FRACTION_PRESENT', 'Too many empty values', message, `${fill} "maxNullShare".`);
  }
  if (column.count < minCount) {
    const message = `${name} has ${grouped(column.count)} values, at least ${grouped(minCount)} are expected.`;
    add('FEATURE_TYPE_LOW_NUMBER_PRESENT', 'Too few values', message, `${fill} "minCount".`);
  }
  return found;

  function fillHint(): string {
    return `${fill} "maxNullShare" and "minCount".`;
  }
}

/** Everything about values that are there. Only for columns whose type is right. */
export function checkValues(typed: TypedColumn): readonly Suspicion[] {
  const type = valueTypeOf(typed.column);
  return [
    ...checkRange(typed, type),
    ...checkDomain(typed, type),
    ...checkLength(typed, type),
    ...checkUnique(typed),
    ...checkDistinct(typed),
    ...checkFinite(typed)
  ];
}

function invalidFor(typed: TypedColumn, property: string, reason: string): Suspicion {
  return suspicion(typed, 'DOMAIN_INVALID_FOR_TYPE', 'A rule that does not fit the type', {
    message: () => `The rule "${property}" of ${quote(typed.rules.name)} cannot be checked: ${reason}.`,
    hint: `Correct or remove "${property}" in the schema file.`,
    probe: null
  });
}

// ------------------------------------------------------------------------------------------------ range

const INT_CODES = { min: 'INT_TYPE_SMALL_INT', max: 'INT_TYPE_BIG_INT' } as const;
const FLOAT_CODES = { min: 'FLOAT_TYPE_SMALL_FLOAT', max: 'FLOAT_TYPE_BIG_FLOAT' } as const;

type Side = { readonly property: 'min' | 'max'; readonly limit: number | string };

function checkRange(typed: TypedColumn, type: ValueType): readonly Suspicion[] {
  const { min, max } = typed.rules;
  const sides: Side[] = [];
  if (min !== undefined) {
    sides.push({ property: 'min', limit: min });
  }
  if (max !== undefined) {
    sides.push({ property: 'max', limit: max });
  }
  return sides.flatMap(side => (isNumeric(type) ? checkNumber(typed, type, side) : checkMoment(typed, type, side)));
}

function checkNumber(typed: TypedColumn, type: ValueType, { property, limit }: Side): readonly Suspicion[] {
  if (typeof limit !== 'number') {
    return [invalidFor(typed, property, `${quote(limit)} is no number, the column is ${type}`)];
  }
  const { minimum, maximum, infinities } = typed.column;
  const low = property === 'min';
  const beyond = low ? Number(minimum) < limit : Number(maximum) > limit;
  if (!(minimum !== null && beyond) && !infinities) {
    return [];
  }
  const code = type === 'integer' ? INT_CODES[property] : FLOAT_CODES[property];
  const name = quoteName(typed.rules.name);
  // To DuckDB NaN is greater than everything; it has a rule of its own.
  const real = type === 'integer' ? '' : ` AND NOT isnan(CAST(${name} AS DOUBLE))`;
  return [outside(typed, code, { property, limit }, bind => `${name} ${low ? '<' : '>'} ${bind(limit)}${real}`)];
}

function checkMoment(typed: TypedColumn, type: ValueType, { property, limit }: Side): readonly Suspicion[] {
  if (!isTemporal(type)) {
    return [invalidFor(typed, property, `the column is ${type}`)];
  }
  const sql = type === 'timestamp' ? zoned(typed.column) : type.toUpperCase();
  const text = String(limit);
  const valid =
    type === 'time' ? /^\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text) : /^\d{4}-/.test(text) && !isNaN(Date.parse(text));
  if (!valid) {
    return [invalidFor(typed, property, `${quote(text)} is no ${type} as ISO 8601 writes it`)];
  }
  const [code, sign] = property === 'min' ? (['TIME_TYPE_EARLY', '<'] as const) : (['TIME_TYPE_LATE', '>'] as const);
  const name = quoteName(typed.rules.name);
  return [outside(typed, code, { property, limit }, bind => `${name} ${sign} TRY_CAST(${bind(text)} AS ${sql})`)];
}

function zoned({ type }: ColumnStatistics): string {
  return /TIME ZONE|TZ/.test(type) ? 'TIMESTAMPTZ' : 'TIMESTAMP';
}

function outside(
  typed: TypedColumn,
  code: AnomalyCode,
  { property, limit }: Side,
  condition: Probe['count']
): Suspicion {
  const [word, summary] =
    property === 'min' ? ['below', 'Values that are too small'] : ['above', 'Values that are too large'];
  return suspicion(typed, code, summary, {
    message: found =>
      `${quote(typed.rules.name)} has ${rowCount(found.count)} ${word} ${show(limit)}${forExample(found)}.`,
    hint: `${VALUES} "${property}" in the schema file.`,
    probe: rowsWhere(quoteName(typed.rules.name), condition)
  });
}

// ----------------------------------------------------------------------------------------------- domain

function checkDomain(typed: TypedColumn, type: ValueType): readonly Suspicion[] {
  const { rules, column } = typed;
  const { domain } = rules;
  if (domain === undefined) {
    return [];
  }
  const castable = CASTS[type];
  if (castable === undefined) {
    return [invalidFor(typed, 'domain', `the column is ${type}`)];
  }
  if (domain.length === 0) {
    return [emptyDomain(typed)];
  }
  if (holdsAllValues(column) && column.top.every(({ value }) => isIn(value, domain, type))) {
    return [];
  }
  const name = quoteName(rules.name);
  const sql = type === 'timestamp' ? zoned(column) : castable;
  // DuckDB rounds 1.5 to an integer.
  const values = domain.filter(value => type !== 'integer' || Number.isInteger(Number(value)));
  const list = (bind: Bind): string => values.map(value => `TRY_CAST(${bind(String(value))} AS ${sql})`).join(', ');
  const shown = type === 'string' ? `CAST(${name} AS VARCHAR)` : name;
  return [
    suspicion(typed, 'ENUM_TYPE_UNEXPECTED_STRING_VALUES', 'Values outside the domain', {
      message: found => `${quote(rules.name)} has ${rowCount(found.count)} outside its domain${forExample(found)}.`,
      hint: 'Correct the data where it is made, or add the values to "domain" in the schema file.',
      probe: rowsWhere(name, bind => {
        const known = values.length === 0 ? 'false' : `coalesce(${shown} IN (${list(bind)}), false)`;
        return `${name} IS NOT NULL AND NOT ${known}`;
      })
    })
  ];
}

/** What values of a domain, which are text here, become before they are compared. */
const CASTS: { readonly [type in ValueType]?: string } = {
  boolean: 'BOOLEAN',
  integer: 'HUGEINT',
  float: 'DOUBLE',
  string: 'VARCHAR',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP'
};

/** Do the most frequent values have every value there is? */
function holdsAllValues({ approximate, distinct, top }: ColumnStatistics): boolean {
  return !approximate && top.length >= distinct;
}

function isIn(value: Cell, domain: NonNullable<ColumnRules['domain']>, type: ValueType): boolean {
  return isNumeric(type)
    ? domain.some(known => Number(known) === Number(value))
    : domain.some(known => String(known) === String(value));
}

function emptyDomain(typed: TypedColumn): Suspicion {
  return suspicion(typed, 'INVALID_DOMAIN_SPECIFICATION', 'A domain without values', {
    message: () => `The domain of ${quote(typed.rules.name)} is empty, so no value could be right.`,
    hint: 'List the values in "domain", or remove it.',
    probe: null
  });
}

// --------------------------------------------------------------------------------- length, unique, finite

function checkLength(typed: TypedColumn, type: ValueType): readonly Suspicion[] {
  const { rules, column } = typed;
  if (rules.length === undefined) {
    return [];
  }
  if (type !== 'string' && type !== 'list') {
    const text = rules.type === 'string' && typed.format === 'csv';
    return text ? [] : [invalidFor(typed, 'length', `the column is ${type}`)];
  }
  const { min = 0, max = Infinity } = rules.length;
  const [short, long, unit] =
    type === 'string'
      ? (['STRING_TYPE_SHORT', 'STRING_TYPE_LONG', 'characters'] as const)
      : (['FEATURE_TYPE_LOW_NUMBER_VALUES', 'FEATURE_TYPE_HIGH_NUMBER_VALUES', 'items'] as const);
  const name = quoteName(rules.name);
  const length = type === 'string' ? `length(CAST(${name} AS VARCHAR))` : `len(${name})`;
  const beyond = (code: AnomalyCode, words: string, limit: number, sign: string): Suspicion =>
    suspicion(typed, code, `Values that are too ${words === 'less' ? 'short' : 'long'}`, {
      message: found =>
        `${quote(rules.name)} has ${rowCount(found.count)} with ${words} than ${grouped(limit)} ${unit}${forExample(found)}.`,
      hint: `${VALUES} "length" in the schema file.`,
      probe: rowsWhere(name, bind => `${length} ${sign} ${bind(limit)}`)
    });
  return [
    ...(column.minimum !== null && Number(column.minimum) < min ? [beyond(short, 'less', min, '<')] : []),
    ...(column.maximum !== null && Number(column.maximum) > max ? [beyond(long, 'more', max, '>')] : [])
  ];
}

function checkUnique(typed: TypedColumn): readonly Suspicion[] {
  const { rules, column } = typed;
  if (!rules.unique || (!column.approximate && column.distinct >= column.count)) {
    return [];
  }
  return [
    suspicion(typed, 'FEATURE_TYPE_DUPLICATE_VALUES', 'Values that stand there twice', {
      message: found =>
        `${quote(rules.name)} should be unique, but ${rowCount(found.count)} ${found.count === 1 ? 'repeats' : 'repeat'} a value${forExample(found)}.`,
      hint: 'Remove the duplicates, or remove "unique" from the schema file.',
      probe: duplicateRows([rules.name])
    })
  ];
}

function checkDistinct(typed: TypedColumn): readonly Suspicion[] {
  const { rules, column } = typed;
  const { min = 0, max = Infinity }: Bounds = rules.distinct ?? {};
  const check = (code: AnomalyCode, summary: string, wrong: (count: number) => boolean, bound: string): Suspicion[] =>
    rules.distinct === undefined || (!column.approximate && !wrong(column.distinct))
      ? []
      : [
          suspicion(typed, code, summary, {
            message: ({ count }) =>
              `${quote(rules.name)} has ${grouped(column.approximate ? count : column.distinct)} different values, ${bound} expected.`,
            hint: 'Correct the data where it is made, or change "distinct" in the schema file.',
            probe: column.approximate ? distinctValues(rules.name) : null,
            confirms: wrong
          })
        ];
  return [
    ...check('FEATURE_TYPE_LOW_UNIQUE', 'Too few different values', count => count < min, `at least ${grouped(min)}`),
    ...check('FEATURE_TYPE_HIGH_UNIQUE', 'Too many different values', count => count > max, `at most ${grouped(max)}`)
  ];
}

function checkFinite(typed: TypedColumn): readonly Suspicion[] {
  const { rules, column } = typed;
  const found = (code: AnomalyCode, summary: string, count: number | null, word: string): readonly Suspicion[] =>
    !rules.finite || !count
      ? []
      : [
          suspicion(typed, code, summary, {
            message: () => `${quote(rules.name)} is ${word} in ${rowCount(count)}.`,
            hint: 'Find out where they come from, or remove "finite" from the schema file.',
            probe: null,
            rows: count
          })
        ];
  return [
    ...found('FLOAT_TYPE_HAS_NAN', 'NaN', column.nans, 'NaN'),
    ...found('FLOAT_TYPE_HAS_INF', 'Infinite values', column.infinities, 'infinite')
  ];
}
