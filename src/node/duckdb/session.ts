import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { throwIfCancelled } from '../../core/cancel';
import type { Activity, IFileSystem, ITableSession, QueryResult, SqlValue } from '../../core/port';
import type { Library } from './arrow-column';
import { toSqlValue } from './sql-value';
import { isFatal, tableError } from './table-error';

/** A database in memory with one connection; lent to one caller at a time. */
export class Session {
  constructor(
    private readonly _library: Library,
    private readonly _files: IFileSystem,
    private readonly _instance: DuckDBInstance,
    private readonly _connection: DuckDBConnection
  ) {}

  /** True when it must not be used again. */
  get broken(): boolean {
    return this._broken;
  }

  /** The session as one caller sees it; `close` takes it back. */
  lend(activity: Activity, close: () => Promise<void>): ITableSession {
    let closed = false;
    return {
      query: (sql, parameters = []) => this._work(activity, () => this._query(sql, parameters)),
      importArrow: (file, table) => this._work(activity, () => this._importArrow(file, table, activity)),
      head: (file, bytes) => this._head(file, bytes),
      close: async () => {
        if (!closed) {
          closed = true;
          await close();
        }
      }
    };
  }

  dispose(): void {
    this._connection.closeSync();
    this._instance.closeSync();
  }

  /** A cancelled or failed statement leaves the session usable, unless DuckDB says otherwise. */
  private async _work<T>(activity: Activity, work: () => Promise<T>): Promise<T> {
    throwIfCancelled(activity);
    const interrupt = (): void => this._connection.interrupt();
    activity.signal?.addEventListener('abort', interrupt);
    try {
      const result = await work();
      throwIfCancelled(activity);
      return result;
    } catch (error) {
      this._broken ||= isFatal(error);
      throw tableError(error);
    } finally {
      activity.signal?.removeEventListener('abort', interrupt);
    }
  }

  private async _query(sql: string, parameters: readonly SqlValue[]): Promise<QueryResult> {
    const result = await this._connection.run(sql, parameters.length > 0 ? [...parameters] : undefined);
    const names = result.columnNames();
    const columns = result.columnTypes().map((type, i) => ({ name: names[i]!, type: String(type) }));
    const rows: SqlValue[][] = [];
    for (const chunk of await result.fetchAllChunks()) {
      rows.push(...chunk.convertRows(toSqlValue));
    }
    return { columns, rows };
  }

  /** The reader of Arrow is loaded when there is an Arrow file. */
  private async _importArrow(file: string, table: string, activity: Activity): Promise<void> {
    const { importArrow } = await import('./import-arrow');
    await importArrow(this._library, this._connection, { files: this._files, file, table }, activity);
  }

  private async _head(file: string, bytes: number): Promise<Uint8Array> {
    const handle = await this._files.open(file, 'read');
    try {
      const buffer = new Uint8Array(bytes);
      return buffer.subarray(0, await handle.read(buffer, 0));
    } finally {
      await handle.close();
    }
  }

  private _broken = false;
}
