import type { TableContent } from '../../core/model/content';
import type { Cell, ColumnStatistics, HistogramBin, TablePage } from '../../core/model/table';
import { count, joinLines, table } from './words';
import type { Style } from './words';

const COLUMNS_SHOWN = 60;
const BROKEN_SHOWN = 10;
const WIDEST = 32;
const BARS = '▁▂▃▄▅▆▇█';

export function renderTable({ table: info, statistics, page }: TableContent, style: Style): string {
  const { format, rows, columns, files, broken, brokenCount, notices, dialect } = info;
  const shape = `${count(rows, 'row')} × ${count(columns.length, 'column')}`;
  const words = [shape, format, files > 1 ? count(files, 'file') : '', dialect ? dialectWords(dialect) : ''];
  const more = columns.length > COLUMNS_SHOWN && `  … and ${columns.length - COLUMNS_SHOWN} more columns`;
  return joinLines(
    words.filter(text => text !== '').join(', '),
    ...notices.map(text => style.yellow(text)),
    brokenCount > 0 && style.yellow(`${count(brokenCount, 'line')} could not be read as rows:`),
    brokenCount > 0 &&
      table(broken.slice(0, BROKEN_SHOWN).map(({ line, reason, text }) => [`${line}`, reason, style.dim(cut(text))])),
    statistics
      ? statisticsTable(statistics, style)
      : table(columns.slice(0, COLUMNS_SHOWN).map(({ name, type }) => [name, style.dim(type)])),
    more,
    page && pageTable(page, style)
  );
}

function dialectWords({ delimiter, encoding }: Readonly<Record<string, string>>): string {
  return [
    delimiter && delimiter !== ',' ? `delimiter ${delimiter === '\t' ? 'tab' : delimiter}` : '',
    encoding && encoding !== 'utf-8' ? encoding : ''
  ]
    .filter(text => text !== '')
    .join(', ');
}

function statisticsTable(statistics: readonly ColumnStatistics[], style: Style): string {
  const headings = ['column', 'type', 'nulls', 'distinct', 'min', 'median', 'mean', 'max', ''].map(style.dim);
  const rows = statistics.slice(0, COLUMNS_SHOWN).map(column => {
    const isLength = column.kind === 'string' || column.kind === 'list';
    const extreme = (cell: Cell): string => (isLength && cell !== null ? `(${cell})` : short(cell));
    return [
      cut(column.name),
      style.dim(cut(column.type)),
      column.nulls === 0 ? '' : String(column.nulls),
      `${column.approximate ? '~' : ''}${column.distinct}`,
      extreme(column.minimum),
      short(column.quantiles?.[2] ?? null),
      isLength ? '' : short(column.mean),
      extreme(column.maximum),
      column.top.length > 0 ? frequent(column) : bars(column.histogram)
    ];
  });
  const isText = statistics.some(({ kind }) => kind === 'string' || kind === 'list');
  return joinLines(
    table([headings, ...rows], [2, 3, 4, 5, 6, 7]),
    isText && style.dim('  In parentheses: lengths of texts and lists.')
  );
}

/** The two most frequent values. */
function frequent({ top, count: all }: ColumnStatistics): string {
  return top
    .slice(0, 2)
    .map(({ value, count: own }) => `${cut(String(value), 16)} ${Math.round((100 * own) / all)} %`)
    .join(', ');
}

function bars(histogram: readonly HistogramBin[]): string {
  const highest = Math.max(...histogram.map(bin => bin.count));
  return histogram
    .map(bin => (bin.count === 0 ? ' ' : BARS[Math.ceil((bin.count / highest) * BARS.length) - 1]))
    .join('');
}

function pageTable({ columns, rows, offset, total }: TablePage, style: Style): string {
  const shown = columns.slice(0, COLUMNS_SHOWN);
  const numeric = shown.flatMap(({ kind }, i) => (kind === 'number' ? [i + 1] : []));
  const headings = ['', ...shown.map(column => cut(column.name))].map(style.dim);
  const lines = rows.map((row, i) => [
    style.dim(String(offset + i)),
    ...shown.map((_, column) => (row[column] === null ? style.dim('–') : cut(String(row[column]))))
  ]);
  const range = rows.length === 0 ? 'No rows' : `Rows ${offset} to ${offset + rows.length - 1}`;
  return joinLines(`${range} of ${total}`, rows.length > 0 && table([headings, ...lines], [0, ...numeric]));
}

function short(cell: Cell): string {
  if (cell === null) {
    return '';
  }
  return typeof cell === 'number' && !Number.isInteger(cell)
    ? String(Number(cell.toPrecision(6)))
    : cut(String(cell), 26);
}

/** On one line, not too wide. */
function cut(text: string, width = WIDEST): string {
  const line = text.replaceAll('\n', '␤');
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}
