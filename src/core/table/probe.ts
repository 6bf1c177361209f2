/** Questions about the rows that statistics leave open, put to DuckDB: many in one pass. */
import type { Cell } from '../model/table';
import { DOMAIN_MAX_VALUES } from '../model/table-schema';
import type { ITableSession, SqlValue } from '../port';
import { quoteName } from './sql';

/** Gives the placeholder of a value: text from files never becomes SQL. */
export type Bind = (value: SqlValue) => string;

export type Probe = {
  /** SQL of an aggregate over the table. */
  readonly count: (bind: Bind) => string;
  /** SQL of a query that gives values, as text, and how often they stand there; null when no value can show it. */
  readonly examples: ((from: string, bind: Bind) => string) | null;
};

export type Found = {
  readonly count: number;
  readonly examples: readonly { readonly value: Cell; readonly count: number }[];
};
export const EXAMPLES = 3;
/** Each takes a reading of its column. */
const MAX_WITH_EXAMPLES = 50;
const MAX_EXAMPLE_CHARACTERS = 200;
/** Aggregates in one query; more make DuckDB's plans slow. */
const PROBES_A_QUERY = 200;

/** Rows for which a condition holds; `shown`: SQL of the value to show. */
export function rowsWhere(shown: string, condition: (bind: Bind) => string): Probe {
  return {
    count: bind => `count(*) FILTER (WHERE ${condition(bind)})`,
    examples: (from, bind) => topValues(shown, from, `WHERE ${condition(bind)}`)
  };
}

/** Rows that stand beside another with the same values, all but one of each; rows with a null do not count. */
export function duplicateRows(columns: readonly string[]): Probe {
  const names = columns.map(quoteName);
  const present = names.map(name => `${name} IS NOT NULL`).join(' AND ');
  const value = names.length === 1 ? names[0]! : `(${names.join(', ')})`;
  return {
    count: () => `count(*) FILTER (WHERE ${present}) - count(DISTINCT ${value}) FILTER (WHERE ${present})`,
    examples: from => topValues(value, from, `WHERE ${present}`, 'HAVING count(*) > 1')
  };
}

/** Different values. */
export function distinctValues(column: string): Probe {
  return { count: () => `count(DISTINCT ${quoteName(column)})`, examples: null };
}

/** Only what is shown is made text: a key may have millions of values. */
function topValues(value: string, from: string, where: string, having = ''): string {
  return (
    `SELECT left(CAST(value AS VARCHAR), ${MAX_EXAMPLE_CHARACTERS}), times FROM (SELECT ${value} AS value, ` +
    `count(*) AS times FROM ${from} ${where} GROUP BY 1 ${having} ORDER BY times DESC, value LIMIT ${EXAMPLES})`
  );
}

/** The answers, in the order of the probes. `from`: SQL of the table. Examples only where `wanted` says so. */
export async function runProbes(
  session: ITableSession,
  from: string,
  probes: readonly Probe[],
  wanted: (index: number, count: number) => boolean
): Promise<readonly Found[]> {
  const found: Found[] = [];
  let shown = 0;
  for (let start = 0; start < probes.length; start += PROBES_A_QUERY) {
    const counts = await countAll(session, from, probes.slice(start, start + PROBES_A_QUERY));
    for (const [index, count] of counts.entries()) {
      const { examples } = probes[start + index]!;
      const show = examples && shown < MAX_WITH_EXAMPLES && wanted(start + index, count);
      shown += show ? 1 : 0;
      found.push({ count, examples: show ? await queryExamples(session, from, examples) : [] });
    }
  }
  return found;
}

async function countAll(session: ITableSession, from: string, probes: readonly Probe[]): Promise<readonly number[]> {
  const { bind, parameters } = binder();
  const { rows } = await session.query(
    `SELECT ${probes.map(probe => probe.count(bind)).join(', ')} FROM ${from}`,
    parameters
  );
  return rows[0]!.map(Number);
}

async function queryExamples(
  session: ITableSession,
  from: string,
  examples: NonNullable<Probe['examples']>
): Promise<Found['examples']> {
  const { bind, parameters } = binder();
  const { rows } = await session.query(examples(from, bind), parameters);
  return rows.map(([value, count]) => ({ value: value === null ? null : String(value), count: Number(count) }));
}

function binder(): { readonly bind: Bind; readonly parameters: readonly SqlValue[] } {
  const parameters: SqlValue[] = [];
  return { bind: value => `$${parameters.push(value)}`, parameters };
}

/** All values of text columns; null for one with more than a domain may have. */
export async function listDomains(
  session: ITableSession,
  from: string,
  columns: readonly string[]
): Promise<ReadonlyMap<string, readonly string[] | null>> {
  const domains = new Map<string, readonly string[] | null>();
  for (const column of columns) {
    const name = quoteName(column);
    const { rows } = await session.query(
      `SELECT DISTINCT CAST(${name} AS VARCHAR) FROM ${from} WHERE ${name} IS NOT NULL LIMIT ${DOMAIN_MAX_VALUES + 1}`
    );
    const values = rows.map(([value]) => String(value)).sort();
    domains.set(column, values.length > DOMAIN_MAX_VALUES ? null : values);
  }
  return domains;
}

/** Does each value stand on one row only? */
export async function isUnique(session: ITableSession, from: string, column: string): Promise<boolean> {
  const [found] = await runProbes(session, from, [duplicateRows([column])], () => false);
  return found!.count === 0;
}
