import { describe, expect, it } from 'vitest';
import type { ChartColours } from '../../src/lab/chart/colours';
import { best, judge, metricKey, mostTelling, nextDirection } from '../../src/lab/compare/judge';
import { metricSpec } from '../../src/lab/compare/metric-spec';

describe('better and worse', () => {
  it('follow the direction', () => {
    expect(judge(0.9, 0.8, 'higher')).toBe('better');
    expect(judge(0.9, 0.8, 'lower')).toBe('worse');
    expect(judge(0.7, 0.8, 'lower')).toBe('better');
  });

  it('are not told without a direction, a difference, or two numbers', () => {
    expect(judge(0.9, 0.8, null)).toBeNull();
    expect(judge(0.8, 0.8, 'higher')).toBeNull();
    expect(judge('0.9', 0.8, 'higher')).toBeNull();
    expect(judge(0.9, null, 'higher')).toBeNull();
  });

  it('name one best value, or none when several are as good', () => {
    expect(best([0.8, 0.9, 0.7], 'higher')).toBe(1);
    expect(best([0.8, null, 0.7], 'lower')).toBe(2);
    expect(best([0.9, 0.9, 0.7], 'higher')).toBeNull();
    expect(best([0.9], 'higher')).toBeNull();
    expect(best([1, 2], null)).toBeNull();
  });

  it('a click goes round the directions', () => {
    expect([null, 'higher', 'lower'].map(direction => nextDirection(direction as never))).toEqual([
      'higher',
      'lower',
      null
    ]);
  });

  it('choose what the chart shows first', () => {
    const metric = (name: string, ...values: number[]) => ({ path: 'm.json', name, values });
    const metrics = [metric('step', 1, 2), metric('loss', 1, 1), metric('accuracy', 0.5, 0.6)];
    expect(mostTelling(metrics, ({ name }) => (name === 'step' ? null : 'higher'))?.name).toBe('accuracy');
    expect(mostTelling(metrics, () => null)?.name).toBe('step');
    expect(mostTelling([], () => null)).toBeUndefined();
  });

  it('are remembered by file and name', () => {
    expect(metricKey({ path: 'metrics/a.json', name: 'loss', values: [] })).toBe('metrics/a.json:loss');
  });
});

describe('the chart of a metric', () => {
  const colours: ChartColours = { text: '', dim: '', line: '', from: '', to: '', series: ['red', 'blue'], font: '' };
  const metric = { path: 'metrics/a.json', name: 'loss', values: [0.5, null, 0.25] };

  it('has a bar for every number', () => {
    expect(metricSpec(metric, ['main', 'a', 'b'], colours)).toMatchObject({
      data: {
        values: [
          { branch: 'main', value: 0.5 },
          { branch: 'b', value: 0.25 }
        ]
      }
    });
  });

  it('has lines where a metric was measured again and again', () => {
    const spec = metricSpec({ ...metric, series: [[3, 2], null, [1, null, 0]] }, ['main', 'a', 'b'], colours);
    expect(spec).toMatchObject({
      data: {
        values: [
          { branch: 'main', step: 1, value: 3 },
          { branch: 'main', step: 2, value: 2 },
          { branch: 'b', step: 1, value: 1 },
          { branch: 'b', step: 3, value: 0 }
        ]
      }
    });
  });

  it('is nothing without numbers', () => {
    expect(metricSpec({ ...metric, values: ['n/a', null, null] }, ['main', 'a', 'b'], colours)).toBeNull();
  });
});
