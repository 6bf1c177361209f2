/** What changed between two tables of a session: schema, counts, rows, distributions. */
import type { DiffRowsArgs, TableDiff } from '../model/diff';
import type { ITableSession } from '../port';
import { ChangedRows } from './changed-rows';
import { compareRows, compareUnique } from './compare-rows';
import type { Comparison, RowCounts } from './compare-rows';
import { measureDrift } from './drift';
import { findKey, guessKey } from './find-key';
import type { FoundKey, KeyWish } from './find-key';
import { findRenames } from './find-renames';
import { diffSchemas, sharedColumns } from './shared-columns';
import type { Relation } from './shared-columns';

export type DiffInput = {
  readonly from: Relation;
  readonly to: Relation;
  readonly wish: KeyWish;
  readonly broken: TableDiff['broken'];
  readonly notices: readonly string[];
};

export type TableDiffOptions = {
  readonly rows: DiffRowsArgs;
  readonly drift?: boolean | undefined;
  /** Absolute path of a file to write all changed rows to. */
  readonly export?: { readonly file: string; readonly format: 'csv' | 'parquet' } | undefined;
};

/** Everything but the rows of one page. */
type Summary = { readonly comparison: Comparison; readonly diff: Omit<TableDiff, 'rows' | 'total'> };

/** Where a session that is used again has its summary, as JSON text. */
const SUMMARY = 'diff_summary';

/**
 * Compare what `attach` gives; a session that did so before, with the same wish and drift, only reads the page. What
 * `findKey` and `attach` throw.
 */
export async function diffTables(
  session: ITableSession,
  attach: () => Promise<DiffInput>,
  options: TableDiffOptions
): Promise<TableDiff> {
  const { comparison, diff } = (await readSummary(session)) ?? (await compare(session, await attach(), options));
  const rows = new ChangedRows(session, comparison);
  if (options.export) {
    await rows.export(options.export.file, options.export.format);
  }
  const { added, removed, changed } = diff.counts;
  const total = options.rows.kind ? diff.counts[options.rows.kind] : added + removed + changed;
  return { ...diff, rows: await rows.page(options.rows), total };
}

async function compare(session: ITableSession, input: DiffInput, { drift }: TableDiffOptions): Promise<Summary> {
  const { from, to, broken, notices } = input;
  const { comparison, key, counts } = await findAndCompare(session, input);
  const rows = new ChangedRows(session, comparison);
  await rows.collect(counts);
  const schema = diffSchemas(from, to);
  const diff: Summary['diff'] = {
    kind: 'table',
    key: key && { columns: key.columns.map(({ name }) => name), source: key.source },
    duplicateKeys: counts.duplicateKeys,
    nullKeys: counts.nullKeys,
    schema: { ...schema, renamed: await findRenames(session, comparison, schema) },
    counts: countRows(comparison, counts),
    changedCells: await rows.changedCells(),
    columns: rows.columns,
    ...(drift && { drift: await measureDrift(session, comparison) }),
    broken,
    notices
  };
  const summary = { comparison, diff };
  await session.query(`CREATE OR REPLACE TEMP TABLE ${SUMMARY} AS SELECT $1 AS json`, [JSON.stringify(summary)]);
  return summary;
}

async function findAndCompare(
  session: ITableSession,
  { from, to, wish }: DiffInput
): Promise<{ readonly comparison: Comparison; readonly key: FoundKey | null; readonly counts: RowCounts }> {
  const shared = sharedColumns(from, to);
  const by = (found: FoundKey | null): Comparison => ({ from, to, shared, key: found?.columns ?? [] });
  const guess = await guessKey(session, { from, to, shared }, wish);
  const unique = guess && (await compareUnique(session, by(guess)));
  if (unique) {
    return { comparison: by(guess), key: guess, counts: unique };
  }
  const key = await findKey(session, { from, to, shared }, wish);
  return { comparison: by(key), key, counts: await compareRows(session, by(key)) };
}

async function readSummary(session: ITableSession): Promise<Summary | null> {
  const { rows } = await session.query(`SELECT count(*) FROM duckdb_tables() WHERE table_name = '${SUMMARY}'`);
  if (Number(rows[0]![0]) === 0) {
    return null;
  }
  const kept = await session.query(`SELECT json FROM ${SUMMARY}`);
  const summary = JSON.parse(String(kept.rows[0]![0])) as Summary;
  const { shared, key } = summary.comparison;
  // The key's columns are looked for among the shared ones.
  const columns = key.map(({ name }) => shared.find(column => column.name === name)!);
  return { ...summary, comparison: { ...summary.comparison, key: columns } };
}

function countRows({ from, to }: Comparison, { added, removed, changed }: RowCounts): TableDiff['counts'] {
  return { from: from.rows, to: to.rows, added, removed, changed, unchanged: from.rows - removed - changed };
}
