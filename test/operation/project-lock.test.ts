import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lockProject } from '../../src/core/operation/project-lock';
import type { IFileSystem, IProject } from '../../src/core/port';
import { createFaultyFileSystem } from '../../src/node/fault/faulty-file-system';
import { fileError } from '../../src/node/fs/file-error';
import { createSandbox } from './fixture';

/** The same folder as a container sees it that shares it: there, no process of ours is to be found. */
function seenFromElsewhere(project: IProject): IProject {
  const processes = { self: { pid: 1, start: 'boot/1' }, host: 'elsewhere', isAlive: async () => false };
  return { ...project, processes };
}

describe('the lock of a project in a shared folder', () => {
  it('is not broken by a container that cannot see the process that holds it', async () => {
    const { project } = await createSandbox();
    const release = await lockProject(project, 'snapshot');
    const lock = readFileSync(`${project.home}/lock`, 'utf8');
    await expect(lockProject(seenFromElsewhere(project), 'switch')).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining(` on ${project.processes.host})`),
      hint: expect.stringContaining(`delete ${project.home}/lock`)
    });
    expect(readFileSync(`${project.home}/lock`, 'utf8')).toBe(lock);
    await release();
    const again = await lockProject(seenFromElsewhere(project), 'switch');
    await again();
    expect(existsSync(`${project.home}/lock`)).toBe(false);
  });

  it('is broken when it is older than any operation takes', async () => {
    const { project } = await createSandbox();
    await lockProject(seenFromElsewhere(project), 'snapshot');
    await expect(lockProject(project, 'switch')).rejects.toMatchObject({ code: 'LOCKED' });
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
    utimesSync(`${project.home}/lock`, twoDaysAgo, twoDaysAgo);
    await (
      await lockProject(project, 'switch')
    )();
    expect(existsSync(`${project.home}/lock`)).toBe(false);
  });

  it('is broken when it names nobody', async () => {
    const { project } = await createSandbox();
    await (
      await lockProject(project, 'switch')
    )();
    writeFileSync(`${project.home}/lock`, '{}');
    const longAgo = Date.now() / 1000 - 60;
    utimesSync(`${project.home}/lock`, longAgo, longAgo);
    await (
      await lockProject(project, 'switch')
    )();
    expect(existsSync(`${project.home}/lock`)).toBe(false);
  });
});

it('says what to do in a project that may only be read', async () => {
  const { project } = await createSandbox();
  const open: IFileSystem['open'] = async (path, flags) => {
    throw fileError('EROFS', path, flags);
  };
  const files = { ...createFaultyFileSystem(project.files, () => undefined), open };
  await expect(lockProject({ ...project, files }, 'switch')).rejects.toMatchObject({
    code: 'PERMISSION_DENIED',
    message: expect.stringMatching(/cannot be changed by you: .*read-only/),
    hint: expect.stringContaining(`git clone ${project.root}`)
  });
});
