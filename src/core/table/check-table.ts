/** The rules about a table as a whole: rows, key, which columns there are, and how it compares with the version before. */
import type { ColumnDrift, DriftMeasure } from '../model/diff';
import type { ColumnStatistics, TableFormat } from '../model/table';
import type { AnomalyCode, ColumnRules, DriftThresholds, Severity, TableSchema } from '../model/table-schema';
import { duplicateRows, rowsWhere } from './probe';
import { quoteName } from './sql';
import { forExample, grouped, quote, rowCount } from './suspicion';
import type { Suspicion } from './suspicion';

/** What a reading of the whole table found. */
export type TableFacts = {
  readonly format: TableFormat;
  readonly rows: number;
  readonly brokenCount: number;
  readonly columns: readonly ColumnStatistics[];
};

export function tableSeverity({ severity = 'warn' }: TableSchema): Severity {
  return severity;
}

type Rest = Omit<Suspicion, 'code' | 'severity' | 'column' | 'probe' | 'message'> & {
  readonly message: string;
  readonly column?: string;
  readonly severity?: Severity;
};

function certain(schema: TableSchema, code: AnomalyCode, rest: Rest): Suspicion {
  const { message, ...others } = rest;
  return { severity: tableSeverity(schema), column: null, ...others, code, message: () => message, probe: null };
}

export function checkRows(schema: TableSchema, table: TableFacts, previous: TableFacts | null): readonly Suspicion[] {
  const { min = 0, max = Infinity, ratio } = schema.rows ?? {};
  const has = `The table has ${rowCount(table.rows)}`;
  const hint = 'Find out where rows were lost or doubled, or change "rows" in the schema file.';
  const found: Suspicion[] = [];
  const add = (code: AnomalyCode, summary: string, message: string): void =>
    void found.push(certain(schema, code, { summary, message, hint, rows: table.rows }));
  if (table.rows < min) {
    add('DATASET_LOW_NUM_EXAMPLES', 'Too few rows', `${has}, at least ${grouped(min)} are expected.`);
  }
  if (table.rows > max) {
    add('DATASET_HIGH_NUM_EXAMPLES', 'Too many rows', `${has}, at most ${grouped(max)} are expected.`);
  }
  if (ratio && previous && previous.rows > 0) {
    const now = table.rows / previous.rows;
    const times = `${has}, ${grouped(now)} times the ${grouped(previous.rows)} of the version before`;
    if (now < (ratio.min ?? 0)) {
      add('COMPARATOR_LOW_NUM_EXAMPLES', 'Far fewer rows than before', `${times}; at least ${ratio.min!} is expected.`);
    }
    if (now > (ratio.max ?? Infinity)) {
      add('COMPARATOR_HIGH_NUM_EXAMPLES', 'Far more rows than before', `${times}; at most ${ratio.max!} is expected.`);
    }
  }
  if (table.brokenCount > 0) {
    found.push(
      certain(schema, 'DATASET_UNREADABLE_ROWS', {
        summary: 'Lines that are no rows',
        message: `${grouped(table.brokenCount)} ${table.brokenCount === 1 ? 'line' : 'lines'} of the file could not be read as rows.`,
        hint: '`branchbook show PATH` lists them with their line numbers.',
        rows: table.brokenCount
      })
    );
  }
  return found;
}

/** Columns that the schema has and the table lacks, or the reverse. */
export function checkColumns(schema: TableSchema, table: TableFacts): readonly Suspicion[] {
  const there = new Set(table.columns.map(column => column.name));
  const known = new Set(schema.columns.map(column => column.name));
  const fresh = table.columns.filter(column => !known.has(column.name));
  const { newColumns = schema.columns.length === 0 ? 'allow' : 'warn' } = schema;
  const missing = schema.columns.filter(rules => !there.has(rules.name) && isNeeded(schema, rules));
  const unknownKeys = (schema.key ?? []).filter(name => !there.has(name) && !known.has(name));
  const renamed = fresh.length > 0 ? ` New in the table: ${names(fresh)}.` : '';
  const lost = (name: string, severity: Severity): Suspicion =>
    certain(schema, 'SCHEMA_MISSING_COLUMN', {
      severity,
      column: name,
      summary: 'A column is missing',
      message: `The column ${quote(name)} is missing.${renamed}`,
      hint: 'Bring it back, or set "required" to false in the schema file.'
    });
  return [
    ...missing.map(rules => lost(rules.name, rules.severity ?? tableSeverity(schema))),
    ...unknownKeys.map(name => lost(name, tableSeverity(schema))),
    ...(newColumns === 'allow' ? [] : fresh.map(column => unexpected(schema, column, newColumns)))
  ];
}

function isNeeded({ key = [] }: TableSchema, { name, required = false }: ColumnRules): boolean {
  return required || key.includes(name);
}

function names(columns: readonly { readonly name: string }[]): string {
  const shown = columns.slice(0, 3).map(({ name }) => quote(name));
  return `${shown.join(', ')}${columns.length > 3 ? `, … (${columns.length})` : ''}`;
}

function unexpected(schema: TableSchema, { name, type }: ColumnStatistics, severity: Severity): Suspicion {
  return certain(schema, 'SCHEMA_NEW_COLUMN', {
    severity,
    column: name,
    summary: 'A new column',
    message: `The column ${quote(name)} (${quote(type)}) is not in the schema.`,
    hint: '`branchbook schema infer PATH --update` adds it to the schema file.'
  });
}

