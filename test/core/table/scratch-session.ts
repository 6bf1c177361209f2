import { DuckDBInstance, DuckDBTimestampValue } from '@duckdb/node-api';
import type { ITableSession, SqlValue } from '../../../src/core/port/tables';
export async function openScratch(): Promise<ITableSession> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', preserve_insertion_order: 'false' });
  const connection = await instance.connect();
  return {
    async query(sql) {
      const reader = await connection.runAndReadAll(sql).catch(e => {
        throw new Error(`${e.message}\n${sql}`);
      });
      const types = reader.columnTypes().map(String);
      return {
        columns: reader.columnNames().map((name, i) => ({ name, type: types[i]! })),
        rows: reader
          .getRows()
          .map(row => row.map(v => (v !== null && typeof v === 'object' ? String(v) : v) as SqlValue))
      };
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
    }
  };
}
