import type { TranslationBundle } from '@jupyterlab/translation';
import type { Column, ColumnKind, RowFilter, SortKey } from '../../core/model/table';

export type Operator = RowFilter['operator'];

const ordered: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>='];
const nulls: readonly Operator[] = ['is-null', 'is-not-null'];
const operators: Readonly<Record<ColumnKind, readonly Operator[]>> = {
  number: [...ordered, ...nulls],
  time: [...ordered, ...nulls],
  string: ['contains', ...ordered, ...nulls],
  boolean: ['=', '!=', ...nulls],
  list: ['contains', ...nulls],
  struct: ['contains', ...nulls],
  binary: nulls,
  other: ['contains', '=', '!=', ...nulls]
};

/** What one can ask of a column's values; the most useful first. */
export const operatorsOf = (kind: ColumnKind): readonly Operator[] => operators[kind];

/** False for those that ask for null. */
export const takesValue = (operator: Operator): boolean => !nulls.includes(operator);

export function operatorInWords(operator: Operator, trans: TranslationBundle): string {
  const words: Record<Operator, string> = {
    '=': '=',
    '!=': '≠',
    '<': '<',
    '<=': '≤',
    '>': '>',
    '>=': '≥',
    contains: trans.__('contains'),
    'is-null': trans.__('is null'),
    'is-not-null': trans.__('is not null')
  };
  return words[operator];
}

/** The filter that was typed; null when it has no value yet, or one that its column cannot have. */
export function makeFilter(column: Column, operator: Operator, typed: string): RowFilter | null {
  if (!takesValue(operator)) {
    return { column: column.name, operator };
  }
  const value = parse(column.kind, typed);
  return value === null ? null : { column: column.name, operator, value };
}

function parse(kind: ColumnKind, typed: string): string | number | boolean | null {
  switch (kind) {
    case 'number':
      return parseNumber(typed.trim());
    case 'boolean':
      return typed === 'true' ? true : typed === 'false' ? false : null;
    case 'time':
      return typed.trim() || null;
    default:
      // The empty string is a value like any other.
      return typed;
  }
}

/** Digits that a double cannot hold stay text; the core compares them exactly. */
function parseNumber(typed: string): number | string | null {
  const value = Number(typed);
  if (typed === '' || !Number.isFinite(value)) {
    return null;
  }
  return /^[+-]?\d+$/.test(typed) && !Number.isSafeInteger(value) ? typed : value;
}

/** `price ≥ 500` */
export function filterInWords({ column, operator, value }: RowFilter, trans: TranslationBundle): string {
  const words = operatorInWords(operator, trans);
  if (value === undefined) {
    return trans.__('%1 %2', column, words);
  }
  return trans.__('%1 %2 %3', column, words, typeof value === 'string' ? `“${value}”` : String(value));
}

/**
 * The order after a click on a column: ascending, then descending, then as in the file. With `add` the column joins
 * those that sort already, after them.
 */
export function nextSort(sort: readonly SortKey[], column: string, add: boolean): readonly SortKey[] {
  const known = sort.find(key => key.column === column);
  const others = add ? sort.filter(key => key.column !== column) : [];
  if (!known) {
    return [...others, { column }];
  }
  if (known.descending) {
    return others;
  }
  const turned = { column, descending: true };
  return add ? sort.map(key => (key.column === column ? turned : key)) : [turned];
}
