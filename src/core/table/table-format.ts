/** What a file's name says about it. Contents are looked at by `attachTable`. */
import type { TableFormat } from '../model/table';

const formats: Readonly<Record<string, TableFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  tab: 'csv',
  psv: 'csv',
  jsonl: 'json-lines',
  ndjson: 'json-lines',
  parquet: 'parquet',
  parq: 'parquet',
  pq: 'parquet',
  arrow: 'arrow',
  arrows: 'arrow',
  feather: 'arrow',
  ipc: 'arrow'
};
const compressions: Readonly<Record<string, string>> = { gz: 'gzip', zst: 'zstd' };

/** Null for a name that is no table's. */
export function tableFormatOf(path: string): TableFormat | null {
  const [ending = '', before = ''] = endingsOf(path);
  const format = formats[ending in compressions ? before : ending] ?? null;
  return ending in compressions && format !== 'csv' && format !== 'json-lines' ? null : format;
}

/** DuckDB's word for how a text file is compressed: `uncompressed`, `gzip`, `zstd`. */
export function compressionOf(path: string): string {
  return compressions[endingsOf(path)[0] ?? ''] ?? 'uncompressed';
}

/** The last first, in lower case. */
function endingsOf(path: string): readonly string[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.toLowerCase().split('.').slice(1).reverse();
}
