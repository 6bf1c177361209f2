import type { ColumnDrift } from '../../core/model/diff';
import type { ChartColours } from '../chart/colours';

/** One bar of both distributions; shares, because the sides may have different numbers of rows. */
type Point = { readonly side: string; readonly share: number; readonly count: number };

/** What the chart says while one of its bars is pointed at. */
export type DriftWords = Readonly<Record<'side' | 'from' | 'to' | 'value' | 'rows' | 'share', string>>;
type Drawing = {
  readonly drift: ColumnDrift;
  readonly sides: readonly [string, string];
  readonly words: DriftWords;
  readonly colours: ChartColours;
};

/** Both distributions of a column over each other, as a Vega-Lite specification. null when there is nothing to draw. */
export function driftSpec(drawing: Drawing): object | null {
  const { drift } = drawing;
  if (drift.bins.length === 0) {
    return null;
  }
  const binned = drift.bins.every(({ bin }) => bin !== null);
  return { ...frame, ...(binned ? overBins(drawing) : overValues(drawing)) };
}

const frame = {
  $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
  width: 'container',
  height: 220,
  autosize: { type: 'fit', contains: 'padding' }
};

const share = { field: 'share', type: 'quantitative', title: null, axis: { format: '.0%', tickCount: 4 } } as const;

const colour = (sides: readonly [string, string], colours: ChartColours): object => ({
  field: 'side',
  type: 'nominal',
  title: null,
  scale: { domain: sides, range: [colours.from, colours.to] },
  legend: { orient: 'top', symbolType: 'square' }
});

/** Numbers and times: the later side as bars, the earlier one as a line of steps before them. */
function overBins({ drift, sides, words, colours }: Drawing): object {
  const time = drift.kind === 'time';
  const type = time ? 'temporal' : 'quantitative';
  const x = { field: 'low', type, title: null, axis: { labelOverlap: true, tickCount: 6, grid: false } };
  const tooltip = [
    { field: 'side', title: words.side },
    { field: 'low', type, title: words.from },
    { field: 'high', type, title: words.to },
    { field: 'count', title: words.rows },
    { field: 'share', title: words.share, format: '.2%' }
  ];
  const points = pointsOf(drift, sides, index => ({
    low: drift.bins[index]!.bin!.low,
    high: drift.bins[index]!.bin!.high
  }));
  const encoding = { color: colour(sides, colours), tooltip };
  return {
    data: { values: points },
    layer: [
      {
        transform: [{ filter: { field: 'side', equal: sides[1] } }],
        mark: { type: 'bar', opacity: 0.55 },
        encoding: { ...encoding, x: { ...x, bin: time ? undefined : 'binned' }, x2: { field: 'high' }, y: share }
      },
      {
        data: { values: steps(points.filter(point => point.side === sides[0])) },
        mark: { type: 'line', strokeWidth: 2, strokeDash: [5, 2] },
        encoding: { color: encoding.color, x, y: share, order: { field: 'order' } }
      }
    ]
  };
}

type Step = { readonly side: string; readonly low: number | string; readonly share: number; readonly order: number };

/** The outline of a histogram: from the ground up, along the bins, and down again. */
export function steps(
  bins: readonly {
    readonly side: string;
    readonly low: number | string;
    readonly high: number | string;
    readonly share: number;
  }[]
): readonly Step[] {
  const corners = bins.flatMap(({ side, low, high, share }) => [
    { side, low, share },
    { side, low: high, share }
  ]);
  const first = corners[0];
  const last = corners[corners.length - 1];
  const closed = first && last ? [{ ...first, share: 0 }, ...corners, { ...last, share: 0 }] : [];
  return closed.map((corner, order) => ({ ...corner, order }));
}

/** Everything else: a pair of bars for each value. */
function overValues({ drift, sides, words, colours }: Drawing): object {
  const points = pointsOf(drift, sides, index => ({ value: labelOf(drift.bins[index]!.value), order: index }));
  return {
    data: { values: points },
    mark: { type: 'bar', opacity: 0.85 },
    encoding: {
      x: {
        field: 'value',
        type: 'nominal',
        title: null,
        sort: { field: 'order' },
        axis: { labelLimit: 120, labelAngle: points.length > 16 ? -40 : 0 }
      },
      xOffset: { field: 'side', sort: sides },
      y: share,
      color: colour(sides, colours),
      tooltip: [
        { field: 'side', title: words.side },
        { field: 'value', title: words.value },
        { field: 'count', title: words.rows },
        { field: 'share', title: words.share, format: '.2%' }
      ]
    }
  };
}

const labelOf = (value: unknown): string => (value === null ? 'null' : String(value).slice(0, 60));

function pointsOf<T extends object>(
  drift: ColumnDrift,
  sides: readonly [string, string],
  facts: (index: number) => T
): readonly (Point & T)[] {
  return drift.bins.flatMap((bin, index) =>
    ([bin.from, bin.to] as const).map((count, side) => ({
      ...facts(index),
      side: sides[side]!,
      count,
      share: drift.n[side] === 0 ? 0 : count / drift.n[side]!
    }))
  );
}
