/** Numbers and times: over bins, and by their distribution functions. Times count as microseconds since 1970. */
import type { ITableSession } from '../port/tables';
import type { Comparison, TableSide } from './compare-rows';
import { isContinuous } from './distribution';
import type { Distribution } from './distribution';
import { jensenShannon, kolmogorovSmirnov, psi } from './drift-measures';
import { quoteName, quoteText } from './sql';
import { fromValue, toValue } from './shared-columns';
import type { SharedColumn } from './shared-columns';

const BINS = 20;
const DECILES = Array.from({ length: 9 }, (_, index) => (index + 1) / 10);
/** Quantiles are exact up to so many rows on a side, and so is Kolmogorov–Smirnov's distance. */
const EXACT_ROWS = 1_000_000;
const CUTS = Array.from({ length: 499 }, (_, index) => (index + 1) / 500);
const NOT_FINITE = 'NaN or infinite';

/** Of one column on one side. */
type Summary = {
  readonly filled: number;
  readonly finite: number;
  readonly low: number;
  readonly high: number;
  /** At `DECILES`, or at `CUTS` of large tables. */
  readonly quantiles: readonly number[];
};

export class NumberDrift {
  private constructor(
    private readonly _session: ITableSession,
    private readonly _comparison: Comparison,
    private readonly _columns: readonly SharedColumn[],
    private readonly _from: readonly Summary[],
    private readonly _to: readonly Summary[]
  ) {}

  /** Extremes and quantiles of all columns, one reading for each side. */
  static async read(session: ITableSession, comparison: Comparison): Promise<NumberDrift> {
    const columns = comparison.shared.filter(isContinuous);
    const from = await summarize(session, comparison, columns, 'from');
    const to = await summarize(session, comparison, columns, 'to');
    return new NumberDrift(session, comparison, columns, from, to);
  }

  async distribution(column: SharedColumn): Promise<Distribution> {
    const at = this._columns.indexOf(column);
    const [from, to] = [this._from[at]!, this._to[at]!];
    const { rows } = { rows: [this._comparison.from.rows, this._comparison.to.rows] as const };
    const base = { n: [from.filled, to.filled], nulls: [rows[0] - from.filled, rows[1] - to.filled] } as const;
    const odd = [from.filled - from.finite, to.filled - to.finite] as const;
    const tail = odd[0] + odd[1] > 0 ? [{ bin: null, value: NOT_FINITE, from: odd[0], to: odd[1] }] : [];
    if (from.finite + to.finite === 0) {
      return { ...base, measures: [], bins: tail };
    }
    const edges = equalWidths(Math.min(from.low, to.low), Math.max(from.high, to.high));
    const cuts = this._isLarge() ? ascending([...from.quantiles, ...to.quantiles]) : [];
    const deciles = decileEdges(this._isLarge() ? from.quantiles.filter((_, cut) => cut % 50 === 49) : from.quantiles);
    const [before, after] = [
      await this._count(column, 'from', edges, deciles, cuts),
      await this._count(column, 'to', edges, deciles, cuts)
    ];
    const bins = before.bins.map((count, index) => ({
      bin: {
        low: this._edge(column, edges[index]!),
        high: this._edge(column, edges[index + 1]!),
        count: count + after.bins[index]!
      },
      value: null,
      from: count,
      to: after.bins[index]!
    }));
    const all = [...bins, ...tail];
    if (from.filled === 0 || to.filled === 0) {
      return { ...base, measures: [], bins: all };
    }
    const words = tail.length > 0 ? ', NaN and the infinities as one more' : '';
    const measures = [
      psi(
        [...before.deciles, ...tail.map(bin => bin.from)],
        [...after.deciles, ...tail.map(bin => bin.to)],
        `the bins between the deciles of the first side${words}`
      ),
      jensenShannon(
        all.map(bin => bin.from),
        all.map(bin => bin.to),
        `${bins.length} bins of equal width${words}`
      )
    ];
    if (from.finite > 0 && to.finite > 0) {
      const distance = this._isLarge()
        ? distanceAtCuts(before.cuts, after.cuts)
        : await this._exactDistance(column, from.finite, to.finite);
      const how = this._isLarge() ? `at ${cuts.length} quantiles of both sides` : 'exactly, over all values';
      measures.push(kolmogorovSmirnov(distance, from.finite, to.finite, how));
    }
    return { ...base, measures, bins: all };
  }

  private _isLarge(): boolean {
    return Math.max(this._comparison.from.rows, this._comparison.to.rows) > EXACT_ROWS;
  }

  /** How many values are in the bins `low ≤ v < high`, and in `low < v ≤ high` of the other two. */
  private async _count(
    column: SharedColumn,
    side: TableSide,
    edges: readonly number[],
    deciles: readonly number[],
    cuts: readonly number[]
  ): Promise<{
    readonly bins: readonly number[];
    readonly deciles: readonly number[];
    readonly cuts: readonly number[];
  }> {
    // `histogram` counts `low < v ≤ high`: of negated values that is the other way round.
    const lows = edges
      .slice(0, -1)
      .map(edge => -edge)
      .reverse();
    const terms = [
      histogram('-v', lows),
      histogram('v', [...deciles, Infinity]),
      cuts.length > 0 ? histogram('v', [...cuts, Infinity]) : 'NULL'
    ];
    const { rows } = await this._session.query(
      `SELECT ${terms.join(', ')} FROM (SELECT ${finiteValue(column, side)} AS v FROM ${quoteName(this._comparison[side].view)})`
    );
    const [bins, byDecile, byCut] = rows[0]!.map(text =>
      text === null ? null : (JSON.parse(String(text)) as number[])
    );
    const none = (length: number): readonly number[] => new Array<number>(length).fill(0);
    return {
      bins: bins ? bins.slice(0, lows.length).reverse() : none(lows.length),
      deciles: byDecile ?? none(deciles.length + 1),
      cuts: byCut ?? none(cuts.length + 1)
    };
  }

