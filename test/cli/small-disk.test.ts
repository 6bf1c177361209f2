/** T7: a disk that is really full, with more and less room left. Where a small file system cannot be mounted, one that fails as a full one does. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { commandLine } from '../support/in-process';
import type { CommandLine } from '../support/in-process';
import { photograph } from '../support/photograph';
import { git } from '../support/program';
import { randomBytes } from '../support/random-bytes';
import { countingFiles, smallDisk } from '../support/small-disk';
import type { SmallDisk } from '../support/small-disk';
import { count, times } from '../torture/support/budget';

const MEBIBYTE = 1024 * 1024;
const LEVELS = times(2, 128);
/** Bytes that are left: never enough. */
const levels = Array.from({ length: LEVELS }, (_, level) =>
  Math.round((2 * MEBIBYTE * level) / Math.max(1, LEVELS - 1))
);
afterAll(() => count('T7', { 'full disks': 2 * LEVELS, violations: 0 }));
const real = commandLine();
const simulated = commandLine({ files: countingFiles });

function programOn({ isReal }: SmallDisk): CommandLine {
  return isReal ? real : simulated;
}

async function createProject(small: SmallDisk): Promise<string> {
  const program = programOn(small);
  const project = join(small.folder, 'project');
  mkdirSync(join(project, 'data'), { recursive: true });
  await program.run(project, 'init', '--name', 'Ada', '--email', 'ada@example.org');
  writeFileSync(join(project, 'data/a.bin'), randomBytes(MEBIBYTE));
  await program.run(project, 'snapshot', '-m', 'first');
  return project;
}

async function expectSound(program: CommandLine, project: string): Promise<void> {
  expect(git(project, 'fsck', '--full', '--strict', '--no-dangling')).toBe('');
  expect(await program.run(project, 'check', '--read-data')).toContain('All is well');
}

it.each(levels)('a snapshot with %i bytes left', { timeout: 180_000 }, async leave => {
  const small = smallDisk();
  const program = programOn(small);
  const project = await createProject(small);
  const bytes = randomBytes(4 * MEBIBYTE);
  writeFileSync(join(project, 'data/a.bin'), bytes);
  const before = photograph(project);
  small.fill(leave);
  expect(await program.fail(project, 'snapshot', '-m', 'too much')).toMatchObject({ code: 'DISK_FULL', exit: 1 });
  expect(photograph(project)).toEqual(before);
  small.free();
  await expectSound(program, project);
  await program.run(project, 'snapshot', '-m', 'now it fits');
  await expectSound(program, project);
});

it.each(levels)('a switch with %i bytes left', { timeout: 180_000 }, async leave => {
  const small = smallDisk();
  const program = programOn(small);
  const project = await createProject(small);
  const bytes = randomBytes(4 * MEBIBYTE);
  await program.run(project, 'switch', '-c', 'large');
  writeFileSync(join(project, 'data/a.bin'), bytes);
  await program.run(project, 'snapshot', '-m', 'large');
  await program.run(project, 'switch', 'main');
  rmSync(join(project, '.git/branchbook/materialized'), { recursive: true });
  const before = photograph(project);
  small.fill(leave);
  expect(await program.fail(project, 'switch', 'large')).toMatchObject({ code: 'DISK_FULL', exit: 1 });
  expect(photograph(project)).toEqual(before);
  small.free();
  await expectSound(program, project);
  await program.run(project, 'switch', 'large');
  expect(readFileSync(join(project, 'data/a.bin'))).toEqual(bytes);
  await expectSound(program, project);
});
