/** How rows are chosen on the command line: `--rows 100..150`, `--sort -price`, `--filter 'price>3'`. */
import { InvalidArgumentError } from 'commander';
import { PAGE_MAX_ROWS } from '../../core/model/table';
import type { PageArgs, RowFilter, SortKey } from '../../core/model/table';

export type RowOptions = {
  readonly rows?: { readonly offset: number; readonly limit: number };
  readonly sort?: readonly SortKey[];
  readonly filter?: readonly RowFilter[];
};

const DEFAULT_ROWS = 20;

/** undefined when no rows are wanted. */
export function toPage({ rows, sort, filter }: RowOptions): PageArgs | undefined {
  if (!rows && !sort && !filter) {
    return undefined;
  }
  return { ...(rows ?? { offset: 0, limit: DEFAULT_ROWS }), ...(sort && { sort }), ...(filter && { filter }) };
}

/** `100..150` is rows 100 to 149, counted from 0; `20` the first twenty. */
export function parseRows(text: string): { readonly offset: number; readonly limit: number } {
  const [, first, second] = /^(\d{1,15})(?:\.\.(\d{1,15}))?$/.exec(text) ?? [];
  const [start, end] = second === undefined ? [0, Number(first)] : [Number(first), Number(second)];
  if (first === undefined || end < start) {
    throw new InvalidArgumentError('It must be like 20, or like 100..150.');
  }
  if (end - start > PAGE_MAX_ROWS) {
    throw new InvalidArgumentError(`At most ${PAGE_MAX_ROWS} rows are shown at a time.`);
  }
  return { offset: start, limit: end - start };
}

/** `price`, or `-price` for the greatest first; the option can be given several times. */
export function parseSort(text: string, before: readonly SortKey[] = []): readonly SortKey[] {
  const descending = text.startsWith('-');
  return [...before, { column: descending ? text.slice(1) : text, ...(descending && { descending }) }];
}

const COMPARISON = /^(?:"((?:[^"]|"")+)"|([^<>=!~]+?))\s*(!=|<=|>=|=|<|>|~)\s*(.*)$/s;
const NULL = /^(?:"((?:[^"]|"")+)"|(.+?))\s+is\s+(not\s+)?null$/is;

/** `price>3`, `name~ada` (has in it), `note is null`, `"a=b"=1`; the option can be given several times. */
export function parseFilter(text: string, before: readonly RowFilter[] = []): readonly RowFilter[] {
  const isNull = NULL.exec(text);
  if (isNull) {
    const [, quoted, plain, not] = isNull;
    return [...before, { column: nameOf(quoted, plain), operator: not ? 'is-not-null' : 'is-null' }];
  }
  const [, quoted, plain, operator, value] = COMPARISON.exec(text) ?? [];
  if (operator === undefined || value === undefined) {
    throw new InvalidArgumentError('It must be like price>3, name=Ada, name~ad (has in it) or note is null.');
  }
  const words = operator === '~' ? 'contains' : (operator as RowFilter['operator']);
  return [...before, { column: nameOf(quoted, plain), operator: words, value }];
}

function nameOf(quoted: string | undefined, plain: string | undefined): string {
  return quoted === undefined ? plain!.trim() : quoted.replaceAll('""', '"');
}
