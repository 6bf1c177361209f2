/** T7: a disk that is really full, with more and less room left. Where a small file system cannot be mounted, one that fails as a full one does. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { BranchbookError } from '../../src/core/error';
import type { IFileSystem } from '../../src/core/port';
import { createFaultyFileSystem } from '../../src/node/fault/faulty-file-system';
import { disk } from '../../src/node/fs/disk';
import { commandLine } from '../support/in-process';
import type { CommandLine } from '../support/in-process';
import { photograph } from '../support/photograph';
import { git } from '../support/program';
import { randomBytes } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';
import { count, times } from '../torture/support/budget';

const MEBIBYTE = 1024 * 1024;
const LEVELS = times(2, 128);
/** Bytes that are left: never enough. */
const levels = Array.from({ length: LEVELS }, (_, level) =>
  Math.round((2 * MEBIBYTE * level) / Math.max(1, LEVELS - 1))
);
afterAll(() => count('T7', { 'full disks': 2 * LEVELS, violations: 0 }));
const room = { left: Number.POSITIVE_INFINITY };
const real = commandLine();
const simulated = commandLine({ files: createFullFileSystem() });

/** Writing stops with DISK_FULL once `room.left` bytes were written. */
function createFullFileSystem(): IFileSystem {
  const full = createFaultyFileSystem(disk, ({ name }) => {
    if (name === 'write' && room.left <= 0) {
      throw new BranchbookError('DISK_FULL', 'No space left on device.', {}, 'Free some space and try again.');
    }
  });
  return {
    ...full,
    freeBytes: async path => Math.min(room.left, await disk.freeBytes(path)),
    open: async (path, flags, mode) => {
      const handle = await full.open(path, flags, mode);
      const write: typeof handle.write = async (bytes, position) => {
        room.left -= bytes.length;
        await handle.write(bytes, position);
      };
      return Object.assign(Object.create(handle), { write }) as typeof handle;
    }
  };
}

type SmallDisk = { readonly folder: string; readonly program: CommandLine; fill(leave: number): void; free(): void };

function smallDisk(): SmallDisk {
  const folder = temporaryDirectory();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', folder]).status === 0;
  if (!mounted) {
    onTestFinished(() => void (room.left = Number.POSITIVE_INFINITY));
    return {
      folder,
      program: simulated,
      fill: leave => (room.left = leave),
      free: () => (room.left = Number.POSITIVE_INFINITY)
    };
  }
  onTestFinished(() => void spawnSync('umount', ['-l', folder]));
  const ballast = join(folder, 'ballast');
  return {
    folder,
    program: real,
    fill: leave => {
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leave)));
    },
    free: () => rmSync(ballast, { force: true })
  };
}

async function createProject({ folder, program }: SmallDisk): Promise<string> {
  const project = join(folder, 'project');
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
  const { program } = small;
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
  const { program } = small;
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
