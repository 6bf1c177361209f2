/**
 * T5, after git's t0610 and jj: many processes on one branch and on eight, plain `git commit` among them. What is reachable
 * is what was acknowledged, each once, and the log of operations has it in one row.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../src/core/operation/index';
import { runOperation } from '../../src/core/operation/run';
import { readOperations } from '../../src/core/oplog/operation-log';
import { openProject } from '../../src/service/open-project';
import { git } from '../operation/fixture';
import { bundle } from '../support/store-worker';
import { temporaryDirectory } from '../support/temporary-directory';
import { count, isNightly, patience, times } from './support/budget';
import { appendTo, openReal } from './support/processes';
import type { Programs } from './support/processes';

const WRITERS = isNightly ? 4 : 3;
const SNAPSHOTS = times(10, 50);
const BASE = 'base';
/** So often a script tries before it gives up. */
const TRIES = 200 * SNAPSHOTS;

let programs: Programs;
let acknowledgedInAll = 0;
beforeAll(async () => {
  programs = { worker: await bundle('test/torture/support/worker.ts'), store: null };
});
afterAll(() => count('T5', { 'acknowledged snapshots': acknowledgedInAll, violations: 0 }));

/** A project without assets, so that plain git needs no program of ours. */
async function createPlain(): Promise<string> {
  const root = temporaryDirectory();
  const project = await openProject(root, { create: true, workerFile: null, program: ['/usr/bin/false'] });
  await runOperation(project, operations.init, { identity: { name: 'Ada', email: 'ada@example.org' } });
  await runOperation(project, operations.snapshot, { message: BASE });
  await project.close();
  return root;
}

const run = promisify(execFile);

/** A user's script: again whenever somebody else has the index or moved the branch. */
async function commitWithGit(root: string): Promise<readonly string[]> {
  const done: string[] = [];
  const tryGit = (...argv: readonly string[]): Promise<boolean> =>
    run('git', argv, { cwd: root }).then(
      () => true,
      () => false
    );
  for (let tries = 0; done.length < SNAPSHOTS && tries < TRIES; tries += 1) {
    const subject = `git-${done.length}`;
    writeFileSync(join(root, 'git.txt'), subject);
    const isDone =
      (await tryGit('add', 'git.txt')) && (await tryGit('commit', '-q', '--no-verify', '-m', subject, '--', 'git.txt'));
    if (isDone) {
      done.push(subject);
    }
  }
  return done;
}

function expectExactly(root: string, branch: string, acknowledged: readonly string[]): void {
  const subjects = git(root, 'log', '--format=%s', branch).trim().split('\n');
  expect(subjects.filter(subject => subject !== BASE).sort()).toEqual([...acknowledged].sort());
  acknowledgedInAll += acknowledged.length;
}

async function expectSound(root: string): Promise<void> {
  expect(git(root, 'fsck', '--full', '--strict', '--no-dangling')).toBe('');
  expect(git(root, 'status', '--porcelain')).toBe('');
  const project = await openReal(root);
  const log = await readOperations(project, Number.MAX_SAFE_INTEGER);
  await project.close();
  // Numbered without a gap or a double, each beginning where one of ours or git's ended.
  const numbers = log.map(({ id }) => Number(id));
  expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
  const moves = log.flatMap(({ refs }) => refs).filter(({ name }) => name === 'refs/heads/main');
  const parents = new Set(git(root, 'log', '--format=%H', 'main').trim().split('\n'));
  expect(moves.every(({ from, to }) => from === null || (parents.has(from) && parents.has(to!)))).toBe(true);
}

describe('concurrent writers', () => {
  it('on one branch lose nothing, nor does plain git beside them', { timeout: patience }, async () => {
    const root = await createPlain();
    const names = Array.from({ length: WRITERS }, (_, index) => `writer${index}`);
    const said = await Promise.all([
      ...names.map(name => appendTo(programs, root, { name, count: SNAPSHOTS })),
      commitWithGit(root)
    ]);
    expect(said.map(lines => lines.length)).toEqual(said.map(() => SNAPSHOTS));
    expectExactly(root, 'main', said.flat());
    await expectSound(root);
  });

  it('on eight branches lose nothing', { timeout: patience }, async () => {
    const holder = temporaryDirectory();
    const root = await createPlain();
    const branches = Array.from({ length: 8 }, (_, index) => `branch${index}`);
    branches.forEach(branch => git(root, 'worktree', 'add', '-q', '-b', branch, join(holder, branch)));
    const share = Math.ceil(SNAPSHOTS / 4);
    const said = await Promise.all(
      branches.map(name => appendTo(programs, join(holder, name), { name, count: share }))
    );
    branches.forEach((branch, index) => {
      expect(said[index]).toHaveLength(share);
      expectExactly(root, branch, said[index]!);
    });
    await expectSound(root);
  });
});
