/** Words and tables that the renderings share. */
import { formatBytes } from '../../core/format/bytes';
import type { ChangeKind, FileChange, SnapshotInfo } from '../../core/model/snapshot';

/** Colour for terminals; does nothing elsewhere. */
export type Style = {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly red: (text: string) => string;
};

export function createStyle(color: boolean): Style {
  const paint =
    (code: number) =>
    (text: string): string =>
      color && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { bold: paint(1), dim: paint(2), green: paint(32), yellow: paint(33), red: paint(31) };
}

/** A copy in which no text can move the cursor or colour the terminal. Line breaks stay. */
export function printable<T>(value: T): T {
  if (typeof value === 'string') {
    // eslint-disable-next-line no-control-regex
    return value.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, escapeCharacter) as T;
  }
  if (Array.isArray(value)) {
    return value.map(printable) as T;
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, printable(inner)])) as T;
  }
  return value;
}

function escapeCharacter(character: string): string {
  return character === '\t' ? ' ' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** `2026-11-01 12:00` of an ISO 8601 time. */
export function formatTime(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

export function formatMilliseconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** `1 file`, `2 files`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** Columns padded to the widest cell; `right` lists columns that are aligned right. Widths ignore colour. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, width(cell))));
  }
  return rows.map(row => line(row, widths, right)).join('\n');
}

function line(row: readonly string[], widths: readonly number[], right: readonly number[]): string {
  const cells = row.map((cell, column) => {
    const padding = ' '.repeat(widths[column]! - width(cell));
    return right.includes(column) ? padding + cell : cell + padding;
  });
  return `  ${cells.join('  ')}`.trimEnd();
}

function width(text: string): number {
  // eslint-disable-next-line no-control-regex
  return [...text.replace(/\u001b\[[0-9;]*m/g, '')].length;
}

const marks: { readonly [kind in ChangeKind]: string } = { new: '+', modified: '~', removed: '-' };

/** Lines of a list that are shown; `--json` has them all. */
export const LIST_LINES = 40;

/** One line per file, at most `limit`. */
export function fileList(changes: readonly FileChange[], style: Style, limit = LIST_LINES): string {
  const paint = { new: style.green, modified: style.yellow, removed: style.red };
  const rows = changes
    .slice(0, limit)
    .map(({ kind, path, size, asset }) => [
      paint[kind](marks[kind]),
      path,
      size === null ? '' : formatBytes(size),
      asset ? style.dim('asset') : ''
    ]);
  return joinLines(table(rows, [2]), andMore(changes, limit));
}

/** The line below a list that was cut; nothing below one that was not. */
export function andMore(list: readonly unknown[], limit = LIST_LINES): string | false {
  return list.length > limit && `  … and ${list.length - limit} more`;
}

/** `1 changed, 2 added`; empty when nothing moved. */
export function movedFiles(moved: {
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}): string {
  const parts = (['changed', 'added', 'removed'] as const).filter(kind => moved[kind].length > 0);
  return parts.map(kind => `${moved[kind].length} ${kind}`).join(', ');
}

/** Who made a snapshot, from which notebook. */
export function origin({ author, provenance }: SnapshotInfo): string {
  const cell = provenance.cell ? `#${provenance.cell}` : '';
  return provenance.notebook ? `${author.name}, ${provenance.notebook}${cell}` : author.name;
}

export function joinLines(...lines: readonly (string | false | null | undefined)[]): string {
  return lines.filter(text => typeof text === 'string' && text !== '').join('\n');
}
