import { describe, expect, it } from 'vitest';
import type { ColumnDrift } from '../../src/core/model/diff';
import type { ChartColours } from '../../src/lab/chart/colours';
import { diffCellText, rowCells } from '../../src/lab/diff/diff-cell';
import { driftSpec, steps } from '../../src/lab/diff/drift-spec';
import { pairRow, pairRows } from '../../src/lab/diff/pair-rows';
import { pixelDifference } from '../../src/lab/diff/pixels';

describe('cells of rows that differ', () => {
  it('say old and new where they changed, else the value', () => {
    const cells = rowCells({ kind: 'changed', from: [1, 'a', null], to: [1, 'b', 5], cells: [1, 2] }, 0, 3);
    expect(cells.map(diffCellText)).toEqual(['1', 'a → b', 'null → 5']);
  });

  it('of an added row are the new ones, of a removed row the old ones', () => {
    expect(rowCells({ kind: 'added', from: null, to: [1, 'a'], cells: [] }, 0, 2).map(diffCellText)).toEqual([
      '1',
      'a'
    ]);
    expect(rowCells({ kind: 'removed', from: [2, null], to: null, cells: [] }, 0, 2).map(diffCellText)).toEqual([
      '2',
      'null'
    ]);
  });

  it('come by blocks of columns', () => {
    const row = { kind: 'changed' as const, from: [1, 2, 3, 4], to: [1, 2, 9, 4], cells: [2] };
    expect(rowCells(row, 2, 4).map(cell => cell.changed)).toEqual([true, false]);
  });

  it('keep control characters from the canvas', () => {
    const [cell] = rowCells({ kind: 'added', from: null, to: ['a\nb\u0007'], cells: [] }, 0, 1);
    expect(diffCellText(cell)).toBe('a↵b\u2407');
  });
});

describe('named values side by side', () => {
  it('know what was added, removed and changed, and by how much', () => {
    const rows = pairRows({ same: 1, rate: 0.5, gone: true }, { same: 1, rate: 0.25, fresh: null });
    expect(rows.map(({ name, change, delta }) => [name, change, delta])).toEqual([
      ['same', 'same', null],
      ['rate', 'changed', -0.25],
      ['gone', 'removed', null],
      ['fresh', 'added', null]
    ]);
  });

  it('tell null from missing, NaN from a change, and names of Object from settings', () => {
    expect(pairRow('x', null, null).change).toBe('same');
    expect(pairRow('x', Number.NaN, Number.NaN).change).toBe('same');
    expect(pairRows({ a: 1 }, { toString: 'x' }).map(row => row.change)).toEqual(['removed', 'added']);
  });
});

describe('pixels that differ', () => {
  const picture = (width: number, height: number, colour: readonly number[]) => ({
    width,
    height,
    data: new Uint8ClampedArray(Array.from({ length: width * height }, () => colour).flat())
  });
  const mark = [255, 0, 255] as const;

  it('are counted and marked', () => {
    const from = picture(3, 2, [10, 20, 30, 255]);
    const to = picture(3, 2, [10, 20, 30, 255]);
    to.data[4] = 11;
    const difference = pixelDifference(from, to, mark);
    expect(difference.different).toBe(1);
    expect([...difference.data.slice(4, 8)]).toEqual([255, 0, 255, 255]);
    expect(pixelDifference(from, to, mark, 1).different).toBe(0);
  });

  it('include those that only one picture has', () => {
    expect(pixelDifference(picture(2, 2, [0, 0, 0, 255]), picture(3, 1, [0, 0, 0, 255]), mark)).toMatchObject({
      width: 3,
      height: 2,
      // 6 in all, of which 2 are in both.
      different: 4
    });
  });

  it('do not include what nobody sees', () => {
    expect(pixelDifference(picture(1, 1, [1, 2, 3, 0]), picture(1, 1, [9, 9, 9, 0]), mark).different).toBe(0);
  });
});

describe('the chart of a drift', () => {
  const colours: ChartColours = { text: '', dim: '', line: '', from: 'red', to: 'blue', series: [], font: '' };
  const words = { side: 'Side', from: 'From', to: 'To', value: 'Value', rows: 'Rows', share: 'Share' };
  const drift = (bins: ColumnDrift['bins'], n: ColumnDrift['n']): ColumnDrift => ({
    ...{ column: 'price', kind: 'number', n, nulls: [0, 0], level: 'none', measures: [], bins }
  });

  it('shows shares, so that sides of different length compare', () => {
    const bins = [
      { bin: null, value: 'a', from: 1, to: 6 },
      { bin: null, value: null, from: 3, to: 2 }
    ];
    const spec = driftSpec({ drift: drift(bins, [4, 8]), sides: ['main', 'exp'], words, colours });
    expect(spec).toMatchObject({
      data: {
        values: [
          { value: 'a', side: 'main', count: 1, share: 0.25 },
          { value: 'a', side: 'exp', count: 6, share: 0.75 },
          { value: 'null', side: 'main', count: 3, share: 0.75 },
          { value: 'null', side: 'exp', count: 2, share: 0.25 }
        ]
      }
    });
  });

  it('is nothing without values', () => {
    expect(driftSpec({ drift: drift([], [0, 0]), sides: ['a', 'b'], words, colours })).toBeNull();
  });

  it('draws the outline of a histogram from the ground to the ground', () => {
    const outline = steps([
      { side: 's', low: 0, high: 1, share: 0.2 },
      { side: 's', low: 1, high: 2, share: 0.8 }
    ]);
    expect(outline.map(({ low, share }) => [low, share])).toEqual([
      [0, 0],
      [0, 0.2],
      [1, 0.2],
      [1, 0.8],
      [2, 0.8],
      [2, 0]
    ]);
  });
});
