/** The rows that differ, read again: as a table of the session that pages, counts and exports are taken from. */
import type { DiffRowsArgs, RowChange, RowDiff, TableDiff } from '../model/diff';
import type { Cell, Column } from '../model/table';
import type { ITableSession, SqlValue } from '../port/tables';
import { cellSql, toCell } from './cell';
import { BAG, DIFFERING, keyColumns, kinds, rowHash } from './compare-rows';
import type { Comparison, RowCounts, TableSide } from './compare-rows';
import { quoteName, quoteText } from './sql';
import { comparable } from './shared-columns';
import type { SharedColumn } from './shared-columns';

/** More rows than these are not kept: each page reads them again. */
export const KEPT_ROWS = 1_000_000;
/** Rows of a bag are put in the order of at most so many columns. */
const ORDER_COLUMNS = 16;
/** Columns that one query counts or reads. */
const GROUP = 200;
const CHANGES = 'changes';

/** A column of either side, at its position in `TableDiff.columns`. */
type Place = {
  readonly column: Column;
  readonly shared: SharedColumn | null;
  /** null where that side lacks it. */
  readonly fromType: string | null;
  readonly toType: string | null;
};

export class ChangedRows {
  private readonly _places: readonly Place[];

  constructor(
    private readonly _session: ITableSession,
    private readonly _comparison: Comparison
  ) {
    this._places = placesOf(_comparison);
  }

  /** Those of either side, keys first; a column that both have with its type in `to`. */
  get columns(): readonly Column[] {
    return this._places.map(({ column }) => column);
  }

  /** Read them; needs the tables of `compareRows`. */
  async collect({ added, removed, changed }: RowCounts): Promise<void> {
    const form = added + removed + 2 * changed > KEPT_ROWS ? 'VIEW' : 'TABLE';
    const { key } = this._comparison;
    for (const side of key.length > 0 ? (['from', 'to'] as const) : []) {
      await this._session.query(`CREATE OR REPLACE TEMP ${form} keyed_${side} AS ${this._keyedRows(side)}`);
    }
    const bag = await this._session.query(`SELECT count(*) FROM ${BAG}`);
    const bags = key.length === 0 || Number(bag.rows[0]![0]) > 0 ? [this._bag('from'), this._bag('to')] : [];
    const parts = [...(key.length > 0 ? [this._pairs()] : []), ...bags];
    await this._session.query(`CREATE OR REPLACE TEMP ${form} ${CHANGES} AS ${parts.join(' UNION ALL ')}`);
  }

  /** How many rows changed in each column; only those above 0, in the order of the columns. */
  async changedCells(): Promise<TableDiff['changedCells']> {
    const counts: number[] = [];
    const compared = this._compared();
    for (const group of groupsOf(compared)) {
      const terms = group.map(({ differs }) => `count(*) FILTER (${differs})`);
      const { rows } = await this._session.query(
        `SELECT ${terms.join(', ')} FROM ${CHANGES} WHERE kind = ${kinds.changed}`
      );
      counts.push(...rows[0]!.map(Number));
    }
    return compared
      .map(({ place }, index) => ({ column: place.column.name, count: counts[index]! }))
      .filter(({ count }) => count > 0);
  }

  /** In the order of the key. */
  async page(args: DiffRowsArgs): Promise<readonly RowDiff[]> {
    const parts: (readonly (readonly SqlValue[])[])[] = [];
    for (const group of groupsOf(this._places.map((_, position) => position))) {
      parts.push(await this._pageOf(group, args));
    }
    return (parts[0] ?? []).map(([kind], row) => {
      const rows = parts.map(part => part[row]!);
      const cells = rows.flatMap(([, list]) =>
        list === '' || list === null ? [] : String(list).split(',').map(Number)
      );
      return toRowDiff(
        Number(kind),
        rows.flatMap(values => values.slice(2)),
        cells
      );
    });
  }

