import type { ITableSession } from '../port';
import { quoteText } from './sql';

/** The index columns that pandas noted in a Parquet file; none when it noted none, or only a range. */
export async function pandasIndex(session: ITableSession, file: string): Promise<readonly string[]> {
  const { rows } = await session.query(
    `SELECT decode(value) FROM parquet_kv_metadata(${quoteText(file)}) WHERE decode(key) = 'pandas'`
  );
  try {
    const { index_columns: columns } = JSON.parse(String(rows[0]?.[0] ?? '{}')) as { index_columns?: unknown };
    return Array.isArray(columns) && columns.every(name => typeof name === 'string') ? columns : [];
  } catch {
    // Metadata is whatever some program wrote.
    return [];
  }
}
