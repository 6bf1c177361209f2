/** A table's diff on a terminal. */
import { describe, expect, it } from 'vitest';
import { renderDiff } from '../../src/cli/render/diff';
import { createStyle } from '../../src/cli/render/words';
import type { DiffResult, TableDiff } from '../../src/core/model/diff';

const column = (name: string) => ({ name, type: 'VARCHAR', kind: 'string' as const });
const diff: TableDiff = {
  kind: 'table',
  key: { columns: ['id'], source: 'found' },
  duplicateKeys: { from: 1, to: 0 },
  nullKeys: { from: 0, to: 2 },
  schema: {
    added: [column('fresh')],
    removed: [column('gone')],
    retyped: [{ name: 'n', from: 'BIGINT', to: 'DOUBLE' }],
    renamed: [{ from: 'gone', to: 'fresh', similarity: 0.9999 }],
    reordered: true
  },
  counts: { from: 5, to: 5, added: 1, removed: 1, changed: 1, unchanged: 3 },
  changedCells: [{ column: 'x', count: 1 }],
  columns: [column('id'), column('x')],
  rows: [
    { kind: 'changed', from: [1, 'old\nline'], to: [1, 'new'], cells: [1] },
    { kind: 'removed', from: [2, null], to: null, cells: [] },
    { kind: 'added', from: null, to: [3, 'y'.repeat(100)], cells: [] }
  ],
  total: 3,
  broken: { from: 0, to: 1 },
  notices: ['Two columns are called x.']
};
const result: DiffResult = {
  from: { name: 'main', commit: 'a'.repeat(40) },
  to: { name: 'work tree', commit: null },
  files: [{ path: 'data/t.csv', change: 'modified', asset: true, sizes: [100, 200], content: diff }]
};

describe('a table on the terminal', () => {
  it('has counts, key, schema and rows with old → new', () => {
    expect(renderDiff(result, createStyle(false)).split('\n')).toEqual([
      'main aaaaaaaa → work tree',
      '  ~  data/t.csv  100 B  →  200 B  asset',
      '',
      '+1 added, -1 removed, ~1 changed, 3 unchanged  5 → 5 rows',
      'Key: id (found: the smallest that is unique on both sides).',
      '1 → 0 keys on several rows, 0 → 2 rows with null in the key: those rows were compared as a bag.',
      '+ column fresh VARCHAR',
      '- column gone VARCHAR',
      '~ column n BIGINT → DOUBLE',
      'gone may have been renamed to fresh: 99.9 % of their values are equal.',
      'The columns stand in another order.',
      'Changed cells: x 1.',
      'Two columns are called x.',
      '0 → 1 row could not be read and was left out.',
      '',
      '     id  x',
      '  ~  1   old⏎line → new',
      '  -  2   –',
      `  +  3   ${'y'.repeat(39)}…`
    ]);
  });

  it('shows old in red and new in green', () => {
    const line = renderDiff(result, createStyle(true))
      .split('\n')
      .find(text => text.includes('new'));
    expect(line).toContain('\u001b[31mold⏎line\u001b[0m → \u001b[32mnew\u001b[0m');
  });

  it('shows drift with its level', () => {
    const drift: TableDiff['drift'] = [
      {
        column: 'x',
        kind: 'number',
        n: [10, 20],
        nulls: [0, 1],
        level: 'fail',
        measures: [
          { name: 'psi', value: 0.25, level: 'fail', formula: '' },
          { name: 'kolmogorov-smirnov', value: 0.5, pValue: 0.00001234, level: 'fail', formula: '' }
        ],
        bins: []
      }
    ];
    const files = [{ ...result.files[0]!, content: { ...diff, rows: [], drift } }];
    const text = renderDiff({ ...result, files }, createStyle(false));
    expect(text.split('\n').at(-1)).toMatch(/^ {2}fail {2}x +10 → 20 +0 → 1 +0\.25 +0\.5 +1\.2e-5$/);
  });
});
