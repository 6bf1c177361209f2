/** Which columns name a row: named, declared, from the file's own index, else the smallest set found to be unique. */
import { BranchbookError } from '../error';
import type { KeySource } from '../model/table';
import type { ITableSession } from '../port/tables';
import type { TableSide } from './compare-rows';
import { quoteName } from './sql';
import { fromValue, toValue } from './shared-columns';
import type { Relation, SharedColumn } from './shared-columns';

export type KeyWish = {
  /** By the caller; every one must be a column of both sides. None: no key at all. */
  readonly named?: readonly string[] | undefined;
  /** In the schema file. */
  readonly declared?: readonly string[] | undefined;
  /** Index columns that both files name. */
  readonly index?: readonly string[] | undefined;
};

export type FoundKey = { readonly columns: readonly SharedColumn[]; readonly source: KeySource };

type Sides = { readonly from: Relation; readonly to: Relation; readonly shared: readonly SharedColumn[] };

/** Bounds of the search, so that a wide table costs no more than some readings of some columns. */
const MAX_CANDIDATES = 200;
const MAX_SINGLES = 8;
const MAX_PAIRS = 10;
/** HyperLogLog may be off by this much. */
const APPROXIMATE_SHARE = 0.75;
/** A column whose values hardly meet on both sides is unique by chance. */
const SAMPLE_KEYS = 2000;
const MEETING_SHARE = 0.5;

/** null when nothing is unique on both sides. USAGE for a named column that one side lacks. */
export async function findKey(session: ITableSession, sides: Sides, wish: KeyWish): Promise<FoundKey | null> {
  if (wish.named) {
    return wish.named.length === 0
      ? null
      : { columns: [...new Set(wish.named)].map(name => named(sides, name)), source: 'named' };
  }
  const declared = columnsOf(sides, wish.declared);
  if (declared) {
    return { columns: declared, source: 'declared' };
  }
  const index = columnsOf(sides, wish.index);
  if (index && (await isUnique(session, sides, index))) {
    return { columns: index, source: 'index' };
  }
  const columns = await search(session, sides);
  return columns && { columns, source: 'found' };
}

/**
 * A column whose name says that it is the key, and that may well be unique: comparing rows by it proves that it is, or
 * that it is not, and costs no more than counting its values would.
 */
export async function guessKey(session: ITableSession, sides: Sides, wish: KeyWish): Promise<FoundKey | null> {
  const told = wish.named ?? columnsOf(sides, wish.declared) ?? columnsOf(sides, wish.index);
  if (told || (sides.from.rows === 0 && sides.to.rows === 0)) {
    return null;
  }
  const hinted = likely(sides).filter(({ hint }) => hint === 0);
  const rows = Math.max(sides.from.rows, sides.to.rows);
  const candidates = await findCandidates(session, sides, hinted.slice(0, 1));
  const found = candidates.find(({ distinct }) => distinct >= APPROXIMATE_SHARE * rows);
  return found ? { columns: [found.column], source: 'found' } : null;
}

function named({ from, to, shared }: Sides, name: string): SharedColumn {
  const column = shared.find(other => other.name === name);
  if (column) {
    return column;
  }
  const here = [from, to].some(side => side.columns.some(other => other.name === name));
  const names = shared.slice(0, 20).map(other => other.name);
  throw new BranchbookError(
    'USAGE',
    here ? `Only one of the two tables has the column ${name}.` : `The tables have no column ${name}.`,
    { argument: 'key', reason: 'it must be a column of both tables', columns: names },
    names.length > 0 ? `Both have ${names.join(', ')}.` : 'They have no column in common.'
  );
}

function columnsOf({ shared }: Sides, names: readonly string[] | undefined): readonly SharedColumn[] | null {
  const columns = (names ?? []).map(name => shared.find(column => column.name === name));
  return columns.length > 0 && columns.every(column => column !== undefined) ? columns : null;
}

type Candidate = Likely & { readonly distinct: number };

async function search(session: ITableSession, sides: Sides): Promise<readonly SharedColumn[] | null> {
  if (sides.from.rows === 0 && sides.to.rows === 0) {
    return null;
  }
  const candidates = await findCandidates(session, sides, likely(sides));
  const rows = Math.max(sides.from.rows, sides.to.rows);
  const singles = candidates.filter(({ distinct }) => distinct >= APPROXIMATE_SHARE * rows);
  for (const { column, hint } of singles.slice(0, MAX_SINGLES)) {
    if (await isKey(session, sides, [column], hint)) {
      return [column];
    }
  }
  for (const [a, b] of pairs(candidates, rows).slice(0, MAX_PAIRS)) {
    if (await isKey(session, sides, [a.column, b.column], Math.min(a.hint, b.hint))) {
      return [a.column, b.column];
    }
  }
  return null;
}

type Likely = { readonly column: SharedColumn; readonly hint: number };

