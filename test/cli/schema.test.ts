/** Schemas from a terminal: what is written there, and how commands end. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { SchemaResult } from '../../src/core/model/table-schema';
import { commandLine, createProject } from '../support/in-process';

const program = commandLine();
const ROWS = Array.from({ length: 30 }, (_, n) => `${n},${n % 2 ? 'paid' : 'open'}`).join('\n');

it('infers, checks and refuses', async () => {
  const project = await createProject(program);
  mkdirSync(join(project, 'data'));
  const data = join(project, 'data/sales.csv');
  const file = join(project, 'schemas/data/sales.csv.json');
  writeFileSync(data, `id,status\n${ROWS}\n`);
  await program.run(project, 'snapshot', '-m', 'first');

  expect(await program.run(join(project, 'data'), 'schema', 'infer', 'sales.csv')).toContain('status  string');
  expect(await program.run(project, 'schema', 'check')).toContain('As expected: 1 table.');
  expect(await program.fail(project, 'schema', 'infer', 'data/sales.csv')).toMatchObject({
    code: 'SCHEMA_EXISTS',
    exit: 3
  });
  expect(await program.run(project, 'schema', 'infer', 'data/sales.csv', '--update')).toContain('nothing to add');
  for (const args of [['infer'], ['show', 'a', 'b'], ['check', '--update'], ['guess', 'a']]) {
    expect(await program.fail(project, 'schema', ...args)).toMatchObject({ code: 'USAGE', exit: 2 });
  }

  writeFileSync(data, `id,status\n${ROWS}\n30,\u001b[31mlost\n`);
  const warned = await program.try(project, 'schema', 'check');
  expect(warned).toMatchObject({ code: 0 });
  expect(warned.stdout).toMatch(/^warn data\/sales\.csv: "status" has 1 row outside its domain, for example/);
  expect(warned.stdout).toContain('1 anomaly; 0 of 1 table as expected.');
  expect(warned.stdout).not.toContain('\u001b[31mlost');

  writeFileSync(file, readFileSync(file, 'utf8').replace('"severity": "warn"', '"severity": "fail"'));
  const failed = await program.try(project, 'schema', 'check', 'data/sales.csv');
  expect(failed).toMatchObject({ code: 1 });
  expect(failed.stdout).toContain('fail data/sales.csv');
  const json = JSON.parse((await program.try(project, 'schema', 'check', '--json')).stdout) as SchemaResult;
  expect(json).toMatchObject({ tables: [{ anomalies: [{ code: 'ENUM_TYPE_UNEXPECTED_STRING_VALUES', rows: 1 }] }] });

  const refused = await program.try(project, 'snapshot', '-m', 'second');
  expect(refused).toMatchObject({ code: 3, stdout: '' });
  expect(refused.stderr).toContain('--allow-anomalies');
  expect(await program.run(project, 'snapshot', '-m', 'second', '--allow-anomalies')).toContain('fail data/sales.csv');
  expect((await program.try(project, 'check')).stdout).toContain('outside its domain');
});
