import { describe, expect, it } from 'vitest';
import type { ColumnStatistics } from '../../src/core/model/table';
import { cellText, tabSeparated } from '../../src/lab/table/cell-text';
import { linePoints, shape } from '../../src/lab/table/distribution';
import { neighbours } from '../../src/lab/table/page-range';

const column: ColumnStatistics = {
  name: 'a',
  type: 'VARCHAR',
  kind: 'string',
  count: 8,
  nulls: 2,
  distinct: 3,
  approximate: false,
  minimum: 1,
  maximum: 3,
  mean: null,
  standardDeviation: null,
  quantiles: null,
  zeros: null,
  nans: null,
  infinities: null,
  top: [
    { value: 'x', count: 4 },
    { value: 'y', count: 2 }
  ],
  histogram: []
};

describe('the text of a cell', () => {
  it('is one line whatever it holds', () => {
    expect(cellText('a\nb\tc\u0000d\u007f')).toBe('a↵b␉c␀d␡');
    expect(cellText('x'.repeat(4096))).toHaveLength(300);
  });

  it('tells null, not loaded and empty apart', () => {
    expect([cellText(null), cellText(undefined), cellText(''), cellText('null')]).toEqual(['null', '⋯', '', 'null']);
  });

  it('keeps markup as it is', () => {
    expect(cellText('<img src=x onerror=alert(1)>')).toBe('<img src=x onerror=alert(1)>');
  });
});

describe('copied cells', () => {
  it('have names, and quotes where a value would break the table', () => {
    expect(
      tabSeparated(
        ['a', 'b\tc'],
        [
          [1, 'x\ny'],
          [null, 'say "hi"']
        ]
      )
    ).toBe('a\t"b\tc"\n1\t"x\ny"\n\t"say ""hi"""');
  });

  it('are the value alone when there is only one', () => {
    expect(tabSeparated(['a'], [['x']])).toBe('x');
  });
});

describe('a distribution', () => {
  it('of bins is bars up to the highest', () => {
    const histogram = [1, 4, 2].map((count, low) => ({ low, high: low + 1, count }));
    expect(shape({ ...column, histogram })).toEqual({ kind: 'bars', parts: [0.25, 1, 0.5] });
  });

  it('of top values is shares of all that is not null', () => {
    expect(shape(column)).toEqual({ kind: 'shares', parts: [0.5, 0.25] });
  });

  it('of nothing is nothing', () => {
    expect(shape({ ...column, count: 0, top: [] })).toEqual({ kind: 'shares', parts: [] });
  });
});

describe('a line', () => {
  it('goes from the lowest to the highest, gaps left out', () => {
    expect(linePoints([1, null, 3], 20, 10, 0)).toBe('0,10 20,0');
  });

  it('of one value for ever is level', () => {
    expect(linePoints([5, 5], 20, 10, 0)).toBe('0,5 20,5');
  });
});

it('pages in view are found also at the end, where the grid shows less than it could', () => {
  const view = { firstRow: 990, lastRow: -1, firstColumn: 0, lastColumn: -1 };
  const { visible, ahead } = neighbours(view, 0, 1010, 2);
  expect([...visible.keys()]).toEqual(['1:0', '2:0']);
  expect([...ahead.keys()]).toEqual([]);
});
