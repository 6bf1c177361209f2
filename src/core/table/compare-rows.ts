/**
 * Which rows of two tables differ. Rows with the same key are held against each other by a 64-bit hash of their other
 * columns, so that one join of keys and hashes finds everything; only rows that differ are read again. Rows whose key
 * is null or stands on several rows, and tables without a key, are compared as bags: equal rows cancel each other.
 */
import type { ITableSession } from '../port/tables';
import { quoteName } from './sql';
import { fromValue, toValue } from './shared-columns';
import type { Relation, SharedColumn } from './shared-columns';

export type RowCounts = {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly duplicateKeys: { readonly from: number; readonly to: number };
  readonly nullKeys: { readonly from: number; readonly to: number };
};

export type Comparison = {
  readonly from: Relation;
  readonly to: Relation;
  readonly shared: readonly SharedColumn[];
  /** Those of `shared` that name a row; empty: rows are compared as a bag. */
  readonly key: readonly SharedColumn[];
};

/** Names of the tables that `compareRows` makes: keys that differ (kind, k0 …), and rows of bags (hash, copies). */
export const DIFFERING = 'differing_keys';
export const BAG = 'differing_bag';
const ODD = 'odd_keys';

/** Kinds of rows in `DIFFERING`. */
export const kinds = { same: 0, removed: 1, added: 2, changed: 3 } as const;

const regular = { duplicateKeys: { from: 0, to: 0 }, nullKeys: { from: 0, to: 0 } };

/** Leaves the tables `DIFFERING` and `BAG` in the session; the counts are exact. */
export async function compareRows(session: ITableSession, comparison: Comparison): Promise<RowCounts> {
  if (comparison.key.length === 0) {
    await emptyKeys(session);
    return { ...regular, changed: 0, ...(await compareBags(session, side => hashed(comparison, side))) };
  }
  const counts = await compareUnique(session, comparison);
  if (counts) {
    return counts;
  }
  const odd = await findOddKeys(session, comparison);
  const keys = await compareKeys(session, comparison, side => regularRows(comparison, side));
  const bags = await compareBags(session, side => oddRows(comparison, side));
  return { ...odd, changed: keys.changed, added: keys.added + bags.added, removed: keys.removed + bags.removed };
}

/** The same for a key that is unique and never null on both sides; null when it is not. */
export async function compareUnique(session: ITableSession, comparison: Comparison): Promise<RowCounts | null> {
  const direct = await compareKeys(session, comparison, side => keyed(comparison, side));
  if (!isRegular(comparison, direct)) {
    return null;
  }
  await emptyBag(session);
  return { ...regular, added: direct.added, removed: direct.removed, changed: direct.changed };
}

export type TableSide = 'from' | 'to';

function value(column: SharedColumn, side: TableSide): string {
  return side === 'from' ? fromValue(column) : toValue(column);
}

function keyNames({ key }: Comparison): readonly string[] {
  return key.map((_, position) => `k${position}`);
}

/** SQL of the hash of columns; of none it is a constant. */
function hashOf(columns: readonly SharedColumn[], side: TableSide): string {
  return columns.length === 0 ? '0::UBIGINT' : `hash(${columns.map(column => value(column, side)).join(', ')})`;
}

/** SQL of the hash by which bags are compared: of all columns that both sides have. Without any, no row equals another. */
export function rowHash({ shared }: Comparison, side: TableSide): string {
  return shared.length === 0 ? `${side === 'from' ? 0 : 1}::UBIGINT` : hashOf(shared, side);
}

/** SQL of the columns k0 … of a side. */
export function keyColumns({ key }: Comparison, side: TableSide): readonly string[] {
  return key.map((column, position) => `${value(column, side)} AS k${position}`);
}

/** k0 …, and h: the hash of what the key does not hold. */
function keyed(comparison: Comparison, side: TableSide): string {
  const rest = comparison.shared.filter(column => !comparison.key.includes(column));
  return `SELECT ${keyColumns(comparison, side).join(', ')}, ${hashOf(rest, side)} AS h FROM ${quoteName(comparison[side].view)}`;
}

function hashed(comparison: Comparison, side: TableSide): string {
  return `SELECT ${rowHash(comparison, side)} AS r FROM ${quoteName(comparison[side].view)}`;
}

function someNull(names: readonly string[]): string {
  return `(${names.map(name => `${name} IS NULL`).join(' OR ')})`;
}

function regularRows(comparison: Comparison, side: TableSide): string {
  const names = keyNames(comparison);
  return `FROM (${keyed(comparison, side)}) ANTI JOIN ${ODD} USING (${names.join(', ')}) WHERE NOT ${someNull(names)}`;
}

function oddRows(comparison: Comparison, side: TableSide): string {
  const names = keyNames(comparison);
  const columns = [...keyColumns(comparison, side), `${rowHash(comparison, side)} AS r`];
  const rows = `(SELECT ${columns.join(', ')} FROM ${quoteName(comparison[side].view)})`;
  return `SELECT r FROM ${rows} SEMI JOIN ${ODD} USING (${names.join(', ')}) UNION ALL SELECT r FROM ${rows} WHERE ${someNull(names)}`;
}

