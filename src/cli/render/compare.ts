import { formatBytes } from '../../core/format/bytes';
import type { CompareResult, MetricRow } from '../../core/model/result';
import { joinLines, shortId, table } from './words';
import type { Style } from './words';

const FILES_SHOWN = 60;

export function renderCompare(result: CompareResult, style: Style): string {
  const names = result.revisions.map(revision => revision.name);
  return joinLines(
    table(
      result.revisions.map(({ name, commit, ahead, behind }, index) => [
        style.bold(name),
        style.dim(shortId(commit)),
        index === 0 ? 'baseline' : `${ahead} ahead, ${behind} behind`
      ])
    ),
    result.metrics.length > 0 && `\n${style.bold('Metrics')}`,
    result.metrics.length > 0 && metricsTable(result.metrics, names, style),
    result.files.length > 0 && `\n${style.bold('Files')}`,
    result.files.length > 0 && filesTable(result, names, style),
    result.files.length === 0 && '\nNo file differs.'
  );
}

function metricsTable(metrics: readonly MetricRow[], names: readonly string[], style: Style): string {
  const severalFiles = new Set(metrics.map(row => row.path)).size > 1;
  const header = ['', ...names.map(style.dim), ...(names.length === 2 ? [style.dim('change')] : [])];
  const rows = metrics.map(({ path, name, values }) => [
    severalFiles ? `${path.replace(/^metrics\//, '')} ${name}` : name,
    ...values.map(value => formatValue(value)),
    ...(names.length === 2 ? [formatDifference(values)] : [])
  ]);
  return table([header, ...rows], header.map((_, index) => index).slice(1));
}

function formatValue(value: number | string | null): string {
  if (value === null) {
    return '–';
  }
  return typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value);
}

function formatDifference([from, to]: MetricRow['values']): string {
  if (typeof from !== 'number' || typeof to !== 'number') {
    return '';
  }
  const difference = Number((to - from).toPrecision(4));
  return difference === 0 ? '=' : `${difference > 0 ? '+' : ''}${difference}`;
}

function filesTable({ files }: CompareResult, names: readonly string[], style: Style): string {
  const shown = files.slice(0, FILES_SHOWN);
  // After the baseline two columns for each: the size, and what happened to the file there.
  const header = ['', '', ...names.flatMap((name, index) => (index === 0 ? [style.dim(name)] : [style.dim(name), '']))];
  const rows = shown.map(file => [
    file.path,
    style.dim(file.kind),
    ...file.sizes.flatMap((size, index) => {
      const text = size === null ? '–' : formatBytes(size);
      return index === 0 ? [text] : [text, style.dim(file.change[index] ?? '=')];
    })
  ]);
  const more = files.length > shown.length ? [`  … and ${files.length - shown.length} more`] : [];
  return joinLines(
    table(
      [header, ...rows],
      names.map((_, index) => (index === 0 ? 2 : 1 + 2 * index))
    ),
    ...more
  );
}
