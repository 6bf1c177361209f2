/** What changed in models, trees, notebooks and text. */
import { formatNumber, signed } from '../../core/format/compare-markdown';
import type { CellDiff, DiffLine, ModelDiff, NotebookDiff, TextDiff, TreeDiff } from '../../core/model/diff';
import type { ModelContent } from '../../core/model/content';
import { metricChange, metricDirection } from '../../core/model/metric';
import { andMore, count, joinLines, table } from './words';
import type { Style } from './words';

const MAX_LINES = 400;

export function renderTreeDiff({ changes, total }: TreeDiff, style: Style): string {
  const rows = changes
    .slice(0, MAX_LINES)
    .map(({ path, from, to, delta }) => [
      path,
      from === undefined ? '' : style.red(leaf(from)),
      '→',
      to === undefined ? '' : style.green(leaf(to)),
      delta === null ? '' : style.dim(signed(delta, 4))
    ]);
  return joinLines(table(rows), total > rows.length && `  … and ${total - rows.length} more`);
}

function leaf(value: string | number | boolean | null): string {
  return typeof value === 'string' ? JSON.stringify(value) : formatNumber(value ?? 'null');
}

export function renderTextDiff({ lines, truncated }: TextDiff, style: Style): string {
  return joinLines(
    ...lines.slice(0, MAX_LINES).map(line => diffLine(line, style)),
    andMore(lines, MAX_LINES),
    lines.length === 0 && 'Only line ends differ.',
    truncated && lines.length <= MAX_LINES && '  … and more'
  );
}

function diffLine({ mark, text }: DiffLine, style: Style): string {
  const line = mark === '@' ? `  … ${text}` : `${mark} ${text}`;
  const paint = { '+': style.green, '-': style.red, ' ': (same: string) => same, '@': style.dim };
  return paint[mark](line);
}

export function renderNotebookDiff({ cells, metadata }: NotebookDiff, style: Style): string {
  const differing = cells.filter(({ change }) => change !== 'same');
  return joinLines(
    ...differing.map(cell => cellDiff(cell, style)),
    differing.length < cells.length && style.dim(`${count(cells.length - differing.length, 'cell')} unchanged`),
    metadata && "The notebook's metadata differs."
  );
}

function cellDiff({ type, change, positions: [from, to], source, outputs }: CellDiff, style: Style): string {
  const paint = { added: style.green, removed: style.red, changed: style.yellow, moved: style.yellow, same: style.dim };
  const at = (from ?? to)! + 1;
  const place = change === 'moved' || (from !== null && to !== null && from !== to) ? `${at} → ${to! + 1}` : String(at);
  const lines = change === 'moved' ? [] : source.slice(0, MAX_LINES).map(line => `  ${diffLine(line, style)}`);
  return joinLines(
    paint[change](`${type} cell ${place} ${change}`),
    ...lines,
    change === 'changed' && outputs && style.dim(`  its output differs`)
  );
}

/** Two models side by side: what they are, their numbers, settings and features, only where they differ. */
export function renderModelDiff({ from, to }: ModelDiff, style: Style): string {
  const facts: readonly (readonly [string, (model: ModelContent) => string])[] = [
    ['format', model => model.format],
    ['framework', model => model.framework ?? ''],
    ['estimator', model => model.estimator ?? ''],
    ['parameters', model => (model.parameters === null ? '' : String(model.parameters))],
    ['tensors', model => (model.tensorCount === 0 ? '' : String(model.tensorCount))]
  ];
  const rows = [
    ...facts.map(([name, read]) => [name, read(from), '→', read(to), '']),
    ...metricRows(from, to, style),
    ...settingRows(from, to)
  ].filter(row => row[1] !== row[3]);
  const [gained, lost] = [without(to.features, from.features), without(from.features, to.features)];
  return joinLines(
    rows.length > 0 ? table(rows) : 'Both say the same of themselves.',
    gained.length > 0 && style.green(`  + features ${gained.join(', ')}`),
    lost.length > 0 && style.red(`  - features ${lost.join(', ')}`)
  );
}

function metricRows(from: ModelContent, to: ModelContent, style: Style): readonly (readonly string[])[] {
  const before = new Map(from.metrics.map(({ path, name, value }) => [`${path} ${name}`, value]));
  return to.metrics.flatMap(({ path, name, value }) => {
    const old = before.get(`${path} ${name}`);
    const change = metricChange(metricDirection(name), old, value);
    const paint = change?.verdict === 'better' ? style.green : change?.verdict === 'worse' ? style.red : style.dim;
    const words = change ? paint(`${signed(change.delta, 4)} ${change.verdict}`) : '';
    return [[name, old === undefined ? '' : formatNumber(old), '→', formatNumber(value), words]];
  });
}

function settingRows(from: ModelContent, to: ModelContent): readonly (readonly string[])[] {
  const names = new Set([...Object.keys(from.settings), ...Object.keys(to.settings)]);
  const read = ({ settings }: ModelContent, name: string): string =>
    Object.hasOwn(settings, name) ? formatNumber(settings[name] ?? 'None') : '';
  return [...names].map(name => [name, read(from, name), '→', read(to, name), '']);
}

function without(list: readonly string[] | null, other: readonly string[] | null): readonly string[] {
  const known = new Set(other ?? []);
  return (list ?? []).filter(name => !known.has(name));
}