type KeyCounts = {
  readonly same: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Rows with a null or repeated key that met nothing on the other side. */
  readonly repeated: boolean;
};

/** Equal rows all fall into one group, so that counting them costs nothing; every key that differs is a group of its own. */
async function compareKeys(
  session: ITableSession,
  comparison: Comparison,
  rows: (side: TableSide) => string
): Promise<KeyCounts> {
  const names = keyNames(comparison);
  const kind = `CASE WHEN f.h = t.h THEN ${kinds.same} WHEN t.h IS NULL THEN ${kinds.removed} WHEN f.h IS NULL THEN ${kinds.added} ELSE ${kinds.changed} END::UTINYINT`;
  const keys = names.map(name => `CASE WHEN f.h = t.h THEN NULL ELSE coalesce(f.${name}, t.${name}) END AS ${name}`);
  const on = names.map(name => `f.${name} = t.${name}`).join(' AND ');
  await session.query(
    `CREATE OR REPLACE TEMP TABLE ${DIFFERING} AS SELECT kind, ${names.join(', ')}, count(*) AS n FROM ` +
      `(SELECT ${kind} AS kind, ${keys.join(', ')} FROM (${rows('from')}) f FULL JOIN (${rows('to')}) t ON ${on}) ` +
      `GROUP BY ALL`
  );
  const { rows: counted } = await session.query(
    `SELECT kind, sum(n)::BIGINT, coalesce(bool_or(n > 1 OR ${someNull(names)}), false) FROM ${DIFFERING} GROUP BY kind`
  );
  await session.query(`DELETE FROM ${DIFFERING} WHERE kind = ${kinds.same}`);
  const of = (wanted: number): number => Number(counted.find(row => Number(row[0]) === wanted)?.[1] ?? 0);
  return {
    same: of(kinds.same),
    removed: of(kinds.removed),
    added: of(kinds.added),
    changed: of(kinds.changed),
    repeated: counted.some(row => Number(row[0]) !== kinds.same && row[2] === true)
  };
}

/** A key on several rows makes more pairs than there are rows, or is repeated among those without a partner. */
function isRegular({ from, to }: Comparison, { same, added, removed, changed, repeated }: KeyCounts): boolean {
  return !repeated && same + changed + removed === from.rows && same + changed + added === to.rows;
}

async function findOddKeys(
  session: ITableSession,
  comparison: Comparison
): Promise<Pick<RowCounts, 'duplicateKeys' | 'nullKeys'>> {
  const names = keyNames(comparison);
  const list = names.join(', ');
  const repeated = (side: TableSide): string =>
    `SELECT ${list}, '${side}' AS side FROM (SELECT ${keyColumns(comparison, side).join(', ')} FROM ${quoteName(comparison[side].view)}) ` +
    `WHERE NOT ${someNull(names)} GROUP BY ${list} HAVING count(*) > 1`;
  await session.query(
    `CREATE OR REPLACE TEMP TABLE ${ODD} AS SELECT ${list}, bool_or(side = 'from') AS twice_from, bool_or(side = 'to') AS twice_to ` +
      `FROM (${repeated('from')} UNION ALL ${repeated('to')}) GROUP BY ${list}`
  );
  const nulls = (side: TableSide): string =>
    `(SELECT count(*) FROM (SELECT ${keyColumns(comparison, side).join(', ')} FROM ${quoteName(comparison[side].view)}) WHERE ${someNull(names)})`;
  const { rows } = await session.query(
    `SELECT count(*) FILTER (twice_from), count(*) FILTER (twice_to), ${nulls('from')}, ${nulls('to')} FROM ${ODD}`
  );
  const [from, to, nullFrom, nullTo] = rows[0]!.map(Number);
  return { duplicateKeys: { from: from!, to: to! }, nullKeys: { from: nullFrom!, to: nullTo! } };
}

async function compareBags(
  session: ITableSession,
  rows: (side: TableSide) => string
): Promise<{ readonly added: number; readonly removed: number }> {
  await session.query(
    `CREATE OR REPLACE TEMP TABLE ${BAG} AS SELECT r, sum(n)::BIGINT AS n FROM ` +
      `(SELECT r, 1 AS n FROM (${rows('from')}) UNION ALL SELECT r, -1 AS n FROM (${rows('to')})) GROUP BY r HAVING sum(n) <> 0`
  );
  const counted = await session.query(
    `SELECT coalesce(sum(n) FILTER (n > 0), 0)::BIGINT, coalesce(-sum(n) FILTER (n < 0), 0)::BIGINT FROM ${BAG}`
  );
  const [removed, added] = counted.rows[0]!.map(Number);
  return { removed: removed!, added: added! };
}

async function emptyBag(session: ITableSession): Promise<void> {
  await session.query(`CREATE OR REPLACE TEMP TABLE ${BAG} (r UBIGINT, n BIGINT)`);
}

async function emptyKeys(session: ITableSession): Promise<void> {
  await session.query(`CREATE OR REPLACE TEMP TABLE ${DIFFERING} (kind UTINYINT, n BIGINT)`);
}
