import type { Column, TopValue } from '../model/table';
import type { Basic } from './basic-statistics';
import { cellSql, toCell } from './cell';
import { quoteName } from './sql';
import type { Scope } from './scope';

const TOP = 20;
/** With at most so many different values all rows are counted, however many they are. */
const FEW = 1000;

/** True when what it holds is only some of the rows. */
export function isSampled({ name, sample }: Pick<Scope, 'name' | 'sample'>): boolean {
  return name !== sample;
}

/** Most frequent first, equally frequent ones in their own order; empty where every value is there once. */
export async function topValues(
  scope: Scope,
  columns: readonly Column[],
  basic: readonly Basic[]
): Promise<readonly (readonly TopValue[])[]> {
  const wanted = columns.flatMap((column, i) => (isWanted(column, basic[i]!) ? [i] : []));
  if (wanted.length === 0) {
    return columns.map(() => []);
  }
  const parts = wanted.map(i => `SELECT ${i} AS i, * FROM (${querySql(scope, columns[i]!, basic[i]!)})`);
  const { rows } = await scope.session.query(parts.join(' UNION ALL '));
  return columns.map((column, i) => {
    const own = rows.filter(row => Number(row[0]) === i);
    const share = isExact(scope, basic[i]!) ? 1 : scope.rows / Math.max(1, scope.sampleRows);
    return own.map(([, value, count]) => ({
      value: column.kind === 'number' && value !== null ? toCell(fromText(String(value))) : toCell(value),
      count: Math.round(Number(count) * share)
    }));
  });
}

function isWanted({ kind }: Column, { count, distinct }: Basic): boolean {
  if (count === 0 || kind === 'binary' || kind === 'struct' || kind === 'list') {
    return false;
  }
  return kind === 'boolean' || distinct <= TOP || (kind === 'string' && distinct < 0.9 * count);
}

function isExact(scope: Scope, { distinct }: Basic): boolean {
  return !isSampled(scope) || distinct <= FEW;
}

/** Text for all: the parts of one UNION are of one type. */
function querySql(scope: Scope, column: Column, basic: Basic): string {
  const name = quoteName(column.name);
  const from = quoteName(isExact(scope, basic) ? scope.name : scope.sample);
  return `SELECT CAST(${cellSql(column)} AS VARCHAR) AS v, n FROM
    (SELECT ${name}, count(*) AS n FROM ${from} WHERE ${name} IS NOT NULL GROUP BY ${name} ORDER BY n DESC, ${name} LIMIT ${TOP})`;
}

/** Numbers as the engine would have given them. */
function fromText(text: string): number | bigint | string {
  if (/^[+-]?\d+$/.test(text)) {
    return BigInt(text);
  }
  const words: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, '-inf': -Infinity };
  return words[text] ?? (Number.isNaN(Number(text)) ? text : Number(text));
}
