import { describe, expect, it } from 'vitest';
import { diffNotebooks } from '../../../src/core/notebook/diff';
import { parseNotebook } from '../../../src/core/notebook/parse';
import type { NotebookDiff } from '../../../src/core/model/diff';
import { matchLines } from '../../../src/node/text/match-lines';

type CellText = { id?: string; source: string | string[]; outputs?: object[]; count?: number | null; type?: string };

function notebook(cells: readonly CellText[], metadata: object = {}): string {
  return JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata,
    cells: cells.map(({ id, source, outputs = [], count = null, type = 'code' }) => ({
      ...(id !== undefined && { id }),
      cell_type: type,
      source,
      metadata: {},
      ...(type === 'code' && { outputs, execution_count: count })
    }))
  });
}

const diff = (from: string, to: string): NotebookDiff =>
  diffNotebooks(parseNotebook(from)!, parseNotebook(to)!, matchLines);
const told = ({ cells }: NotebookDiff): unknown[] =>
  cells.map(({ id, change, positions }) => [id, change, ...positions]);
const result = (text: string | string[], count: number): object => ({
  output_type: 'execute_result',
  execution_count: count,
  metadata: {},
  data: { 'text/plain': text }
});

describe('notebooks with ids', () => {
  it('tell added, removed, changed and moved cells in the order of the new one', () => {
    const from = notebook([
      { id: 'a', source: 'import x' },
      { id: 'b', source: 'x = 1\ny = 2' },
      { id: 'c', source: 'gone()' },
      { id: 'd', source: 'plot(x)' },
      { id: 'e', source: 'end' }
    ]);
    const to = notebook([
      { id: 'd', source: 'plot(x)' },
      { id: 'a', source: ['import x'] },
      { id: 'b', source: 'x = 1\ny = 3' },
      { id: 'n', source: 'new' },
      { id: 'e', source: 'end' }
    ]);
    const found = diff(from, to);
    expect(told(found)).toEqual([
      ['d', 'moved', 3, 0],
      ['a', 'same', 0, 1],
      ['b', 'changed', 1, 2],
      ['c', 'removed', 2, null],
      ['n', 'added', null, 3],
      ['e', 'same', 4, 4]
    ]);
    expect(found.cells[2]!.source).toEqual([
      { mark: ' ', text: 'x = 1' },
      { mark: '-', text: 'y = 2' },
      { mark: '+', text: 'y = 3' }
    ]);
    expect(found.metadata).toBe(false);
  });

  it('ignore counters, and tell outputs that differ', () => {
    const before = notebook([{ id: 'a', source: '1+1', count: 1, outputs: [result('2', 1)] }], { kernel: 'a' });
    const again = notebook([{ id: 'a', source: '1+1', count: 9, outputs: [result(['2'], 9)] }], { kernel: 'b' });
    expect(told(diff(before, again))).toEqual([['a', 'same', 0, 0]]);
    expect(diff(before, again).metadata).toBe(true);
    const other = notebook([{ id: 'a', source: '1+1', count: 1, outputs: [result('3', 1)] }]);
    expect(diff(before, other).cells[0]).toMatchObject({
      change: 'changed',
      source: [{ mark: ' ', text: '1+1' }],
      outputs: { from: [result('2', 1)], to: [result('3', 1)] }
    });
  });
});

describe('notebooks without ids', () => {
  it('match cells by what is in them', () => {
    const from = notebook([
      { source: 'import pandas as pd' },
      { source: 'df = pd.read_csv("a.csv")\ndf = df.dropna()' },
      { source: '# Title', type: 'markdown' },
      { source: 'totally different things' }
    ]);
    const to = notebook([
      { source: '# Title', type: 'markdown' },
      { source: 'import pandas as pd' },
      { source: 'df = pd.read_csv("b.csv")\ndf = df.dropna()' },
      { source: 'model.fit(df)' }
    ]);
    expect(diff(from, to).cells.map(({ change, positions }) => [change, ...positions])).toEqual([
      ['moved', 2, 0],
      ['same', 0, 1],
      ['changed', 1, 2],
      ['removed', 3, null],
      ['added', null, 3]
    ]);
  });

  it('match cells of a notebook that got ids since', () => {
    const found = diff(notebook([{ source: 'a = 1' }]), notebook([{ id: 'x', source: 'a = 1' }]));
    expect(told(found)).toEqual([['x', 'same', 0, 0]]);
  });
});

it('what is no notebook of version 4 is none', () => {
  for (const text of ['', '[]', '{"nbformat": 3, "worksheets": []}', '{"nbformat": 4, "cells": [1]}']) {
    expect(parseNotebook(text)).toBeNull();
  }
});
