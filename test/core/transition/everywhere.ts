/** Runs a verb again and again on copies of a project, and stops or disturbs it at another change to the disk each time. */
import { cpSync, existsSync, rmSync } from 'node:fs';
import { expect } from 'vitest';
import { BranchbookError } from '../../../src/core/error';
import { exclusively } from '../../../src/core/operation/run';
import { snapshotOperation } from '../../../src/core/operation/snapshot';
import { statusOperation } from '../../../src/core/operation/status';
import { switchOperation } from '../../../src/core/operation/switch-branch';
import { createFaultyFileSystem } from '../../../src/node/fault/faulty-file-system';
import type { Interference } from '../../../src/node/fault/faulty-file-system';
import { disk } from '../../../src/node/fs/disk';
import { asset, createSandbox, expectHealthy, git, notebook, openSandbox } from '../../operation/fixture';
import type { Files, Sandbox } from '../../operation/fixture';
import { temporaryDirectory } from '../../support/temporary-directory';

/** Everything that is otherwise done for a sample of the points: real processes, git's own check of the repository. */
export const full = process.env['BRANCHBOOK_TEST_FULL'] === '1';
const SAMPLE = 12;
export const isSampled = (nth: number): boolean => full || nth % SAMPLE === 0;

/** What is tested is what is left of a process, not of a device: memory does, and flushes cost nothing there. */
export function useMemory(): void {
  if (existsSync('/dev/shm')) {
    process.env['TMPDIR'] = '/dev/shm';
  }
}

export const first: Files = {
  'a.ipynb': notebook('1'),
  'data/x.bin': asset('x'),
  'gone/deep.txt': 'g',
  thing: 'file',
  link: '→ thing'
};
export const second: Files = {
  'a.ipynb': notebook('2'),
  'data/x.bin': asset('y'),
  gone: null,
  thing: null,
  'thing/in': 't',
  link: '→ data'
};

/** `main` has `first`, `other` has `second`; HEAD on `main`, and `other`'s files were here before. */
export async function template(): Promise<string> {
  const sandbox = await createSandbox();
  rmSync(`${sandbox.root}/.git/hooks`, { recursive: true, force: true });
  sandbox.write(first);
  await sandbox.run(snapshotOperation, { message: 'first' });
  sandbox.git('branch', 'other');
  await sandbox.run(switchOperation, { branch: 'other' });
  sandbox.write(second);
  await sandbox.run(snapshotOperation, { message: 'second' });
  await sandbox.run(switchOperation, { branch: 'main' });
  return sandbox.root;
}

/** Call `attempt` with a fresh copy for n = 0, 1, … until it says that there was no nth point. Gives their number. */
export async function everywhere(
  root: string,
  attempt: (copy: string, nth: number) => Promise<'reached' | 'over'>
): Promise<number> {
  const holder = temporaryDirectory();
  for (let nth = 0; ; nth += 1) {
    const copy = `${holder}/${nth}`;
    cpSync(root, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    const outcome = await attempt(copy, nth);
    rmSync(copy, { recursive: true, force: true });
    if (outcome === 'over') {
      return nth;
    }
  }
}

/** Run `work` on a disk that `interfere` disturbs. What it throws is a BranchbookError, and a deliberate one. */
export async function disturb(
  copy: string,
  interfere: Interference,
  work: (sandbox: Sandbox) => Promise<unknown>
): Promise<{ readonly error: BranchbookError | null; readonly reached: boolean }> {
  let reached = false;
  const files = createFaultyFileSystem(disk, async operation => {
    try {
      await interfere(operation);
    } catch (failure) {
      reached = true;
      throw failure;
    }
  });
  try {
    await work(await openSandbox(copy, files));
    return { error: null, reached };
  } catch (error) {
    expect(error).toBeInstanceOf(BranchbookError);
    expect((error as BranchbookError).code).not.toBe('INTERNAL');
    return { error: error as BranchbookError, reached };
  }
}

/** What the next start does. */
export async function recovered(copy: string): Promise<Sandbox> {
  const sandbox = await openSandbox(copy);
  await exclusively(sandbox.project, 'recover', {}, async () => undefined);
  return sandbox;
}

/** Plain git and we agree on what has changed, and nothing of ours lies about; for a sample, all of `expectHealthy`. */
export async function expectSound(sandbox: Sandbox, nth: number, changes: string): Promise<void> {
  expect(git(sandbox.root, 'status', '--porcelain', '--no-renames')).toBe(changes);
  const lines = changes.split('\n').filter(line => line !== '');
  const status = await sandbox.run(statusOperation, {});
  expect(status.changes.map(change => change.path)).toEqual(lines.map(line => line.slice(3)));
  if (isSampled(nth)) {
    await expectHealthy(sandbox);
  }
}
