import type { MetricRow } from '../../core/model/result';
import type { ChartColours } from '../chart/colours';

/** A metric across branches as a Vega-Lite chart: bars, or lines where it was measured again and again. */
export function metricSpec(metric: MetricRow, names: readonly string[], colours: ChartColours): object | null {
  const lines = metric.series?.some(series => (series?.length ?? 0) > 1) === true;
  const values = lines ? linePoints(metric, names) : barPoints(metric, names);
  return values.length === 0
    ? null
    : { ...frame, data: { values }, ...(lines ? line(names, colours) : bar(names, colours)) };
}

const frame = {
  $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
  width: 'container',
  height: 220,
  autosize: { type: 'fit', contains: 'padding' }
};

const barPoints = (metric: MetricRow, names: readonly string[]): readonly object[] =>
  names.flatMap((branch, index) => {
    const value = metric.values[index];
    return typeof value === 'number' && Number.isFinite(value) ? [{ branch, value }] : [];
  });

const linePoints = (metric: MetricRow, names: readonly string[]): readonly object[] =>
  names.flatMap((branch, index) =>
    (metric.series?.[index] ?? []).flatMap((value, step) => (value === null ? [] : [{ branch, step: step + 1, value }]))
  );

const colour = (names: readonly string[], colours: ChartColours): object => ({
  field: 'branch',
  type: 'nominal',
  title: null,
  scale: { domain: names, range: names.map((_, index) => colours.series[index % colours.series.length]) }
});

/** Bars begin at zero: a cut axis makes small differences look large. The number stands at their end. */
function bar(names: readonly string[], colours: ChartColours): object {
  const y = {
    field: 'branch',
    type: 'nominal',
    title: null,
    sort: names,
    axis: { labelLimit: 200, labelFontSize: 12 }
  };
  const x = { field: 'value', type: 'quantitative', title: null, scale: { zero: true }, axis: { tickCount: 5 } };
  return {
    height: { step: 34 },
    layer: [
      {
        mark: { type: 'bar', height: 20 },
        encoding: {
          x,
          y,
          color: { ...colour(names, colours), legend: null },
          tooltip: [{ field: 'branch' }, { field: 'value' }]
        }
      },
      {
        mark: { type: 'text', align: 'left', dx: 5, fontSize: 12, color: colours.text },
        encoding: { x, y, text: { field: 'value', type: 'quantitative', format: '.5~g' } }
      }
    ]
  };
}

/** Lines have a dash of their own each, beside their colour. */
function line(names: readonly string[], colours: ChartColours): object {
  return {
    mark: { type: 'line', point: { size: 18 }, strokeWidth: 2 },
    encoding: {
      x: { field: 'step', type: 'quantitative', title: null, axis: { tickMinStep: 1, grid: false } },
      y: { field: 'value', type: 'quantitative', title: null, scale: { zero: false } },
      color: { ...colour(names, colours), legend: { orient: 'top', symbolType: 'stroke' } },
      strokeDash: { field: 'branch', type: 'nominal', title: null, sort: names, legend: null },
      tooltip: [{ field: 'branch' }, { field: 'step' }, { field: 'value' }]
    }
  };
}
