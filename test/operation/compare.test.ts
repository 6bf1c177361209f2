/** compare of several branches: numbers, parameters, datasets, models, Markdown. Rows are counted by hand. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';

const models = join(__dirname, '../fixture/models');

function rows(from: number, to: number, change = 0): string {
  const lines = Array.from(
    { length: to - from },
    (_, index) => `${from + index},${(from + index) * 2 + (index < change ? 1 : 0)}`
  );
  return `id,price\n${lines.join('\n')}\n`;
}

/** main: 100 rows. more: rows 10 to 119, three of them changed; another model. none: no dataset. */
async function project(): Promise<Verbal> {
  const verbs = await openVerbs();
  const model = (name: string): void => {
    mkdirSync(join(verbs.root, 'models'), { recursive: true });
    cpSync(join(models, name), join(verbs.root, 'models/m.joblib'));
  };
  model('linear.joblib');
  await verbs.snapshot({
    'data/d.csv': rows(0, 100),
    'metrics/m.json': '{"auc": 0.5, "loss": 2, "cost": 1, "note": "a"}',
    'metrics/directions.json': '{"cost": "higher"}',
    'metrics/curve.csv': 'step,loss\n1,4\n2,2\n',
    'params.yaml': 'lr: 0.1\nlayers: [8, 8]\nsame: true\n'
  });
  await verbs.run('branch', { action: 'create', name: 'more', switch: true });
  model('forest.joblib');
  await verbs.snapshot({
    'data/d.csv': rows(10, 120, 3),
    'metrics/m.json': '{"auc": 0.75, "loss": 3, "cost": 2, "note": "b"}',
    'metrics/curve.csv': 'step,loss\n1,5\n2,4\n3,3\n',
    'params.yaml': 'lr: 0.2\nlayers: [8, 16]\nsame: true\n',
    'params/extra.json': '{"seed": 7}'
  });
  await verbs.run('branch', { action: 'create', name: 'none', from: 'main', switch: true });
  await verbs.snapshot({ 'data/d.csv': null, 'a|b.txt': 'x\n' });
  return verbs;
}

describe('compare of three branches', () => {
  it('tells metrics with their directions and series, and parameters', async () => {
    const verbs = await project();
    const {
      metrics,
      params,
      datasets,
      models: none
    } = await verbs.run('compare', { revisions: ['main', 'more', 'none'] });
    expect(metrics).toEqual([
      {
        path: 'metrics/curve.csv',
        name: 'loss',
        values: [2, 3, 2],
        direction: 'lower',
        series: [
          [4, 2],
          [5, 4, 3],
          [4, 2]
        ]
      },
      { path: 'metrics/m.json', name: 'auc', values: [0.5, 0.75, 0.5], direction: 'higher' },
      { path: 'metrics/m.json', name: 'loss', values: [2, 3, 2], direction: 'lower' },
      { path: 'metrics/m.json', name: 'cost', values: [1, 2, 1], direction: 'higher' },
      { path: 'metrics/m.json', name: 'note', values: ['a', 'b', 'a'], direction: null }
    ]);
    expect(params).toEqual([
      { path: 'params.yaml', name: 'lr', values: [0.1, 0.2, 0.1] },
      { path: 'params.yaml', name: 'layers', values: ['[8,8]', '[8,16]', '[8,8]'] },
      { path: 'params.yaml', name: 'same', values: [true, true, true] },
      { path: 'params/extra.json', name: 'seed', values: [null, 7, null] }
    ]);
    expect([datasets, none]).toEqual([undefined, undefined]);
  });

  it('looks into datasets and models when asked to', async () => {
    const verbs = await project();
    const args = { revisions: ['main', 'more', 'none'], content: true, drift: true };
    const { datasets, models: found, params, markdown } = await verbs.run('compare', args);
    expect(datasets).toEqual([
      {
        path: 'data/d.csv',
        rows: [100, 110, null],
        columns: [2, 2, null],
        deltas: [null, { added: 20, removed: 10, changed: 3, drift: expect.stringMatching(/^(none|warn|fail)$/) }, null]
      }
    ]);
    expect(found).toMatchObject([
      {
        path: 'models/m.joblib',
        versions: [
          { format: 'pickle', estimator: 'LinearRegression', parameters: 4 },
          { format: 'pickle', estimator: 'RandomForestClassifier', parameters: null },
          { estimator: 'LinearRegression' }
        ]
      }
    ]);
    expect(params).toContainEqual({ path: 'models/m.joblib', name: 'n_estimators', values: [null, 3, null] });
    expect(markdown).toContain('| m.json auc ↑ | 0.5 | 0.75 (+0.25, +50 %) 🟢 | 0.5 (=) |');
    expect(markdown).toContain('| m.json loss ↓ | 2 | 3 (+1, +50 %) 🔴 | 2 (=) |');
    expect(markdown).toContain('| data/d.csv | 100 rows | 110 rows (+20 −10 ~3)');
    expect(markdown).toContain('| a\\|b.txt | – | – | 2 B new |');
    expect(markdown).not.toContain('same');
  });

  it('goes on when a dataset is damaged', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ 'data/d.parquet': 'PAR1 and no more', 'models/m.onnx': 'x' });
    await verbs.run('branch', { action: 'create', name: 'other', switch: true });
    await verbs.snapshot({ 'data/d.parquet': 'PAR1 again', 'models/m.onnx': 'y' });
    const { datasets, models: found } = await verbs.run('compare', { revisions: ['main', 'other'], content: true });
    expect(datasets).toMatchObject([{ path: 'data/d.parquet', rows: [null, null], deltas: [null, null] }]);
    expect(found).toEqual([{ path: 'models/m.onnx', versions: [null, null] }]);
  });
});
