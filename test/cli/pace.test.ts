import { expect, it } from 'vitest';
import { formatDuration, PaceKeeper } from '../../src/cli/pace';
import { ProgressLine } from '../../src/cli/progress-line';
import type { Progress } from '../../src/core/port';

const storing = (done: number, path = 'a', total: number | null = 4000): Progress => ({
  phase: 'storing',
  done,
  total,
  unit: 'bytes',
  path
});

it('tells speed and time left of a file, from when it was first heard of', () => {
  const pace = new PaceKeeper();
  expect(pace.take(storing(1000), 0)).toBeNull();
  expect(pace.take(storing(1500), 500)).toBeNull();
  expect(pace.take(storing(3000), 2000)).toEqual({ speed: 1000, left: 1 });
  expect(pace.take(storing(3000, 'a', null), 2000)).toEqual({ speed: 1000, left: null });
});

it('starts anew with another file, and keeps phases apart', () => {
  const pace = new PaceKeeper();
  const files = (done: number): Progress => ({ phase: 'snapshot', done, total: 10, unit: 'files', path: String(done) });
  pace.take(files(0), 0);
  pace.take(storing(0), 0);
  expect(pace.take(storing(2000, 'b'), 1500)).toBeNull();
  expect(pace.take(files(4), 2000)).toEqual({ speed: 2, left: 3 });
  expect(pace.take(storing(4000, 'b'), 2500)).toEqual({ speed: 2000, left: 0 });
  expect(pace.take(files(1), 9000)).toEqual({ speed: 1 / 9, left: 81 });
});

it.each([
  [0.2, '1 s'],
  [59.4, '59 s'],
  [61, '1 min'],
  [3599, '1 h 0 min'],
  [5000, '1 h 23 min']
])('spells %d seconds as %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

it('shows nothing where nobody looks', () => {
  const line = new ProgressLine({
    terminal: false,
    write: () => {
      throw new Error('written');
    }
  } as never);
  line.update(storing(1));
  line.end();
});
