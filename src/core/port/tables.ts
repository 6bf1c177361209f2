import type { Activity } from './progress';

/** A value that a query takes or gives: 64-bit integers are bigint; decimals, times and nested values are text. */
export type SqlValue = null | boolean | number | bigint | string;

export type QueryResult = {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly SqlValue[])[];
};

/**
 * A DuckDB database in memory that sees the files it was opened with, and nothing else of the disk or the network. Each
 * session has its own views and settings; its memory is bounded, and what does not fit spills to a temporary folder.
 */
export interface ITableSession {
  /** All rows: the query says LIMIT. Values only through `parameters` ($1 …). FORMAT_INVALID, CANCELLED, DISK_FULL. */
  query(sql: string, parameters?: readonly SqlValue[]): Promise<QueryResult>;
  close(): Promise<void>;
}

export interface ITableEngine {
  /**
   * `files`: absolute paths, or folders, that queries may read; `writes`: those that COPY may write. Cancelling
   * `activity` interrupts the running query. TABLES_UNAVAILABLE where DuckDB has no binary for this machine.
   */
  open(
    access: { readonly files: readonly string[]; readonly writes?: readonly string[] },
    activity: Activity
  ): Promise<ITableSession>;
}
