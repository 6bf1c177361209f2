/** What people expect of a table (`schemas/<path>.json`), and what was found to be otherwise. */
import type { DriftMeasure } from './diff';
import type { Cell } from './table';

/** `warn` is shown; `fail` refuses the snapshot or merge as well. */
export type Severity = 'warn' | 'fail';

/** What a column holds, whatever the file format calls it. Decimals count as `float`. */
export type ValueType =
  'boolean' | 'integer' | 'float' | 'string' | 'date' | 'time' | 'timestamp' | 'list' | 'struct' | 'binary' | 'other';

export type Bounds = { readonly min?: number; readonly max?: number };
/** From these values on; of a test: its p-value and below. */
export type DriftThreshold = { readonly warn?: number; readonly fail?: number };
export type DriftThresholds = { readonly [measure in DriftMeasure['name']]?: DriftThreshold };

export type RowRules = Bounds & {
  /** Rows of this version divided by those of the version before. */
  readonly ratio?: Bounds;
};

/** What is expected of one column. What is missing is not checked. */
export type ColumnRules = {
  readonly name: string;
  readonly description?: string;
  readonly type?: ValueType;
  /** The column must be there. */
  readonly required?: boolean;
  /** 0 to 1: how many of the rows may have no value. 0 = none. */
  readonly maxNullShare?: number;
  /** At least so many rows must have a value. */
  readonly minCount?: number;
  /** The values there may be, at most `DOMAIN_MAX_VALUES`. */
  readonly domain?: readonly (string | number | boolean)[];
  /** Numbers; dates and times as ISO 8601 text. */
  readonly min?: number | string;
  readonly max?: number | string;
  /** Characters of a text, items of a list. */
  readonly length?: Bounds;
  /** No value stands on two rows. */
  readonly unique?: boolean;
  /** How many different values there may be. */
  readonly distinct?: Bounds;
  /** Neither NaN nor infinities. */
  readonly finite?: boolean;
  readonly drift?: DriftThresholds;
  readonly severity?: Severity;
};
export const DOMAIN_MAX_VALUES = 100;

export type TableSchema = {
  readonly description?: string;
  /** Columns whose values name a row. */
  readonly key?: readonly string[];
  /** Of every rule that says nothing else; `warn` when missing. */
  readonly severity?: Severity;
  readonly rows?: RowRules;
  /** What a column is that the schema does not know; `warn` when missing. */
  readonly newColumns?: Severity | 'allow';
  /** For every column that says nothing else. */
  readonly drift?: DriftThresholds;
  /** In the order of the file. */
  readonly columns: readonly ColumnRules[];
};

