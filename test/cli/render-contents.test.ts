/** What the command line writes of comparisons, timelines, and changes in documents: on real projects. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { renderCompare } from '../../src/cli/render/compare';
import { renderDiff } from '../../src/cli/render/diff';
import { renderShow } from '../../src/cli/render/show';
import { sparkline } from '../../src/cli/render/sparkline';
import { renderVersions } from '../../src/cli/render/versions';
import { createStyle } from '../../src/cli/render/words';
import { notebook } from '../operation/fixture';
import { openVerbs } from '../operation/verbs';
import type { Verbal } from '../operation/verbs';

const plain = createStyle(false);
const models = join(__dirname, '../fixture/models');

async function project(): Promise<Verbal> {
  const verbs = await openVerbs();
  const model = (name: string): void => {
    mkdirSync(join(verbs.root, 'models'), { recursive: true });
    cpSync(join(models, name), join(verbs.root, 'models/m.joblib'));
  };
  model('linear.joblib');
  await verbs.snapshot({
    'metrics/m.json': '{"auc": 0.5, "loss": 2, "foo": 1}',
    'params.yaml': 'rate: 0.1\n',
    'n.ipynb': notebook('a = 1', 'b = 2', 'c = 3'),
    't.txt': 'one\ntwo\n'
  });
  await verbs.run('branch', { action: 'create', name: 'other', switch: true });
  model('forest.joblib');
  await verbs.snapshot({
    'metrics/m.json': '{"auc": 0.75, "loss": 3, "foo": 4}',
    'params.yaml': 'rate: 0.2\n',
    'n.ipynb': notebook('a = 1', 'b = 5', 'c = 3'),
    't.txt': 'one\nthree\n'
  });
  return verbs;
}

it('comparisons say what is better and what is worse', async () => {
  const verbs = await project();
  const text = renderCompare(await verbs.run('compare', { revisions: ['main', 'other'], content: true }), plain);
  expect(text).toMatch(/auc ↑ +0\.5 +0\.75 +\+0\.25 \+50 % better/);
  expect(text).toMatch(/loss ↓ +2 +3 +\+1 \+50 % worse/);
  expect(text).toMatch(/foo +1 +4 +\+3 \+300 %$/m);
  expect(text).toMatch(/rate +params\.yaml +0\.1 +0\.2/);
  expect(text).toMatch(/models\/m\.joblib +LinearRegression, 4 parameters, \d+ B +RandomForestClassifier, /);
});

it('changes in models, trees, notebooks and text are written line by line', async () => {
  const verbs = await project();
  const diff = async (path: string): Promise<string> =>
    renderDiff(await verbs.run('diff', { from: 'main', to: 'other', path }), plain);
  const model = await diff('models/m.joblib');
  expect(model).toMatch(/estimator +LinearRegression +→ +RandomForestClassifier/);
  expect(model).toMatch(/auc +0\.5 +→ +0\.75 +\+0\.25 better/);
  expect(model).toMatch(/n_estimators +→ +3/);
  expect(await diff('params.yaml')).toMatch(/rate +0\.1 +→ +0\.2 +\+0\.1/);
  const cells = await diff('n.ipynb');
  expect(cells).toContain('code cell 2 changed\n  - b = 2\n  + b = 5\n2 cells unchanged');
  expect(await diff('t.txt')).toContain('  one\n- two\n+ three');
});

it('timelines show growth as bars, and where versions are', async () => {
  const verbs = await openVerbs();
  for (const rows of [10, 20, 30]) {
    verbs.write({ 'd.csv': 'x\n'.repeat(rows) });
    await verbs.run('snapshot', { facts: [{ path: 'd.csv', rows, columns: 1 }] });
  }
  const text = renderVersions(await verbs.run('versions', { path: 'd.csv', all: true }), plain);
  expect(text.split('\n')[0]).toBe('  rows ▁▅█ 10 → 30');
  expect(text).toMatch(/30 rows × 1 +main/);
  const shown = renderShow(await verbs.run('show', { address: 'd.csv', used: true }), plain);
  expect(shown).toMatch(/used by +main/);
});

it('bars are as high as the values', () => {
  expect(sparkline([0, 7, null, 3.5])).toBe('▁█ ▅');
  expect(sparkline([5, 5])).toBe('▄▄');
  expect(sparkline([null])).toBe(' ');
});
