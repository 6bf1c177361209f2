import type { Activity } from './progress';

/** A value that a query takes or gives: 64-bit integers are bigint; decimals, times and nested values are text. */
export type SqlValue = null | boolean | number | bigint | string;

export type QueryResult = {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly SqlValue[])[];
};

/** What a session may reach. */
export type TableAccess = {
  /** Absolute paths of files, or of folders with all that is below them, that queries may read. */
  readonly files: readonly string[];
  /** Absolute paths of files that COPY may write. */
  readonly writes?: readonly string[];
  /**
   * Opening again with the same name within seconds after `close` gives the same session, with its views and tables, when
   * the files are the same too. Missing: a session of its own.
   */
  readonly keep?: string;
};

/**
 * A DuckDB database in memory that sees the files it was opened with, and nothing else of the disk or the network. Each
 * session has its own views and settings; its memory is bounded, and what does not fit spills to a temporary folder.
 */
export interface ITableSession {
  /**
   * All rows: the query says LIMIT. Values only through `parameters` ($1 …). FORMAT_INVALID, PATH_UNKNOWN,
   * PERMISSION_DENIED, CANCELLED, DISK_FULL.
   */
  query(sql: string, parameters?: readonly SqlValue[]): Promise<QueryResult>;
  /** Make the table `table` of an Arrow file or stream (Feather 2), which DuckDB cannot read by itself. FORMAT_INVALID. */
  importArrow(file: string, table: string): Promise<void>;
  /** The first bytes of a file that the session may read; fewer when there are no more. PATH_UNKNOWN. */
  head(file: string, bytes: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface ITableEngine {
  /** Cancelling `activity` interrupts the running query. TABLES_UNAVAILABLE where DuckDB has no binary for this machine. */
  open(access: TableAccess, activity: Activity): Promise<ITableSession>;
  /** Give back what waits to be used again. */
  close(): Promise<void>;
}
