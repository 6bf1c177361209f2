import { formatBytes } from '../../core/format/bytes';
import { formatNumber, signed } from '../../core/format/compare-markdown';
import type { ComparedDataset, ComparedModel, ComparedParam } from '../../core/model/compare';
import { metricChange } from '../../core/model/metric';
import type { MetricChange } from '../../core/model/metric';
import type { CompareResult, MetricRow } from '../../core/model/result';
import { joinLines, shortId, table } from './words';
import type { Style } from './words';

const FILES_SHOWN = 60;

export function renderCompare(result: CompareResult, style: Style): string {
  const names = result.revisions.map(revision => revision.name);
  const { metrics, datasets = [], models = [], files } = result;
  const params = (result.params ?? []).filter(({ values }) => values.some(value => value !== values[0]));
  const section = (title: string, list: readonly unknown[], body: () => string): string =>
    list.length > 0 ? `\n${style.bold(title)}\n${body()}` : '';
  return joinLines(
    table(
      result.revisions.map(({ name, commit, ahead, behind }, index) => [
        style.bold(name),
        style.dim(shortId(commit)),
        index === 0 ? 'baseline' : `${ahead} ahead, ${behind} behind`
      ])
    ),
    section('Metrics', metrics, () => metricsTable(metrics, names, style)),
    section('Parameters', params, () => paramsTable(params, names, style)),
    section('Datasets', datasets, () => datasetsTable(datasets, names, style)),
    section('Models', models, () => modelsTable(models, names, style)),
    section('Files', files, () => filesTable(result, names, style)),
    files.length === 0 && '\nNo file differs.'
  );
}

function metricsTable(metrics: readonly MetricRow[], names: readonly string[], style: Style): string {
  const severalFiles = new Set(metrics.map(row => row.path)).size > 1;
  const header = ['', ...names.flatMap((name, index) => (index === 0 ? [style.dim(name)] : [style.dim(name), '']))];
  const rows = metrics.map(({ path, name, values, direction }) => {
    const arrow = direction ? style.dim(direction === 'higher' ? ' ↑' : ' ↓') : '';
    return [
      `${severalFiles ? `${path.replace(/^metrics\//, '')} ${name}` : name}${arrow}`,
      ...values.flatMap((value, index) => {
        const text = value === null ? '–' : formatNumber(value);
        const change = metricChange(direction, values[0], value);
        return index === 0 ? [text] : [text, change ? formatChange(change, style) : ''];
      })
    ];
  });
  return table(
    [header, ...rows],
    names.map((_, index) => (index === 0 ? 1 : 2 * index))
  );
}

function formatChange({ verdict, delta, percent }: MetricChange, style: Style): string {
  if (verdict === 'same') {
    return style.dim('=');
  }
  const paint = { better: style.green, worse: style.red, different: style.dim };
  const share = percent === null ? '' : ` ${signed(percent, 3)} %`;
  return paint[verdict](`${signed(delta, 4)}${share}${verdict === 'different' ? '' : ` ${verdict}`}`);
}

function paramsTable(params: readonly ComparedParam[], names: readonly string[], style: Style): string {
  const header = ['', '', ...names.map(style.dim)];
  const rows = params.slice(0, FILES_SHOWN).map(({ path, name, values }) => [
    name,
    style.dim(path),
    ...values.map((value, index) => {
      const text = value === null ? '–' : formatNumber(value);
      return index > 0 && value !== values[0] ? style.yellow(text) : text;
    })
  ]);
  const more = params.length > rows.length ? `  … and ${params.length - rows.length} more` : '';
  return joinLines(table([header, ...rows]), more);
}

function datasetsTable(datasets: readonly ComparedDataset[], names: readonly string[], style: Style): string {
  const header = ['', ...names.map(style.dim)];
  const rows = datasets.map(({ path, rows: counts, deltas, reason }) => [
    path,
    ...counts.map((rowCount, index) => {
      const delta = deltas[index];
      const text = rowCount === null ? '–' : `${rowCount} rows`;
      if (!delta) {
        return text;
      }
      const drift = delta.drift && delta.drift !== 'none' ? ` drift: ${delta.drift}` : '';
      const changes = [`+${delta.added}`, `-${delta.removed}`, `~${delta.changed}`].join(' ');
      return `${text} ${style.dim(changes)}${delta.drift === 'fail' ? style.red(drift) : style.yellow(drift)}`;
    }),
    style.dim(reason ?? '')
  ]);
  return table([header, ...rows]);
}

function modelsTable(models: readonly ComparedModel[], names: readonly string[], style: Style): string {
  const header = ['', ...names.map(style.dim)];
  const rows = models.map(({ path, versions }) => [
    path,
    ...versions.map(version => {
      if (!version) {
        return '–';
      }
      const parameters = version.parameters === null ? '' : `, ${version.parameters} parameters`;
      return `${version.estimator ?? version.format}${parameters}, ${formatBytes(version.size)}`;
    })
  ]);
  return table([header, ...rows]);
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
