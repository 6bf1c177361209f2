/** Columns that one side lacks and the other has, with the same values in the same rows: renamed, probably. */
import type { SchemaDiff } from '../model/diff';
import type { Column } from '../model/table';
import type { ITableSession } from '../port/tables';
import { commonType } from './common-type';
import { keyColumns } from './compare-rows';
import type { Comparison, TableSide } from './compare-rows';
import { quoteName } from './sql';
import { comparable } from './shared-columns';

const SAMPLE_ROWS = 10_000;
const MAX_COLUMNS = 30;
const SIMILAR = 0.9;

/** By the rows of a sample of keys that both sides have; none without a key. Best first, each column once. */
export async function findRenames(
  session: ITableSession,
  comparison: Comparison,
  schema: SchemaDiff
): Promise<SchemaDiff['renamed']> {
  const pairs = schema.removed.slice(0, MAX_COLUMNS).flatMap(from =>
    schema.added.slice(0, MAX_COLUMNS).flatMap(to => {
      const type = commonType(from.type, to.type);
      const compatible = from.kind === to.kind || type !== 'VARCHAR';
      return compatible ? [{ from, to, column: { ...to, type, fromType: from.type, toType: to.type } }] : [];
    })
  );
  if (pairs.length === 0 || comparison.key.length === 0) {
    return [];
  }
  const shares = pairs.map(({ from, to, column }) => {
    const before = comparable(column, from.type, `f${schema.removed.indexOf(from)}`);
    const after = comparable(column, to.type, `t${schema.added.indexOf(to)}`);
    const filled = `${before} IS NOT NULL OR ${after} IS NOT NULL`;
    return `avg((${before} IS NOT DISTINCT FROM ${after})::INTEGER) FILTER (${filled})`;
  });
  const keys = comparison.key.map((_, position) => `k${position}`).join(', ');
  const sample = `${valuesOf(comparison, 'from', schema.removed)} ORDER BY hash(${keys}) LIMIT ${SAMPLE_ROWS}`;
  const { rows } = await session.query(
    `SELECT ${shares.join(', ')} FROM (${sample}) JOIN (${valuesOf(comparison, 'to', schema.added)}) USING (${keys})`
  );
  const similarity = (index: number): number => Number(rows[0]![index] ?? 0);
  return choose(pairs.map(({ from, to }, index) => ({ from: from.name, to: to.name, similarity: similarity(index) })));
}

/** Keys as k0 …, columns as f0 … or t0 … by their positions. */
function valuesOf(comparison: Comparison, side: TableSide, columns: readonly Column[]): string {
  const values = columns
    .slice(0, MAX_COLUMNS)
    .map(({ name }, position) => `${quoteName(name)} AS ${side === 'from' ? 'f' : 't'}${position}`);
  const list = [...keyColumns(comparison, side), ...values].join(', ');
  return `SELECT ${list} FROM ${quoteName(comparison[side].view)}`;
}

function choose(candidates: SchemaDiff['renamed']): SchemaDiff['renamed'] {
  const chosen: SchemaDiff['renamed'][number][] = [];
  for (const candidate of [...candidates].sort((a, b) => b.similarity - a.similarity)) {
    if (
      candidate.similarity >= SIMILAR &&
      !chosen.some(({ from, to }) => from === candidate.from || to === candidate.to)
    ) {
      chosen.push(candidate);
    }
  }
  return chosen;
}