export function checkKey(schema: TableSchema, table: TableFacts): readonly Suspicion[] {
  const { key = [] } = schema;
  const columns = key.map(name => table.columns.find(column => column.name === name));
  if (key.length === 0 || columns.some(column => column === undefined)) {
    return [];
  }
  const [first] = columns as readonly ColumnStatistics[];
  const named = key.map(quote).join(', ');
  const found: Suspicion[] = [];
  const add = (code: AnomalyCode, summary: string, rest: Pick<Suspicion, 'message' | 'probe'>): void =>
    void found.push({
      code,
      summary,
      severity: tableSeverity(schema),
      column: key.length === 1 ? key[0]! : null,
      hint: 'Correct the rows, or name other columns in "key" of the schema file.',
      ...rest
    });
  if (columns.some(column => column!.nulls > 0)) {
    const isNull = key.map(name => `${quoteName(name)} IS NULL`).join(' OR ');
    add('DATASET_NULL_KEYS', 'Rows without a key', {
      message: ({ count }) => `${rowCount(count)} ${count === 1 ? 'has' : 'have'} no value in the key ${named}.`,
      probe: { ...rowsWhere('', () => `(${isNull})`), examples: null }
    });
  }
  if (key.length > 1 || first!.approximate || first!.distinct < first!.count) {
    add('DATASET_DUPLICATE_KEYS', 'Keys that stand there twice', {
      message: found =>
        `${rowCount(found.count)} ${found.count === 1 ? 'repeats' : 'repeat'} the key ${named} of another row${forExample(found)}.`,
      probe: duplicateRows(key)
    });
  }
  return found;
}

// ------------------------------------------------------------------------------------------------ drift

const comparators: { readonly [measure in DriftMeasure['name']]: AnomalyCode } = {
  psi: 'COMPARATOR_POPULATION_STABILITY_INDEX_HIGH',
  'jensen-shannon': 'COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH',
  'kolmogorov-smirnov': 'COMPARATOR_KOLMOGOROV_SMIRNOV_HIGH',
  'chi-squared': 'COMPARATOR_CHI_SQUARED_LOW_P_VALUE'
};

export function driftThresholds(schema: TableSchema, name: string): DriftThresholds | undefined {
  const { drift } = schema.columns.find(rules => rules.name === name) ?? {};
  return drift ?? schema.drift;
}

/** Columns whose drift has thresholds, of those the table has. */
export function driftColumns(schema: TableSchema, table: TableFacts): readonly string[] {
  return table.columns
    .map(column => column.name)
    .filter(name => Object.keys(driftThresholds(schema, name) ?? {}).length > 0);
}

/** `drift`: of the columns that `driftColumns` named and both versions have. */
export function checkDrift(
  schema: TableSchema,
  table: TableFacts,
  previous: TableFacts,
  drift: readonly ColumnDrift[]
): readonly Suspicion[] {
  const before = new Map(previous.columns.map(column => [column.name, column]));
  const now = new Map(table.columns.map(column => [column.name, column]));
  return driftColumns(schema, table).flatMap(name => {
    if (now.get(name)!.count === 0) {
      return [];
    }
    if (!before.get(name)?.count) {
      return [noControl(schema, name)];
    }
    const measured = drift.find(({ column }) => column === name);
    return measured ? driftOf(schema, measured) : [];
  });
}

function noControl(schema: TableSchema, column: string): Suspicion {
  return certain(schema, 'COMPARATOR_CONTROL_DATA_MISSING', {
    severity: 'warn',
    column,
    summary: 'Nothing to compare with',
    message: `The version before has no values of ${quote(column)}, so its drift cannot be told.`,
    hint: 'The next version can be compared with this one.'
  });
}

function driftOf(schema: TableSchema, { column, measures, n }: ColumnDrift): readonly Suspicion[] {
  const thresholds = driftThresholds(schema, column)!;
  return measures.flatMap(measure => {
    const threshold = thresholds[measure.name];
    if (!threshold) {
      return [];
    }
    // Of a test the probability counts: the smaller, the less alike.
    const isTest = measure.name === 'chi-squared';
    const value = isTest ? (measure.pValue ?? 1) : measure.value;
    const beyond = (limit: number | undefined): boolean =>
      limit !== undefined && (isTest ? value <= limit : value >= limit);
    const severity = beyond(threshold.fail) ? 'fail' : beyond(threshold.warn) ? 'warn' : null;
    if (severity === null) {
      return [];
    }
    const limit = threshold[severity]!;
    return [
      certain(schema, comparators[measure.name], {
        severity,
        column,
        summary: 'Its distribution changed',
        message:
          `${quote(column)} drifted from the version before: ${measure.name}${isTest ? ' p-value' : ''} ${shortened(value)}, ` +
          `the threshold is ${limit} (n = ${grouped(n[0])} and ${grouped(n[1])}; ${measure.formula.replace(/\.$/, '')}).`,
        hint: 'Find out what changed, or raise the threshold in "drift" of the schema file.'
      })
    ];
  });
}

function shortened(value: number): string {
  return String(Number(value.toPrecision(4)));
}