/** Columns that are no measurements, likeliest first. */
function likely({ shared }: Sides): readonly Likely[] {
  return shared
    .filter(({ kind, type }) => ['number', 'string', 'time', 'other'].includes(kind) && !/^(FLOAT|DOUBLE)/.test(type))
    .map((column, position) => ({ column, hint: hintOf(column.name), position }))
    .sort((a, b) => a.hint - b.hint || a.position - b.position)
    .slice(0, MAX_CANDIDATES);
}

/** Those without null, with the number of different values on the poorer side. */
async function findCandidates(
  session: ITableSession,
  sides: Sides,
  columns: readonly Likely[]
): Promise<readonly Candidate[]> {
  if (columns.length === 0) {
    return [];
  }
  const counted: (readonly number[])[] = [];
  for (const side of ['from', 'to'] as const) {
    const terms = columns.flatMap(({ column }) => [
      `count(${valueOf(column, side)})`,
      `approx_count_distinct(${valueOf(column, side)})`
    ]);
    const { rows } = await session.query(`SELECT ${terms.join(', ')} FROM ${quoteName(sides[side].view)}`);
    counted.push(rows[0]!.map(Number));
  }
  const scale = (side: 0 | 1, own: number): number => {
    const rows = [sides.from.rows, sides.to.rows];
    return rows[side] === 0 ? Infinity : (own * Math.max(...rows)) / rows[side]!;
  };
  return columns.flatMap(({ column, hint }, index) => {
    const full = counted[0]![2 * index] === sides.from.rows && counted[1]![2 * index] === sides.to.rows;
    const distinct = Math.min(scale(0, counted[0]![2 * index + 1]!), scale(1, counted[1]![2 * index + 1]!));
    return full ? [{ column, hint, distinct }] : [];
  });
}

/** Smaller is likelier. */
function hintOf(name: string): number {
  if (/^(id|key|uuid|guid|index|pk|__index_level_\d+__)$/i.test(name)) {
    return 0;
  }
  return /(^|[_\- .])(id|key|uuid|guid|code|pk|nr|no|number)$/i.test(name) || /[a-z](Id|ID|Key|Uuid|UUID)$/.test(name)
    ? 1
    : 2;
}

/** Pairs that could be unique, likeliest first, then those with the fewest values to spare. */
function pairs(candidates: readonly Candidate[], rows: number): readonly (readonly [Candidate, Candidate])[] {
  const list = candidates.slice(0, 40);
  return list
    .flatMap((a, index) => list.slice(index + 1).map(b => [a, b] as const))
    .filter(([a, b]) => a.distinct * b.distinct >= APPROXIMATE_SHARE * rows && a.distinct > 1 && b.distinct > 1)
    .sort(([a, b], [c, d]) => a.hint + b.hint - (c.hint + d.hint) || a.distinct * b.distinct - c.distinct * d.distinct);
}

async function isKey(
  session: ITableSession,
  sides: Sides,
  columns: readonly SharedColumn[],
  hint: number
): Promise<boolean> {
  return (await isUnique(session, sides, columns)) && (hint === 0 || (await doMeet(session, sides, columns)));
}

/** Exactly, on both sides; null counts as not unique. */
async function isUnique(session: ITableSession, sides: Sides, columns: readonly SharedColumn[]): Promise<boolean> {
  for (const side of ['from', 'to'] as const) {
    const values = columns.map(column => valueOf(column, side));
    const filled = values.map(value => `${value} IS NOT NULL`).join(' AND ');
    const { rows } = await session.query(
      `SELECT count(*) FROM (SELECT DISTINCT ${values.join(', ')} FROM ${quoteName(sides[side].view)} WHERE ${filled})`
    );
    if (Number(rows[0]![0]) !== sides[side].rows) {
      return false;
    }
  }
  return true;
}

/** Whether enough of the first values of one side are on the other. */
async function doMeet(session: ITableSession, sides: Sides, columns: readonly SharedColumn[]): Promise<boolean> {
  if (sides.from.rows === 0 || sides.to.rows === 0) {
    return true;
  }
  const [few, many] = sides.from.rows < sides.to.rows ? (['from', 'to'] as const) : (['to', 'from'] as const);
  const list = (side: TableSide): string =>
    columns.map((column, position) => `${valueOf(column, side)} AS k${position}`).join(', ');
  const using = columns.map((_, position) => `k${position}`).join(', ');
  const sample = `(SELECT ${list(few)} FROM ${quoteName(sides[few].view)} LIMIT ${SAMPLE_KEYS})`;
  const { rows } = await session.query(
    `SELECT count(*) FROM (SELECT ${list(many)} FROM ${quoteName(sides[many].view)}) SEMI JOIN ${sample} USING (${using})`
  );
  return Number(rows[0]![0]) >= MEETING_SHARE * Math.min(SAMPLE_KEYS, sides[few].rows);
}

function valueOf(column: SharedColumn, side: TableSide): string {
  return side === 'from' ? fromValue(column) : toValue(column);
}
