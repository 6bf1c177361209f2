/** Every operation is taken back exactly, one after another, and put back exactly. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { UndoResult } from '../../src/core/model/result';
import { commandLine, createProject } from '../support/in-process';
import { photograph } from '../support/photograph';
import { git } from '../support/program';

const program = commandLine();

/** `main` and `other` differ in an asset and a text file; `side` has a file of its own; work is not snapshotted. */
async function createBranches(): Promise<string> {
  const project = await createProject(program);
  const put = (path: string, content: string): void => writeFileSync(join(project, path), content);
  mkdirSync(join(project, 'data'));
  put('data/a.csv', 'x\n1\n');
  put('note.txt', 'one\n');
  put('untouched.txt', 'same everywhere\n');
  await program.run(project, 'snapshot', '-m', 'first');
  await program.run(project, 'switch', '-c', 'other');
  put('data/a.csv', 'x\n2\n');
  rmSync(join(project, 'note.txt'));
  await program.run(project, 'snapshot', '-m', 'second');
  await program.run(project, 'switch', '-c', 'side', '--from', 'main');
  put('side.txt', 'side\n');
  await program.run(project, 'snapshot', '-m', 'side');
  await program.run(project, 'switch', 'main');
  put('untouched.txt', 'unsnapshotted work\n');
  return project;
}

const cases: readonly (readonly [string, ...string[]])[] = [
  ['switch', 'other'],
  ['switch', 'other', '--discard'],
  ['switch', '--detach', 'other'],
  ['switch', '-c', 'new'],
  ['merge', 'other'],
  ['merge', 'side', '--into', 'other'],
  ['restore', '.', '--revision', 'other'],
  ['restore', 'untouched.txt'],
  ['snapshot', '-m', 'more'],
  ['branch', 'new'],
  ['branch', 'side', '-d', '--force'],
  ['branch', 'side', '--rename', 'aside'],
  ['branch', 'side', '--rename', 'side/line']
];

it.each(cases)('%s %s %s %s', async (...command) => {
  const project = await createBranches();
  const before = photograph(project);
  await program.run(project, ...command);
  const after = photograph(project);
  expect(after).not.toEqual(before);
  for (const [word, picture, ...options] of [
    ['Undone', before],
    ['Done again', after, '--redo'],
    ['Undone', before]
  ] as const) {
    expect(await program.run(project, 'undo', ...options)).toContain(`${word}: `);
    expect(photograph(project)).toEqual(picture);
  }
  expect(git(project, 'fsck', '--full', '--strict', '--no-dangling')).toBe('');
  expect(await program.run(project, 'check', '--read-data')).toContain('All is well');
});

it('goes back step by step to the very start, and all the way forward again', async () => {
  const project = await createBranches();
  const pictures = [photograph(project)];
  for (const command of [
    ['snapshot', '-m', 'more'],
    ['restore', 'data/a.csv@other'],
    ['switch', '-c', 'idea'],
    ['snapshot', '-m', 'as on the other'],
    ['switch', 'main'],
    ['merge', 'idea'],
    ['branch', 'idea', '-d']
  ]) {
    await program.run(project, ...command);
    pictures.push(photograph(project));
  }
  const end = pictures.at(-1);
  for (const picture of pictures.slice(0, -1).reverse()) {
    await program.run(project, 'undo');
    expect(photograph(project)).toEqual(picture);
  }
  const started = 6;
  for (let step = 0; step < started; step++) {
    await program.run(project, 'undo');
  }
  expect(git(project, 'for-each-ref')).toBe('');
  expect(await program.fail(project, 'undo')).toMatchObject({ code: 'NOTHING_TO_UNDO', exit: 1 });
  for (let step = 0; step < started; step++) {
    await program.run(project, 'undo', '--redo');
  }
  for (const picture of pictures) {
    expect(photograph(project)).toEqual(picture);
    await (picture === end ? program.fail(project, 'undo', '--redo') : program.run(project, 'undo', '--redo'));
  }
  expect(await program.run(project, 'check', '--read-data')).toContain('All is well');
});

it('renames the current branch to a part of its name and back, however often', async () => {
  const project = await createProject(program);
  await program.run(project, 'snapshot', '-m', 'first');
  const before = photograph(project);
  await program.run(project, 'branch', 'main', '--rename', 'main/a/b');
  await program.run(project, 'branch', 'main/a/b', '--rename', 'main/a');
  const after = photograph(project);
  await program.run(project, 'undo');
  await program.run(project, 'undo');
  expect(photograph(project)).toEqual(before);
  await program.run(project, 'undo', '--redo');
  await program.run(project, 'undo', '--redo');
  expect(photograph(project)).toEqual(after);
  expect(git(project, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main/a\n');
  expect(git(project, 'fsck', '--full', '--strict', '--no-dangling')).toBe('');
});

it('redoes nothing once something else was done, and undo goes on behind what was undone before', async () => {
  const project = await createBranches();
  await program.run(project, 'branch', 'one');
  await program.run(project, 'branch', 'two');
  await program.run(project, 'undo');
  await program.run(project, 'branch', 'three');
  expect(await program.fail(project, 'undo', '--redo')).toMatchObject({ code: 'NOTHING_TO_UNDO', exit: 1 });
  await program.run(project, 'undo');
  await program.run(project, 'undo');
  expect(git(project, 'branch', '--list', 'one', 'two', 'three')).toBe('');
  const { nextUndo, nextRedo } = await program.json<UndoResult>(project, 'undo', '--list');
  expect(nextUndo?.description).toBe('switch side → main');
  expect(nextRedo).toMatchObject({ description: 'create branch one', undone: true });
  await program.run(project, 'undo', '--redo');
  await program.run(project, 'undo', '--redo');
  expect(git(project, 'branch', '--format=%(refname:short)', '--list', 'one', 'two', 'three')).toBe('one\nthree\n');
  expect(await program.fail(project, 'undo', '--redo')).toMatchObject({ code: 'NOTHING_TO_UNDO' });
});

it('a switch that parked work: the work comes back, kept in its snapshot', async () => {
  const project = await createBranches();
  const before = photograph(project);
  await program.run(project, 'switch', 'other', '--park');
  await program.run(project, 'undo');
  expect(photograph(project)['untouched.txt']).toBe(before['untouched.txt']);
  expect(git(project, 'log', '-1', '--format=%s')).toBe('Parked changes\n');
  expect(await program.json(project, 'status')).toMatchObject({ branch: 'main', clean: true });
});
