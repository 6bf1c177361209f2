/** DuckDB's values as the port gives them. */
import type { DuckDBValue } from '@duckdb/node-api';
import type { SqlValue } from '../../core/port';

export function toSqlValue(value: DuckDBValue): SqlValue {
  switch (typeof value) {
    case 'boolean':
    case 'number':
    case 'bigint':
    case 'string':
      return value;
    default:
      return value === null ? null : String(value);
  }
}
