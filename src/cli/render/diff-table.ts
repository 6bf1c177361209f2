/** A table's diff for terminals: schema, counts, the rows with old → new, drift. */
import type { ColumnDrift, DriftLevel, RowChange, RowDiff, SchemaDiff, TableDiff } from '../../core/model/diff';
import type { Cell } from '../../core/model/table';
import { count, joinLines, table } from './words';
import type { Style } from './words';

const CELL_CHARACTERS = 40;
const COLUMNS_SHOWN = 12;

export function renderTableDiff(diff: TableDiff, style: Style): string {
  return joinLines(
    `\n${describeCounts(diff, style)}`,
    describeKey(diff),
    ...describeSchema(diff.schema, style),
    changedCells(diff, style),
    ...diff.notices,
    broken(diff),
    diff.rows.length > 0 && `\n${rowTable(diff, style)}`,
    moreRows(diff),
    diff.drift && `\n${driftTable(diff.drift, style)}`
  );
}

function describeCounts({ counts }: TableDiff, style: Style): string {
  const { added, removed, changed, unchanged, from, to } = counts;
  const parts = [
    style.green(`+${added} added`),
    style.red(`-${removed} removed`),
    style.yellow(`~${changed} changed`),
    `${unchanged} unchanged`
  ];
  return `${parts.join(', ')}  ${style.dim(`${from} → ${count(to, 'row')}`)}`;
}

const sources = {
  named: 'as named',
  declared: 'declared in the schema file',
  index: "the file's own index",
  found: 'found: the smallest that is unique on both sides'
} as const;

function describeKey({ key, duplicateKeys, nullKeys }: TableDiff): string {
  if (!key) {
    return 'No key: rows were compared as a bag, so a changed row is one removed and one added.';
  }
  const odd = [
    duplicateKeys.from + duplicateKeys.to > 0 &&
      `${duplicateKeys.from} → ${count(duplicateKeys.to, 'key')} on several rows`,
    nullKeys.from + nullKeys.to > 0 && `${nullKeys.from} → ${count(nullKeys.to, 'row')} with null in the key`
  ].filter(Boolean);
  const bag = odd.length > 0 ? `\n${odd.join(', ')}: those rows were compared as a bag.` : '';
  return `Key: ${key.columns.join(', ')} (${sources[key.source]}).${bag}`;
}

function describeSchema(schema: SchemaDiff, style: Style): readonly (string | false)[] {
  return [
    ...schema.added.map(({ name, type }) => style.green(`+ column ${name} ${type}`)),
    ...schema.removed.map(({ name, type }) => style.red(`- column ${name} ${type}`)),
    ...schema.retyped.map(({ name, from, to }) => style.yellow(`~ column ${name} ${from} → ${to}`)),
    ...schema.renamed.map(
      ({ from, to, similarity }) =>
        `${from} may have been renamed to ${to}: ${percent(similarity)} of their values are equal.`
    ),
    schema.reordered && 'The columns stand in another order.'
  ];
}

function changedCells({ changedCells: cells }: TableDiff, style: Style): string | false {
  const shown = cells
    .slice(0, COLUMNS_SHOWN)
    .map(({ column, count: rows }) => `${column} ${style.yellow(String(rows))}`);
  const more = cells.length > shown.length ? `, and ${cells.length - shown.length} more columns` : '';
  return cells.length > 0 && `Changed cells: ${shown.join(', ')}${more}.`;
}

function broken({ broken: { from, to } }: TableDiff): string | false {
  return from + to > 0 && `${from} → ${count(to, 'row')} could not be read and ${to === 1 ? 'was' : 'were'} left out.`;
}

const marks: { readonly [kind in RowChange]: string } = { added: '+', removed: '-', changed: '~' };

function rowTable(diff: TableDiff, style: Style): string {
  const shown = columnsToShow(diff);
  const header = ['', ...shown.map(position => style.dim(diff.columns[position]!.name))];
  const left = diff.columns.length > shown.length ? `\n  … ${diff.columns.length - shown.length} more columns` : '';
  return table([header, ...diff.rows.map(row => rowCells(row, shown, style))]) + left;
}

/** The key and the columns with changes come first when there are too many. */
function columnsToShow({ columns, key, rows }: TableDiff): readonly number[] {
  if (columns.length <= COLUMNS_SHOWN) {
    return columns.map((_, position) => position);
  }
  const changed = new Set(rows.flatMap(row => row.cells));
  const keys = key?.columns.length ?? 0;
  const rank = (position: number): number => (position < keys ? 0 : changed.has(position) ? 1 : 2);
  const ranked = columns.map((_, position) => position).sort((a, b) => rank(a) - rank(b) || a - b);
  return ranked.slice(0, COLUMNS_SHOWN).sort((a, b) => a - b);
}

function rowCells({ kind, from, to, cells }: RowDiff, shown: readonly number[], style: Style): readonly string[] {
  const paint = { added: style.green, removed: style.red, changed: style.yellow }[kind];
  return [
    paint(marks[kind]),
    ...shown.map(position => {
      const text = formatCell((to ?? from)![position]!);
      if (kind !== 'changed') {
        return paint(text);
      }
      return cells.includes(position) ? `${style.red(formatCell(from![position]!))} → ${style.green(text)}` : text;
    })
  ];
}

function formatCell(cell: Cell): string {
  const text = cell === null ? '–' : String(cell).replace(/\n/g, '⏎');
  const characters = [...text];
  return characters.length > CELL_CHARACTERS ? `${characters.slice(0, CELL_CHARACTERS - 1).join('')}…` : text;
}

function moreRows({ rows, total }: TableDiff): string | false {
  return rows.length > 0 && rows.length < total && `  ${rows.length} of ${total}; --offset and --limit show others`;
}

function driftTable(drift: readonly ColumnDrift[], style: Style): string {
  const paint: { readonly [level in DriftLevel]: (text: string) => string } = {
    none: style.dim,
    warn: style.yellow,
    fail: style.red
  };
  const names = ['psi', 'jensen-shannon', 'kolmogorov-smirnov', 'chi-squared'] as const;
  const header = ['', 'column', 'n', 'nulls', 'PSI', 'JS (log2)', 'KS D', 'χ²', 'p'].map(style.dim);
  const rows = drift.map(column => {
    const measures = names.map(name => column.measures.find(measure => measure.name === name));
    const test = measures[2] ?? measures[3];
    return [
      paint[column.level](column.level === 'none' ? 'ok' : column.level),
      column.column,
      column.n.join(' → '),
      column.nulls.join(' → '),
      ...measures.map(measure => (measure ? paint[measure.level](number(measure.value)) : '')),
      test?.pValue === undefined ? '' : number(test.pValue)
    ];
  });
  return table([header, ...rows], [2, 3, 4, 5, 6, 7, 8]);
}

function number(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

function percent(share: number): string {
  return `${Math.floor(share * 1000) / 10} %`;
}
