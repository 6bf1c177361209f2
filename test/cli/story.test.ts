/** A data scientist's week: baseline, production, an experiment, a comparison, a merge, and the old model back. */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { buildProgram, git, newProject } from '../support/program';
import type { Program } from '../support/program';

const python = resolve(__dirname, '..', '..', '.venv', 'bin', 'python');
let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});

/** Survival depends on sex, class and a little on age: the more columns a model sees, the better it is. */
function passengers(): string {
  const rows = Array.from({ length: 600 }, (_, index) => {
    const [female, pclass, age] = [index % 2, (index % 3) + 1, (index * 37) % 80];
    return `${female},${pclass},${age},${female * 3 - pclass + (age < 12 ? 2 : 0) > 0 ? 1 : 0}`;
  });
  return `female,pclass,age,survived\n${rows.join('\n')}\n`;
}

const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

it('plays the whole story', () => {
  const project = newProject(program);
  const model = join(project, 'models/model.joblib');
  const train = (...features: readonly string[]): void =>
    void execFileSync(python, ['train.py', ...features], { cwd: project });
  ['data', 'models', 'metrics'].forEach(folder => mkdirSync(join(project, folder)));
  writeFileSync(join(project, 'data/passengers.csv'), passengers());
  copyFileSync(join(__dirname, 'train.py'), join(project, 'train.py'));
  program.run(project, 'snapshot', '-m', 'the data');

  program.run(project, 'switch', '-c', 'baseline');
  train('pclass');
  expect(program.run(project, 'status')).toContain('models/model.joblib');
  program.run(project, 'snapshot', '-m', 'baseline model');
  const baseline = digest(model);

  program.run(project, 'switch', 'main');
  program.run(project, 'merge', 'baseline');
  program.run(project, 'branch', 'prod');

  program.run(project, 'switch', '-c', 'experiment-1');
  train('pclass', 'female', 'age');
  program.run(project, 'snapshot', '-m', 'more features');
  const experiment = digest(model);
  expect(experiment).not.toBe(baseline);

  const table = program.run(project, 'compare', 'prod', 'experiment-1');
  expect(table).toMatch(/features +1 +3 +\+2/);
  const { metrics } = program.json<{ metrics: { name: string; values: number[] }[] }>(
    project,
    'compare',
    'prod',
    'experiment-1'
  );
  const [before, after] = metrics.find(row => row.name === 'accuracy')!.values as [number, number];
  expect(after).toBeGreaterThan(before);

  program.run(project, 'merge', 'experiment-1', '--into', 'prod');
  program.run(project, 'switch', 'prod');
  expect(digest(model)).toBe(experiment);

  program.run(project, 'restore', 'models/model.joblib@prod~1');
  expect(digest(model)).toBe(baseline);
  program.run(project, 'undo');
  expect(digest(model)).toBe(experiment);
  program.run(project, 'switch', '--detach', 'prod~1');
  expect(digest(model)).toBe(baseline);
  expect(git(project, 'status', '--porcelain')).toBe('');
  expect(program.run(project, 'check', '--read-data')).toContain('All is well');
});
