/** What changed between two tables of a session: schema, counts, rows. */
import type { DiffRowsArgs, TableDiff } from '../model/diff';
import type { ITableSession } from '../port/tables';
import { ChangedRows } from './changed-rows';
import { compareRows } from './compare-rows';
import type { Comparison, RowCounts } from './compare-rows';
import { findKey } from './find-key';
import type { FoundKey, KeyWish } from './find-key';
import { findRenames } from './find-renames';
import { diffSchemas, sharedColumns } from './shared-columns';
import type { Relation } from './shared-columns';

export type TableDiffOptions = KeyWish & {
  readonly rows: DiffRowsArgs;
  /** Absolute path of a file to write all changed rows to. */
  readonly export?: { readonly file: string; readonly format: 'csv' | 'parquet' } | undefined;
};

/** What `findKey` throws. Everything but what the files themselves have to say: broken rows, notices. */
export async function diffTables(
  session: ITableSession,
  from: Relation,
  to: Relation,
  options: TableDiffOptions
): Promise<Omit<TableDiff, 'broken'>> {
  const shared = sharedColumns(from, to);
  const key = await findKey(session, { from, to, shared }, options);
  const comparison: Comparison = { from, to, shared, key: key?.columns ?? [] };
  const counts = await compareRows(session, comparison);
  const rows = new ChangedRows(session, comparison);
  await rows.collect(counts);
  if (options.export) {
    await rows.export(options.export.file, options.export.format);
  }
  const schema = diffSchemas(from, to);
  return {
    kind: 'table',
    key: toTableKey(key),
    duplicateKeys: counts.duplicateKeys,
    nullKeys: counts.nullKeys,
    schema: { ...schema, renamed: await findRenames(session, comparison, schema) },
    counts: countRows(from, to, counts),
    changedCells: await rows.changedCells(),
    columns: rows.columns,
    rows: await rows.page(options.rows),
    total: options.rows.kind ? counts[options.rows.kind] : counts.added + counts.removed + counts.changed,
    notices: []
  };
}

function toTableKey(key: FoundKey | null): TableDiff['key'] {
  return key && { columns: key.columns.map(({ name }) => name), source: key.source };
}

function countRows(from: Relation, to: Relation, { added, removed, changed }: RowCounts): TableDiff['counts'] {
  return { from: from.rows, to: to.rows, added, removed, changed, unchanged: from.rows - removed - changed };
}