  private async _exactDistance(column: SharedColumn, from: number, to: number): Promise<number> {
    const values = (side: TableSide, f: number, t: number): string =>
      `SELECT ${finiteValue(column, side)} AS v, ${f} AS f, ${t} AS t FROM ${quoteName(this._comparison[side].view)}`;
    const { rows } = await this._session.query(
      `SELECT max(abs(f / ${from} - t / ${to})) FROM (SELECT sum(f) OVER w AS f, sum(t) OVER w AS t FROM ` +
        `(SELECT v, sum(f) AS f, sum(t) AS t FROM (${values('from', 1, 0)} UNION ALL ${values('to', 0, 1)}) ` +
        `WHERE v IS NOT NULL GROUP BY v) WINDOW w AS (ORDER BY v))`
    );
    return Number(rows[0]![0]);
  }

  private _edge(column: SharedColumn, edge: number): number | string {
    return column.kind === 'time' ? formatTime(edge, column.type) : edge;
  }
}

/** SQL of the value as a double; NULL where it is null, NaN or infinite. */
function finiteValue(column: SharedColumn, side: TableSide): string {
  const value = side === 'from' ? fromValue(column) : toValue(column);
  if (column.kind === 'number') {
    return `CASE WHEN isfinite(CAST(${value} AS DOUBLE)) THEN CAST(${value} AS DOUBLE) END`;
  }
  const micros = `CAST(epoch_us(${value}) AS DOUBLE)`;
  return /^(DATE|TIMESTAMP)/.test(column.type) ? `CASE WHEN isfinite(${value}) THEN ${micros} END` : micros;
}

async function summarize(
  session: ITableSession,
  comparison: Comparison,
  columns: readonly SharedColumn[],
  side: TableSide
): Promise<readonly Summary[]> {
  if (columns.length === 0) {
    return [];
  }
  const large = Math.max(comparison.from.rows, comparison.to.rows) > EXACT_ROWS;
  const quantiles = (name: string): string =>
    large ? `approx_quantile(${name}, [${CUTS.join(', ')}])` : `quantile_cont(${name}, [${DECILES.join(', ')}])`;
  const terms = columns.flatMap((_, index) => [
    `count(x${index})`,
    `count(v${index})`,
    `min(v${index})`,
    `max(v${index})`,
    `CAST(to_json(${quantiles(`v${index}`)}) AS VARCHAR)`
  ]);
  const values = columns.flatMap((column, index) => [
    `${quoteName(column.name)} AS x${index}`,
    `${finiteValue(column, side)} AS v${index}`
  ]);
  const { rows } = await session.query(
    `SELECT ${terms.join(', ')} FROM (SELECT ${values.join(', ')} FROM ${quoteName(comparison[side].view)})`
  );
  return columns.map((_, index) => {
    const [filled, finite, low, high, list] = rows[0]!.slice(5 * index, 5 * index + 5);
    return {
      filled: Number(filled),
      finite: Number(finite),
      low: low === null ? Infinity : Number(low),
      high: high === null ? -Infinity : Number(high),
      quantiles: list === null ? [] : (JSON.parse(String(list)) as number[])
    };
  });
}

/** SQL of the numbers of values up to each boundary and above the one before it, as JSON text. */
function histogram(value: string, boundaries: readonly number[]): string {
  const list = boundaries.map(boundary => (boundary === Infinity ? 'inf' : String(boundary))).join(', ');
  return `CAST(to_json(map_values(histogram(${value}, CAST(${quoteText(`[${list}]`)} AS DOUBLE[])))) AS VARCHAR)`;
}

function equalWidths(low: number, high: number): readonly number[] {
  if (low === high) {
    return [low, high];
  }
  // Halves, so that the width of all doubles is no infinity.
  const width = high / BINS - low / BINS;
  const inner = Array.from({ length: BINS - 1 }, (_, index) => low + (index + 1) * width);
  return ascending([low, ...inner, high]);
}

function ascending(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** A value that fills several deciles gets a bin of its own, so that what is just below it is told apart. */
function decileEdges(quantiles: readonly number[]): readonly number[] {
  const repeated = quantiles.filter((value, index) => quantiles.indexOf(value) !== index);
  return ascending([...quantiles, ...repeated.map(justBelow)]);
}

/** The next smaller double. */
function justBelow(value: number): number {
  if (value === 0) {
    return -Number.MIN_VALUE;
  }
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  bits[0]! += value > 0 ? -1n : 1n;
  return new Float64Array(bits.buffer)[0]!;
}

function distanceAtCuts(from: readonly number[], to: readonly number[]): number {
  const total = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
  const [n, m] = [total(from), total(to)];
  let [below, other, distance] = [0, 0, 0];
  from.forEach((count, index) => {
    below += count;
    other += to[index]!;
    distance = Math.max(distance, Math.abs(below / n - other / m));
  });
  return distance;
}

const DAY = 86_400_000_000;

/** ISO 8601; times of day without a date. */
function formatTime(micros: number, type: string): string {
  const text = new Date(Math.round(micros / 1000)).toISOString().replace('.000Z', 'Z');
  if (type === 'DATE' && micros % DAY === 0) {
    return text.slice(0, text.indexOf('T'));
  }
  return /^(DATE|TIMESTAMP)/.test(type)
    ? text.replace(/Z$/, type.includes('TIME ZONE') ? 'Z' : '')
    : text.slice(11, -1);
}
