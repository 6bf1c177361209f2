/** A comparison as Markdown (GitHub's tables), to paste into a review. */
import { metricChange } from '../model/metric';
import type { MetricChange } from '../model/metric';
import type { CompareResult } from '../model/result';
import { formatBytes } from './bytes';

const MAX_ROWS = 100;

type Rows = readonly (readonly string[])[];

/** Pure: the same text for every client. Names from the project are escaped. */
export function compareMarkdown(result: Omit<CompareResult, 'markdown'>): string {
  const names = result.revisions.map(({ name }) => name);
  const heading = `## ${names.map(name => code(name)).join(' · ')}\n`;
  const parts = [
    section('', ['', 'commit', 'ahead', 'behind'], revisions(result)),
    section('Metrics', ['metric', ...names], metrics(result)),
    section('Parameters', ['parameter', ...names], params(result)),
    section('Datasets', ['dataset', ...names], datasets(result)),
    section('Models', ['model', ...names], models(result)),
    section('Files', ['file', ...names], files(result))
  ];
  return [heading, ...parts.filter(Boolean)].join('\n');
}

function section(title: string, header: readonly string[], rows: Rows): string {
  if (rows.length === 0) {
    return '';
  }
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const shown = rows.slice(0, MAX_ROWS).map(line);
  const more = rows.length > MAX_ROWS ? [`\n… and ${rows.length - MAX_ROWS} more`] : [];
  const head = [line(header.map(escape)), line(header.map((_, index) => (index === 0 ? ':--' : '--:')))];
  return [...(title ? [`### ${title}\n`] : []), ...head, ...shown, ...more, ''].join('\n');
}

function revisions(result: Omit<CompareResult, 'markdown'>): Rows {
  return result.revisions.map(({ name, commit, ahead, behind }, index) => [
    code(name),
    code(commit.slice(0, 8)),
    index === 0 ? 'baseline' : String(ahead),
    index === 0 ? '' : String(behind)
  ]);
}

function metrics({ metrics: rows }: Omit<CompareResult, 'markdown'>): Rows {
  const several = new Set(rows.map(({ path }) => path)).size > 1;
  return rows.map(({ path, name, values, direction }) => [
    escape(several ? `${path.replace(/^metrics\//, '')} ${name}` : name) + arrowOf(direction ?? null),
    ...values.map((value, index) => {
      const change = index === 0 ? null : metricChange(direction, values[0], value);
      return `${value === null ? '–' : escape(formatNumber(value))}${change ? changeWords(change) : ''}`;
    })
  ]);
}

function arrowOf(direction: 'higher' | 'lower' | null): string {
  return direction === null ? '' : direction === 'higher' ? ' ↑' : ' ↓';
}

const signs = { better: '🟢', worse: '🔴', same: '', different: '' };

function changeWords({ verdict, delta, percent }: MetricChange): string {
  if (verdict === 'same') {
    return ' (=)';
  }
  const share = percent === null ? '' : `, ${signed(percent, 3)} %`;
  return ` (${signed(delta, 4)}${share}) ${signs[verdict]}`.trimEnd();
}

/** `+0.125`, `-3`. */
export function signed(value: number, digits: number): string {
  return `${value > 0 ? '+' : ''}${Number(value.toPrecision(digits))}`;
}

/** Six digits are enough to see what differs. */
export function formatNumber(value: number | string | boolean): string {
  return typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value);
}

function params({ params: rows = [] }: Omit<CompareResult, 'markdown'>): Rows {
  return rows
    .filter(({ values }) => values.some(value => value !== values[0]))
    .map(({ path, name, values }) => [
      `${escape(name)} (${escape(path)})`,
      ...values.map(value => (value === null ? '–' : escape(formatNumber(value))))
    ]);
}

function datasets({ datasets: rows = [] }: Omit<CompareResult, 'markdown'>): Rows {
  return rows.map(({ path, rows: counts, deltas }) => [
    escape(path),
    ...counts.map((count, index) => {
      const delta = deltas[index];
      const change = delta ? ` (+${delta.added} −${delta.removed} ~${delta.changed})` : '';
      const drift = delta?.drift && delta.drift !== 'none' ? ` drift: ${delta.drift}` : '';
      return count === null ? '–' : `${count} rows${change}${drift}`;
    })
  ]);
}

function models({ models: rows = [] }: Omit<CompareResult, 'markdown'>): Rows {
  return rows.map(({ path, versions }) => [
    escape(path),
    ...versions.map(version => {
      if (!version) {
        return '–';
      }
      const parameters = version.parameters === null ? [] : [`${version.parameters} parameters`];
      const words = [version.estimator ?? version.format, version.framework, ...parameters, formatBytes(version.size)];
      return escape(words.filter(Boolean).join(', '));
    })
  ]);
}

function files({ files: rows }: Omit<CompareResult, 'markdown'>): Rows {
  return rows.map(({ path, sizes, change }) => [
    escape(path),
    ...sizes.map(
      (size, index) => `${size === null ? '–' : formatBytes(size)}${change[index] ? ` ${change[index]}` : ''}`
    )
  ]);
}

/** Nothing in a name may end a cell, or be taken for Markdown or HTML. */
function escape(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_{}[\]<>#|~!]/g, '\\$&')
    .replace(/&/g, '&amp;');
}

function code(text: string): string {
  return `\`${oneLine(text).replace(/[`|]/g, ' ')}\``;
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
