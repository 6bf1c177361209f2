/** Filters and sort orders that people choose, as SQL. Their values are parameters, their columns are checked. */
import { BranchbookError } from '../error';
import type { Column, RowFilter, SortKey } from '../model/table';
import type { SqlValue } from '../port';
import { quoteName } from './sql';

export type Condition = { readonly sql: string; readonly parameters: readonly SqlValue[] };

/** All of them; parameters are counted from $1. USAGE for an unknown column or a value that cannot be compared. */
export function filterSql(filters: readonly RowFilter[], columns: readonly Column[]): Condition {
  const parameters: SqlValue[] = [];
  const take = (value: SqlValue): string => `$${parameters.push(value)}`;
  const parts = filters.map(filter => condition(filter, find(columns, filter.column), take));
  return { sql: parts.length === 0 ? 'true' : parts.map(part => `(${part})`).join(' AND '), parameters };
}

/** After ORDER BY; empty without keys. Rows without a value come last either way. USAGE. */
export function sortSql(keys: readonly SortKey[], columns: readonly Column[]): string {
  return keys
    .map(key => `${quoteName(find(columns, key.column).name)} ${key.descending ? 'DESC' : 'ASC'} NULLS LAST`)
    .join(', ');
}

export function find(columns: readonly Column[], name: string): Column {
  const column = columns.find(candidate => candidate.name === name);
  if (!column) {
    throw usage(
      `There is no column ${name}.`,
      `The columns are: ${columns
        .slice(0, 20)
        .map(c => c.name)
        .join(', ')}.`
    );
  }
  return column;
}

function condition(filter: RowFilter, column: Column, take: (value: SqlValue) => string): string {
  const name = quoteName(column.name);
  const { operator, value } = filter;
  if (operator === 'is-null' || operator === 'is-not-null') {
    return `${name} IS ${operator === 'is-null' ? '' : 'NOT '}NULL`;
  }
  if (value === undefined) {
    throw usage(`The filter on ${filter.column} has nothing to compare with.`, 'Give it a value.');
  }
  if (operator === 'contains') {
    return `contains(lower(CAST(${name} AS VARCHAR)), lower(${take(String(value))}))`;
  }
  const { left, right } = operands(column, value, take);
  // A row without a value is different from every value.
  return operator === '!=' ? `${left} IS DISTINCT FROM ${right}` : `${left} ${operator} ${right}`;
}

function operands(
  column: Column,
  value: string | number | boolean,
  take: (value: SqlValue) => string
): { readonly left: string; readonly right: string } {
  const name = quoteName(column.name);
  switch (column.kind) {
    case 'number':
      return { left: name, right: number(column, value, take) };
    case 'boolean':
      return { left: name, right: `${take(truth(column, value))}::BOOLEAN` };
    case 'time':
      return {
        left: name,
        right: `CAST(${take(String(value))} AS ${column.type === 'DATE' ? 'TIMESTAMP' : column.type})`
      };
    case 'string':
      return { left: `CAST(${name} AS VARCHAR)`, right: take(String(value)) };
    default:
      return { left: `CAST(${name} AS VARCHAR)`, right: take(String(value)) };
  }
}

/** Whole numbers are compared without a loss, whatever their size. */
function number(column: Column, value: string | number | boolean, take: (value: SqlValue) => string): string {
  const text = String(value).trim();
  if (/^[+-]?\d{1,38}$/.test(text)) {
    return `CAST(${take(text)} AS HUGEINT)`;
  }
  if (!/^[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|nan|inf(inity)?)$/i.test(text)) {
    throw usage(`${column.name} has numbers, and ${text} is none.`, 'Compare it with a number.');
  }
  return `CAST(${take(text)} AS DOUBLE)`;
}

function truth(column: Column, value: string | number | boolean): boolean {
  const text = String(value).toLowerCase();
  if (text !== 'true' && text !== 'false') {
    throw usage(`${column.name} has true and false only.`, 'Compare it with one of the two.');
  }
  return text === 'true';
}

function usage(message: string, hint: string): BranchbookError {
  return new BranchbookError('USAGE', message, { argument: 'filter', reason: message }, hint);
}
