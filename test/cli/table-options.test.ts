import { describe, expect, it } from 'vitest';
import { parseFilter, parseRows, parseSort, toPage } from '../../src/cli/commands/table-options';

describe('rows on the command line', () => {
  it('are a range, or the first ones', () => {
    expect(parseRows('100..150')).toEqual({ offset: 100, limit: 50 });
    expect(parseRows('20')).toEqual({ offset: 0, limit: 20 });
    for (const text of ['', 'a', '5..3', '-1', '0..2000', '1.5']) {
      expect(() => parseRows(text), text).toThrow();
    }
  });

  it('are sorted by several columns', () => {
    expect(parseSort('b', parseSort('-a'))).toEqual([{ column: 'a', descending: true }, { column: 'b' }]);
  });

  it('are filtered by conditions, never by SQL', () => {
    const cases: readonly (readonly [string, string, string, string?])[] = [
      ['price>3', 'price', '>', '3'],
      ['price <= -3.5', 'price', '<=', '-3.5'],
      ['a b != x = y', 'a b', '!=', 'x = y'],
      ['name~ada', 'name', 'contains', 'ada'],
      ['"a>""b"=1', 'a>"b', '=', '1'],
      ['note is null', 'note', 'is-null'],
      ['note IS NOT NULL', 'note', 'is-not-null'],
      ["x='; DROP TABLE t; --", 'x', '=', "'; DROP TABLE t; --"]
    ];
    for (const [text, column, operator, value] of cases) {
      expect(parseFilter(text), text).toEqual([{ column, operator, ...(value !== undefined && { value }) }]);
    }
    expect(() => parseFilter('price')).toThrow();
    expect(parseFilter('b=2', parseFilter('a=1'))).toHaveLength(2);
  });

  it('are asked for when any of these is given', () => {
    expect(toPage({})).toBeUndefined();
    expect(toPage({ sort: [{ column: 'a' }] })).toEqual({ offset: 0, limit: 20, sort: [{ column: 'a' }] });
  });
});