  /** Kind, positions of the cells that differ, old and new values: of some of the columns. */
  private async _pageOf(
    group: readonly number[],
    { offset, limit, kind }: DiffRowsArgs
  ): Promise<readonly (readonly SqlValue[])[]> {
    const compared = this._compared().filter(({ position }) => group.includes(position));
    const list = compared.map(({ position, differs }) => `CASE WHEN ${differs} THEN ${position} END`);
    const cells =
      list.length > 0
        ? `CASE WHEN kind = ${kinds.changed} THEN array_to_string([${list.join(', ')}], ',') END`
        : 'NULL';
    const values = group.flatMap(position => {
      const { fromType, toType } = this._places[position]!;
      return [
        cellSql({ name: `f${position}`, type: fromType ?? toType! }),
        cellSql({ name: `t${position}`, type: toType ?? fromType! })
      ];
    });
    const { rows } = await this._session.query(
      `SELECT kind, ${cells}, ${values.join(', ')} FROM ${CHANGES} ${where(kind)} ` +
        `ORDER BY ${this._order()} LIMIT ${limit} OFFSET ${offset}`
    );
    return rows;
  }

  /** Write all of them: _change, the key, then old and new values of every column. `file`: absolute path. */
  async export(file: string, format: 'csv' | 'parquet'): Promise<void> {
    const keys = this._comparison.key.length;
    const change = `CASE kind WHEN ${kinds.removed} THEN 'removed' WHEN ${kinds.added} THEN 'added' ELSE 'changed' END`;
    const columns = this._places.flatMap(({ column: { name }, shared }, position) =>
      position < keys
        ? [
            `coalesce(${this._value(shared!, position, 'from')}, ${this._value(shared!, position, 'to')}) AS ${quoteName(name)}`
          ]
        : [`f${position} AS ${quoteName(`${name} (old)`)}`, `t${position} AS ${quoteName(`${name} (new)`)}`]
    );
    const options =
      format === 'csv'
        ? 'FORMAT csv, HEADER, USE_TMP_FILE false'
        : 'FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false';
    await this._session.query(
      `COPY (SELECT ${[`${change} AS _change`, ...columns].join(', ')} FROM ${CHANGES} ORDER BY ${this._order()}) ` +
        `TO ${quoteText(file)} (${options})`
    );
  }

  private _value(shared: SharedColumn, position: number, side: TableSide): string {
    return side === 'from'
      ? comparable(shared, shared.fromType, `f${position}`)
      : comparable(shared, shared.toType, `t${position}`);
  }

  /** Columns beside the key that both sides have, with the SQL that tells whether a changed row's cells differ. */
  private _compared(): readonly { readonly place: Place; readonly position: number; readonly differs: string }[] {
    return this._places.flatMap((place, position) => {
      const { shared } = place;
      if (!shared || position < this._comparison.key.length) {
        return [];
      }
      const [from, to] = [this._value(shared, position, 'from'), this._value(shared, position, 'to')];
      return [{ place, position, differs: `${from} IS DISTINCT FROM ${to}` }];
    });
  }

  /** By the key, else by the values that both sides have; removed before added. */
  private _order(): string {
    const keys = this._comparison.key.length;
    const sorted = this._places
      .map((place, position) => ({ ...place, position }))
      .filter(({ shared, position }) => shared && (keys === 0 || position < keys));
    const terms = sorted
      .slice(0, Math.max(keys, ORDER_COLUMNS))
      .map(
        ({ shared, position }) =>
          `coalesce(${this._value(shared!, position, 'from')}, ${this._value(shared!, position, 'to')}) ASC NULLS LAST`
      );
    return [...terms, 'kind', 'r', 'copy'].join(', ');
  }

  private _sideColumns(side: TableSide): readonly string[] {
    const [letter, type] = side === 'from' ? (['f', 'fromType'] as const) : (['t', 'toType'] as const);
    return this._places.flatMap((place, position) =>
      place[type] === null ? [] : [`${quoteName(place.column.name)} AS ${letter}${position}`]
    );
  }

