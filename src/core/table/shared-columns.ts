/** The columns that two tables both have, how their values are made comparable, and what else differs in their schemas. */
import type { SchemaDiff } from '../model/diff';
import type { Column, ColumnKind } from '../model/table';
import { kindOfType } from './columns';
import { commonType, isEnumeration } from './common-type';
import { quoteName } from './sql';

/** One side of a comparison: a table of the session. */
export type Relation = {
  /** Name of the view. */
  readonly view: string;
  readonly columns: readonly Column[];
  readonly rows: number;
};

export type SharedColumn = {
  readonly name: string;
  readonly kind: ColumnKind;
  /** What both sides are cast to for comparing. */
  readonly type: string;
  readonly fromType: string;
  readonly toType: string;
};

/** In the order of `to`. */
export function sharedColumns(from: Relation, to: Relation): readonly SharedColumn[] {
  const before = new Map(from.columns.map(column => [column.name, column]));
  return to.columns.flatMap(({ name, type: toType }) => {
    const fromColumn = before.get(name);
    if (!fromColumn) {
      return [];
    }
    const type = commonType(fromColumn.type, toType);
    return [{ name, type, kind: kindOfType(type), fromType: fromColumn.type, toType }];
  });
}

/** SQL for a column's value as it is compared. `own`: the type it has on its side; `value`: SQL of the value itself. */
export function comparable({ type }: SharedColumn, own: string, value: string): string {
  return own === type && !isEnumeration(own) ? value : `CAST(${value} AS ${type})`;
}

export function fromValue(column: SharedColumn): string {
  return comparable(column, column.fromType, quoteName(column.name));
}

export function toValue(column: SharedColumn): string {
  return comparable(column, column.toType, quoteName(column.name));
}

/** Everything but renamed columns, which need values. */
export function diffSchemas(from: Relation, to: Relation): SchemaDiff {
  const before = new Set(from.columns.map(({ name }) => name));
  const after = new Set(to.columns.map(({ name }) => name));
  const both = sharedColumns(from, to);
  const order = from.columns.filter(({ name }) => after.has(name)).map(({ name }) => name);
  return {
    added: to.columns.filter(({ name }) => !before.has(name)),
    removed: from.columns.filter(({ name }) => !after.has(name)),
    retyped: both
      .filter(({ fromType, toType }) => fromType !== toType)
      .map(({ name, fromType, toType }) => ({ name, from: fromType, to: toType })),
    renamed: [],
    reordered: both.some(({ name }, position) => name !== order[position])
  };
}