/** What was found. Names of TensorFlow Data Validation where it has one for the case. */
export type AnomalyCode =
  | 'SCHEMA_MISSING_COLUMN'
  | 'SCHEMA_NEW_COLUMN'
  | 'INVALID_SCHEMA_SPECIFICATION'
  | 'INVALID_DOMAIN_SPECIFICATION'
  | 'DOMAIN_INVALID_FOR_TYPE'
  | 'STATS_NOT_AVAILABLE'
  | 'DATASET_LOW_NUM_EXAMPLES'
  | 'DATASET_HIGH_NUM_EXAMPLES'
  | 'DATASET_UNREADABLE_ROWS'
  | 'DATASET_DUPLICATE_KEYS'
  | 'DATASET_NULL_KEYS'
  | 'UNEXPECTED_DATA_TYPE'
  | 'VALUE_NESTEDNESS_MISMATCH'
  | 'BOOL_TYPE_BIG_INT'
  | 'BOOL_TYPE_SMALL_INT'
  | 'BOOL_TYPE_UNEXPECTED_STRING'
  | 'BOOL_TYPE_UNEXPECTED_FLOAT'
  | 'INT_TYPE_BIG_INT'
  | 'INT_TYPE_SMALL_INT'
  | 'INT_TYPE_NOT_INT_STRING'
  | 'INT_TYPE_FRACTION'
  | 'FLOAT_TYPE_BIG_FLOAT'
  | 'FLOAT_TYPE_SMALL_FLOAT'
  | 'FLOAT_TYPE_STRING_NOT_FLOAT'
  | 'FLOAT_TYPE_HAS_NAN'
  | 'FLOAT_TYPE_HAS_INF'
  | 'TIME_TYPE_EARLY'
  | 'TIME_TYPE_LATE'
  | 'TIME_TYPE_STRING_NOT_TIME'
  | 'STRING_TYPE_LONG'
  | 'STRING_TYPE_SHORT'
  | 'ENUM_TYPE_UNEXPECTED_STRING_VALUES'
  | 'FEATURE_TYPE_NOT_PRESENT'
  | 'FEATURE_TYPE_LOW_FRACTION_PRESENT'
  | 'FEATURE_TYPE_LOW_NUMBER_PRESENT'
  | 'FEATURE_TYPE_LOW_NUMBER_VALUES'
  | 'FEATURE_TYPE_HIGH_NUMBER_VALUES'
  | 'FEATURE_TYPE_LOW_UNIQUE'
  | 'FEATURE_TYPE_HIGH_UNIQUE'
  | 'FEATURE_TYPE_DUPLICATE_VALUES'
  | 'COMPARATOR_CONTROL_DATA_MISSING'
  | 'COMPARATOR_LOW_NUM_EXAMPLES'
  | 'COMPARATOR_HIGH_NUM_EXAMPLES'
  | 'COMPARATOR_POPULATION_STABILITY_INDEX_HIGH'
  | 'COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH'
  | 'COMPARATOR_KOLMOGOROV_SMIRNOV_HIGH'
  | 'COMPARATOR_CHI_SQUARED_LOW_P_VALUE';

export type Anomaly = {
  readonly code: AnomalyCode;
  readonly severity: Severity;
  /** The table's project path. */
  readonly path: string;
  /** null when it is about the table or the schema as a whole. */
  readonly column: string | null;
  /** A few words. */
  readonly summary: string;
  /** A sentence with the numbers and an example. */
  readonly message: string;
  /** What to do about it, one sentence. */
  readonly hint: string;
  /** Rows it is about; null when it is not about single rows. */
  readonly rows: number | null;
  /** The most frequent values that are not as expected, at most three. */
  readonly examples: readonly { readonly value: Cell; readonly count: number }[];
};

// ------------------------------------------------------------------------------------------------ the verb

export type SchemaArgs =
  | {
      readonly action: 'infer';
      /** Project path of a table of the work tree. */
      readonly path: string;
      /** Add what the file lacks; nothing that is there changes. */
      readonly update?: boolean;
    }
  | {
      readonly action: 'check';
      /** Project paths of tables; empty or missing = every table that has a schema. */
      readonly paths?: readonly string[];
    }
  | { readonly action: 'show'; readonly path: string };

/** `where` is a dotted path: `columns.price.max`. */
export type SchemaChange = { readonly where: string; readonly to: string };
/** Something that the file says otherwise than the data would have it; what the file says stays. */
export type SchemaDifference = { readonly where: string; readonly file: string; readonly data: string };

export type SchemaResult =
  | {
      readonly action: 'infer';
      readonly path: string;
      /** Project path of the schema file. */
      readonly file: string;
      readonly created: boolean;
      readonly added: readonly SchemaChange[];
      readonly kept: readonly SchemaDifference[];
      readonly schema: TableSchema;
      readonly notices: readonly string[];
    }
  | {
      readonly action: 'check';
      readonly tables: readonly {
        readonly path: string;
        readonly file: string;
        readonly rows: number | null;
        readonly columns: number | null;
        readonly anomalies: readonly Anomaly[];
      }[];
      readonly notices: readonly string[];
    }
  | {
      readonly action: 'show';
      readonly path: string;
      readonly file: string;
      readonly schema: TableSchema;
      /** Places of properties that mean nothing here. They are kept. */
      readonly unknown: readonly string[];
    };

/** Is there one that refuses snapshots and merges? */
export function hasFailures(anomalies: readonly Anomaly[]): boolean {
  return anomalies.some(({ severity }) => severity === 'fail');
}
