/** show and diff of files that are no tables, through the real store and git. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Content } from '../../src/core/model/content';
import type { ContentDiff } from '../../src/core/model/diff';
import { notebook } from './fixture';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';

const models = join(__dirname, '../fixture/models');

function put(verbs: Verbal, name: string, path: string): void {
  mkdirSync(join(verbs.root, 'models'), { recursive: true });
  cpSync(join(models, name), join(verbs.root, path));
}

async function contentOf(verbs: Verbal, address: string): Promise<Content> {
  const shown = await verbs.run('show', { address, content: true });
  return (shown as { content: Content }).content;
}

async function diffOf(verbs: Verbal, path: string, from = 'HEAD~1', to: string | null = 'HEAD'): Promise<ContentDiff> {
  const { files } = await verbs.run('diff', { from, ...(to && { to }), path });
  return files[0]!.content!;
}

describe('a model', () => {
  it('is shown with the numbers and the data of its snapshot, and compared with its next version', async () => {
    const verbs = await openVerbs();
    verbs.write({ '.gitattributes': '*.joblib filter=lfs diff=lfs merge=lfs -text\n' });
    put(verbs, 'linear.joblib', 'models/m.joblib');
    const first = await verbs.snapshot({ 'data/d.csv': 'a,b\n1,2\n', 'metrics/m.json': '{"auc": 0.5}' }, 'first');
    put(verbs, 'forest.joblib', 'models/m.joblib');
    await verbs.snapshot({ 'metrics/m.json': '{"auc": 0.75}' }, 'second');
    await verbs.snapshot({ 'metrics/m.json': '{"auc": 1}' }, 'later');
    expect(await contentOf(verbs, 'models/m.joblib@HEAD~2')).toMatchObject({
      kind: 'model',
      estimator: 'LinearRegression',
      parameters: 4,
      metrics: [{ path: 'metrics/m.json', name: 'auc', value: 0.5 }],
      trainedOn: [{ path: 'data/d.csv', address: `data/d.csv@${first.slice(0, 8)}` }]
    });
    // The snapshot that made it counts, not the one it is looked at from.
    expect(await contentOf(verbs, 'models/m.joblib@HEAD')).toMatchObject({ metrics: [{ value: 0.75 }] });
    expect(await diffOf(verbs, 'models/m.joblib', 'HEAD~2')).toMatchObject({
      kind: 'model',
      from: {
        estimator: 'LinearRegression',
        features: ['carat', 'größe', 'depth, %'],
        metrics: [{ path: 'metrics/m.json', name: 'auc', value: 0.5 }]
      },
      to: { estimator: 'RandomForestClassifier', settings: { n_estimators: 3, max_depth: 2 }, metrics: [{ value: 1 }] }
    });
  });
});

describe('documents', () => {
  it('are compared by what they are', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({
      'n.ipynb': notebook('a = 1', 'b = 2'),
      'c.json': '{"x": [1, 2]}',
      'c.yaml': 'lr: 0.1\n',
      't.py': 'a\nb\n',
      'layout.json': '{"a": 1}',
      'broken.json': '{"a": ',
      'd.bin': 'x\0y',
      'k.txt': 'text\n'
    });
    await verbs.snapshot({
      'n.ipynb': notebook('a = 1', 'b = 3'),
      'c.json': '{"x": [1, 4]}',
      'c.yaml': 'lr: 0.25\n# why\n',
      't.py': 'a\nc\n',
      'layout.json': '{\n  "a": 1\n}',
      'broken.json': '{"b": ',
      'd.bin': 'x\0z',
      'k.txt': 'text\0\n'
    });
    expect(await diffOf(verbs, 'n.ipynb')).toMatchObject({
      kind: 'notebook',
      cells: [{ change: 'same' }, { change: 'changed', source: [{ text: 'b = 2' }, { text: 'b = 3' }] }]
    });
    const tree = (path: string, from: number, to: number): object => ({
      kind: 'tree',
      total: 1,
      changes: [{ path, from, to, delta: to - from }]
    });
    expect(await diffOf(verbs, 'c.json')).toEqual(tree('x[1]', 2, 4));
    expect(await diffOf(verbs, 'c.yaml')).toEqual(tree('lr', 0.1, 0.25));
    expect(await diffOf(verbs, 't.py')).toMatchObject({
      kind: 'text',
      lines: [
        { mark: ' ', text: 'a' },
        { mark: '-', text: 'b' },
        { mark: '+', text: 'c' }
      ]
    });
    expect(await diffOf(verbs, 'layout.json')).toMatchObject({ kind: 'text' });
    expect(await diffOf(verbs, 'broken.json')).toMatchObject({ kind: 'text' });
    expect(await diffOf(verbs, 'd.bin')).toMatchObject({ kind: 'opaque' });
    expect(await diffOf(verbs, 'k.txt')).toEqual({ kind: 'opaque', reason: 'It was text and is a binary file.' });
  });

  it('of the work tree are compared before any snapshot', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ 't.py': 'a\n' });
    verbs.write({ 't.py': 'b\n' });
    expect(await diffOf(verbs, 't.py', 'HEAD', null)).toMatchObject({ kind: 'text' });
    expect(await contentOf(verbs, 't.py')).toMatchObject({ kind: 'text', text: 'a\n' });
  });
});
