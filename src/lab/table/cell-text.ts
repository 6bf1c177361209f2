import type { Cell } from '../../core/model/table';

/** Characters of a value that a cell of the grid draws; the rest is far beyond any column's width. */
const drawn = 300;

/** A value as the grid draws it on one line. `undefined` has not been loaded yet. */
export function cellText(value: Cell | undefined): string {
  if (value === undefined) {
    return '⋯';
  }
  if (value === null) {
    return 'null';
  }
  // Line breaks and control characters have no width on a canvas; these pictures of them have.
  return typeof value === 'string' ? value.slice(0, drawn).replace(/[\p{Cc}\u2028\u2029]/gu, pictured) : String(value);
}

function pictured(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code === 10 ? '↵' : code < 32 ? String.fromCodePoint(0x2400 + code) : '\u2421';
}

/** A value in a text that spreadsheets and editors paste as cells: null is empty, what would break a cell is quoted. */
export function copiedText(value: Cell | undefined): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[\t\n\r"]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** Rows as tab-separated values, with the columns' names first when there is more than one cell. */
export function tabSeparated(names: readonly string[], rows: readonly (readonly (Cell | undefined)[])[]): string {
  const lines = rows.map(row => row.map(copiedText).join('\t'));
  const single = rows.length === 1 && names.length === 1;
  return (single ? lines : [names.map(copiedText).join('\t'), ...lines]).join('\n');
}
