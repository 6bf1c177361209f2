import type { MetricDirection } from '../../core/model/compare';
import type { MetricRow } from '../../core/model/result';

export type Verdict = 'better' | 'worse' | null;

/** Whether a value is better than the baseline's. null when nobody said which values are good, or nothing differs. */
export function judge(value: unknown, baseline: unknown, direction: MetricDirection): Verdict {
  if (direction === null || typeof value !== 'number' || typeof baseline !== 'number' || value === baseline) {
    return null;
  }
  return value > baseline === (direction === 'higher') ? 'better' : 'worse';
}

/** Position of the best value; null when there is no telling, or several are as good. */
export function best(values: MetricRow['values'], direction: MetricDirection): number | null {
  const numbers = values.filter(value => typeof value === 'number');
  if (direction === null || numbers.length < 2) {
    return null;
  }
  const extreme = direction === 'higher' ? Math.max(...numbers) : Math.min(...numbers);
  const first = values.indexOf(extreme);
  return values.indexOf(extreme, first + 1) < 0 ? first : null;
}

/** What a click on the direction chooses: it goes round. */
export function nextDirection(direction: MetricDirection): MetricDirection {
  return direction === null ? 'higher' : direction === 'higher' ? 'lower' : null;
}

/** The metric that a chart shows first: one of which it is known what is good, and that differs. */
export function mostTelling(
  metrics: readonly MetricRow[],
  directionOf: (metric: MetricRow) => MetricDirection
): MetricRow | undefined {
  const differs = ({ values }: MetricRow): boolean => values.some(value => value !== values[0]);
  const known = metrics.filter(metric => directionOf(metric) !== null);
  return known.find(differs) ?? metrics.find(differs) ?? known[0] ?? metrics[0];
}

/** Under which name a metric's chosen direction is remembered. */
export const metricKey = ({ path, name }: MetricRow): string => `${path}:${name}`;
