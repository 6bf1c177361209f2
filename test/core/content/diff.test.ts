import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines, diffText } from '../../../src/core/content/diff/lines';
import { diffTree } from '../../../src/core/content/diff/tree';
import { matchLines } from '../../../src/node/text/match-lines';

const side = (lines: readonly { mark: string; text: string }[], without: string): string[] =>
  lines.filter(line => line.mark !== without).map(line => line.text);

describe('text', () => {
  it('has both texts in its lines, whatever they are', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', '', '__proto__', 'constructor'), { maxLength: 30 });
    fc.assert(
      fc.property(text, text, (from, to) => {
        const lines = diffLines(
          from.map(line => `${line}\n`).join(''),
          to.map(line => `${line}\n`).join(''),
          matchLines
        );
        expect(side(lines, '+')).toEqual(from);
        expect(side(lines, '-')).toEqual(to);
      })
    );
  });

  it('is as short as it can be for small texts', () => {
    const lines = diffLines('a\nb\nc\na\nb\nb\na\n', 'c\nb\na\nb\na\nc\n', matchLines);
    expect(lines.filter(({ mark }) => mark !== ' ')).toHaveLength(5);
  });

  it('leaves out what stands far from any change', () => {
    const from = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    const to = from.with(20, 'changed');
    expect(diffText(from.join('\n'), to.join('\n'), matchLines)).toEqual({
      kind: 'text',
      truncated: false,
      lines: [
        { mark: '@', text: '17 unchanged lines' },
        ...[17, 18, 19].map(index => ({ mark: ' ', text: `line ${index}` })),
        { mark: '-', text: 'line 20' },
        { mark: '+', text: 'changed' },
        ...[21, 22, 23].map(index => ({ mark: ' ', text: `line ${index}` })),
        { mark: '@', text: '16 unchanged lines' }
      ]
    });
  });

  it('finds small changes in long texts, and bears long texts of equal lines', () => {
    const from = Array.from({ length: 60_000 }, (_, index) => (index % 3 === 0 ? '' : `line ${index}`));
    const to = from.with(100, 'x').toSpliced(40_001, 2).toSpliced(59_000, 0, 'y');
    const changed = diffLines(from.join('\n'), to.join('\n'), matchLines).filter(({ mark }) => mark !== ' ');
    expect(changed.map(({ mark, text }) => mark + text)).toEqual(
      ['-line 100', '+x', '-line 40001', '-', '+y'].map(text => (text === '-' ? `-${from[40_002]}` : text))
    );
    const bad = diffLines('a\n'.repeat(30_000), `b\n${'a\n'.repeat(20_000)}b\n`, matchLines);
    expect(side(bad, '+')).toHaveLength(30_000);
    expect(side(bad, '-')).toHaveLength(20_002);
  });
});

describe('trees', () => {
  it('tell numbers with their difference, and what one side lacks', () => {
    const from = { auc: 0.5, name: 'a', gone: [1, { x: 2 }], same: { deep: [1, 2] }, 'a.b': 1, type: 1 };
    const to = { auc: 0.75, name: 'b', same: { deep: [1, 2] }, 'a.b': 2, added: {}, type: [1] };
    expect(diffTree(from, to)).toEqual({
      kind: 'tree',
      total: 8,
      changes: [
        { path: 'auc', from: 0.5, to: 0.75, delta: 0.25 },
        { path: 'name', from: 'a', to: 'b', delta: null },
        { path: 'gone[0]', from: 1, delta: null },
        { path: 'gone[1].x', from: 2, delta: null },
        { path: '"a.b"', from: 1, to: 2, delta: 1 },
        { path: 'type', from: 1, delta: null },
        { path: 'type[0]', to: 1, delta: null },
        { path: 'added', to: '{}', delta: null }
      ]
    });
  });

  it('match items of lists by name where all have one, else by position', () => {
    const layer = (name: string, units: number): object => ({ name, units });
    const named = diffTree([layer('a', 1), layer('b', 2)], [layer('new', 9), layer('a', 1), layer('b', 4)]);
    expect(named.changes).toEqual([
      { path: '[b].units', from: 2, to: 4, delta: 2 },
      { path: '[new].name', to: 'new', delta: null },
      { path: '[new].units', to: 9, delta: null }
    ]);
    expect(diffTree([1, 2], [1, 3, 4]).changes).toEqual([
      { path: '[1]', from: 2, to: 3, delta: 1 },
      { path: '[2]', to: 4, delta: null }
    ]);
  });

  it('bear nesting beyond reason, and too many changes', () => {
    const deep = (end: string): unknown => JSON.parse(`${'['.repeat(5000)}${end}${']'.repeat(5000)}`);
    expect(diffTree(deep('1'), deep('2')).total).toBe(1);
    const wide = diffTree({}, Object.fromEntries(Array.from({ length: 6000 }, (_, index) => [`k${index}`, index])));
    expect([wide.changes.length, wide.total]).toEqual([5000, 6000]);
    expect(diffTree({ x: NaN }, { x: NaN }).total).toBe(0);
  });
});