  /** Rows of one side with a key that differs: few, so the file is read once more for nothing else. */
  private _keyedRows(side: TableSide): string {
    const columns = [...keyColumns(this._comparison, side), ...this._sideColumns(side)].join(', ');
    const keys = this._comparison.key.map((_, position) => `k${position}`).join(', ');
    return `SELECT * FROM (SELECT ${columns} FROM ${quoteName(this._comparison[side].view)}) SEMI JOIN ${DIFFERING} USING (${keys})`;
  }

  /** `f0, t0, f1, …`; what a side lacks is null. */
  private _columnsOf(has: (side: TableSide) => string | null): string {
    return this._places
      .flatMap(({ fromType, toType }, position) => [
        this._cell(`f${position}`, fromType ?? toType!, fromType === null ? null : has('from')),
        this._cell(`t${position}`, toType ?? fromType!, toType === null ? null : has('to'))
      ])
      .join(', ');
  }

  private _cell(name: string, type: string, source: string | null): string {
    return source === null ? `CAST(NULL AS ${type}) AS ${name}` : `${source}.${name} AS ${name}`;
  }

  private _pairs(): string {
    const on = (side: string): string =>
      this._comparison.key.map((_, position) => `d.k${position} = ${side}.k${position}`).join(' AND ');
    return (
      `SELECT d.kind AS kind, 0::UBIGINT AS r, 0::BIGINT AS copy, ${this._columnsOf(side => `keyed_${side}`)} FROM ${DIFFERING} d ` +
      `LEFT JOIN keyed_from ON ${on('keyed_from')} LEFT JOIN keyed_to ON ${on('keyed_to')}`
    );
  }

  /** As many copies of each row of a bag as one side has more than the other. */
  private _bag(side: TableSide): string {
    const [kind, sign] = side === 'from' ? [kinds.removed, 1] : [kinds.added, -1];
    const columns = [`${rowHash(this._comparison, side)} AS r`, ...this._sideColumns(side)].join(', ');
    const rows =
      `SELECT rows_.*, bag.n AS wanted, row_number() OVER (PARTITION BY rows_.r) AS copy ` +
      `FROM (SELECT ${columns} FROM ${quoteName(this._comparison[side].view)}) rows_ ` +
      `JOIN (SELECT r, n * ${sign} AS n FROM ${BAG} WHERE n * ${sign} > 0) bag ON bag.r = rows_.r`;
    return (
      `SELECT ${kind}::UTINYINT AS kind, bag_rows.r AS r, bag_rows.copy AS copy, ${this._columnsOf(other => (other === side ? 'bag_rows' : null))} ` +
      `FROM (${rows}) bag_rows WHERE copy <= wanted`
    );
  }
}

/** `values`: old and new of every column in turn. */
function toRowDiff(kind: number, values: readonly SqlValue[], cells: readonly number[]): RowDiff {
  const side = (offset: 0 | 1): readonly Cell[] => values.filter((_, index) => index % 2 === offset).map(toCell);
  const change: RowChange = kind === kinds.removed ? 'removed' : kind === kinds.added ? 'added' : 'changed';
  return {
    kind: change,
    from: change === 'added' ? null : side(0),
    to: change === 'removed' ? null : side(1),
    cells
  };
}

/** DuckDB's time to plan a query grows with the square of its columns. */
function groupsOf<T>(list: readonly T[]): readonly (readonly T[])[] {
  const groups: (readonly T[])[] = [];
  for (let start = 0; start < list.length; start += GROUP) {
    groups.push(list.slice(start, start + GROUP));
  }
  return groups;
}

function where(kind: RowChange | undefined): string {
  return kind ? `WHERE kind = ${kinds[kind]}` : '';
}

function placesOf({ from, to, shared, key }: Comparison): readonly Place[] {
  const place = (name: string): Place => {
    const [before, after] = [from, to].map(side => side.columns.find(column => column.name === name));
    return {
      column: (after ?? before)!,
      shared: shared.find(column => column.name === name) ?? null,
      fromType: before?.type ?? null,
      toType: after?.type ?? null
    };
  };
  const names = [...key, ...to.columns, ...from.columns].map(({ name }) => name);
  return [...new Set(names)].map(place);
}
