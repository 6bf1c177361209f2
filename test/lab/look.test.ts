import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import type { Column, ColumnKind } from '../../src/core/model/table';
import { filterInWords, makeFilter, nextSort, operatorsOf } from '../../src/lab/look/filters';
import { hexLines } from '../../src/lab/look/hex';

const trans = nullTranslator.load('branchbook');
const column = (kind: ColumnKind): Column => ({ name: 'price', type: 'X', kind });

describe('a filter', () => {
  it('has a value of its column’s kind', () => {
    expect(makeFilter(column('number'), '>=', ' 2.5 ')).toEqual({ column: 'price', operator: '>=', value: 2.5 });
    expect(makeFilter(column('boolean'), '=', 'false')).toEqual({ column: 'price', operator: '=', value: false });
    expect(makeFilter(column('string'), 'contains', ' a')).toEqual({
      column: 'price',
      operator: 'contains',
      value: ' a'
    });
    expect(makeFilter(column('string'), '=', '')).toEqual({ column: 'price', operator: '=', value: '' });
  });

  it('is none while its value is not one', () => {
    expect(makeFilter(column('number'), '=', '')).toBeNull();
    expect(makeFilter(column('number'), '=', '12 dollars')).toBeNull();
    expect(makeFilter(column('number'), '<', 'Infinity')).toBeNull();
    expect(makeFilter(column('boolean'), '=', 'yes')).toBeNull();
    expect(makeFilter(column('time'), '<', '  ')).toBeNull();
  });

  it('keeps the digits that a double cannot', () => {
    const exact = '9007199254740993';
    expect(makeFilter(column('number'), '=', exact)).toEqual({ column: 'price', operator: '=', value: exact });
  });

  it('asks for null without a value, of every kind', () => {
    for (const kind of ['number', 'string', 'boolean', 'time', 'list', 'struct', 'binary', 'other'] as const) {
      expect(operatorsOf(kind)).toContain('is-null');
      expect(makeFilter(column(kind), 'is-null', 'ignored')).toEqual({ column: 'price', operator: 'is-null' });
    }
  });

  it('is said in words', () => {
    expect(filterInWords({ column: 'price', operator: '>=', value: 500 }, trans)).toBe('price ≥ 500');
    expect(filterInWords({ column: 'city', operator: 'contains', value: '<b>' }, trans)).toBe('city contains “<b>”');
    expect(filterInWords({ column: 'city', operator: 'is-null' }, trans)).toBe('city is null');
  });
});

describe('clicks on a header', () => {
  it('sort up, then down, then not', () => {
    const once = nextSort([], 'a', false);
    const twice = nextSort(once, 'a', false);
    expect(once).toEqual([{ column: 'a' }]);
    expect(twice).toEqual([{ column: 'a', descending: true }]);
    expect(nextSort(twice, 'a', false)).toEqual([]);
  });

  it('of another column begin anew, unless it is added', () => {
    const sorted = [{ column: 'a' }, { column: 'b', descending: true }];
    expect(nextSort(sorted, 'c', false)).toEqual([{ column: 'c' }]);
    expect(nextSort(sorted, 'c', true)).toEqual([...sorted, { column: 'c' }]);
    expect(nextSort(sorted, 'a', true)).toEqual([{ column: 'a', descending: true }, sorted[1]]);
    expect(nextSort(sorted, 'b', true)).toEqual([{ column: 'a' }]);
  });
});

describe('bytes', () => {
  it('stand 16 on a line, beside those that are characters', () => {
    const digits = Buffer.from('<script>\u0000\u007fBranchbook!').toString('hex');
    expect(hexLines(digits)).toEqual([
      { offset: '0000', bytes: '3c 73 63 72 69 70 74 3e  00 7f 42 72 61 6e 63 68', text: '<script>··Branch' },
      { offset: '0010', bytes: '62 6f 6f 6b 21', text: 'book!' }
    ]);
  });

  it('of an empty file are none', () => {
    expect(hexLines('')).toEqual([]);
  });
});
