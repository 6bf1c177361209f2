/** Tables as people look at them: schema, statistics, pages of rows. Plain data, the same for every client. */

/** What a column's values are to people; `type` has the engine's exact word. */
export type ColumnKind = 'number' | 'string' | 'boolean' | 'time' | 'list' | 'struct' | 'binary' | 'other';

export type Column = {
  readonly name: string;
  /** DuckDB's name of the type, for example `DECIMAL(18,2)` or `STRUCT(a INTEGER)`. */
  readonly type: string;
  readonly kind: ColumnKind;
};

export type TableFormat = 'csv' | 'json-lines' | 'parquet' | 'arrow';

/**
 * One value as it travels: numbers that a double holds exactly are numbers, NaN and the infinities their words; all else
 * (64-bit integers beyond 2^53, decimals, times, lists, structs) is text as DuckDB writes it. Text over
 * `CELL_MAX_CHARACTERS` is cut, with `…` at its end. null is SQL's NULL.
 */
export type Cell = null | boolean | number | string;
export const CELL_MAX_CHARACTERS = 4096;

/** A line of a text file that could not be read as a row of the table. */
export type BrokenRow = { readonly line: number; readonly reason: string; readonly text: string };

/** Where a key came from: named by the caller, declared in the schema file, the file's own index, or found to be unique. */
export type KeySource = 'named' | 'declared' | 'index' | 'found';
export type TableKey = { readonly columns: readonly string[]; readonly source: KeySource };

/** Broken rows that are told one by one. */
export const BROKEN_SHOWN = 100;

export type TableInfo = {
  readonly format: TableFormat;
  readonly rows: number;
  readonly columns: readonly Column[];
  /** How a text file is read: delimiter, quote, header, encoding, … */
  readonly dialect: Readonly<Record<string, string>> | null;
  /** Files of a partitioned folder; 1 for a file. */
  readonly files: number;
  /** The first `BROKEN_SHOWN`. */
  readonly broken: readonly BrokenRow[];
  readonly brokenCount: number;
  /** Things the user should know: columns renamed because two had one name, and so on. */
  readonly notices: readonly string[];
};

/** `low` ≤ value < `high`; the last one holds `high` too. Times are ISO 8601 text. */
export type HistogramBin = { readonly low: number | string; readonly high: number | string; readonly count: number };
export type TopValue = { readonly value: Cell; readonly count: number };

export type ColumnStatistics = {
  readonly name: string;
  readonly type: string;
  readonly kind: ColumnKind;
  /** Values that are not null. */
  readonly count: number;
  readonly nulls: number;
  /** Different values that are not null; `approximate` from 100,000 rows on (HyperLogLog). */
  readonly distinct: number;
  readonly approximate: boolean;
  /** Numbers and times: extremes (NaN and infinities left out). Strings and lists: of their lengths. null when there are none. */
  readonly minimum: Cell;
  readonly maximum: Cell;
  readonly mean: number | null;
  /** Of the sample (n − 1). */
  readonly standardDeviation: number | null;
  /** Quantiles 0.05, 0.25, 0.5, 0.75, 0.95 in this order; null when the kind has none. */
  readonly quantiles: readonly Cell[] | null;
  /** Numbers only. */
  readonly zeros: number | null;
  readonly nans: number | null;
  readonly infinities: number | null;
  /** The most frequent values of strings, booleans and columns with few values; most frequent first, at most 20. */
  readonly top: readonly TopValue[];
  /** Numbers and times: at most 20 bins of equal width. Empty when there is nothing to draw. */
  readonly histogram: readonly HistogramBin[];
};

export type SortKey = { readonly column: string; readonly descending?: boolean };
export type RowFilter = {
  readonly column: string;
  readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'contains' | 'is-null' | 'is-not-null';
  /** Missing for the two that ask for null. */
  readonly value?: string | number | boolean;
};
export type PageArgs = {
  /** First row, counted from 0, after filter and sort. */
  readonly offset: number;
  /** At most `PAGE_MAX_ROWS`. */
  readonly limit: number;
  /** Missing: as in the file. */
  readonly sort?: readonly SortKey[];
  /** All must hold. */
  readonly filter?: readonly RowFilter[];
  /** Names; missing = all. */
  readonly columns?: readonly string[];
};
export const PAGE_MAX_ROWS = 1000;

export type TablePage = {
  readonly offset: number;
  /** Rows that the filter lets through. */
  readonly total: number;
  readonly columns: readonly Column[];
  /** A row has one cell for each column. */
  readonly rows: readonly (readonly Cell[])[];
};
