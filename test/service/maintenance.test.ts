import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { GcResult } from '../../src/core/model/maintenance';
import type { ProjectVerb, Verbs } from '../../src/core/model/result';
import { accountOperations, operations } from '../../src/core/operation/index';
import { disk } from '../../src/node/fs/disk';
import { clock, random } from '../../src/node/process/time';
import { createPlaces } from '../../src/service/open-places';
import type { ICoreHost } from '../../src/service/host';
import { maintenanceDefaults } from '../../src/service/maintenance';
import { findRoot, openProject } from '../../src/service/open-project';
import { Projects } from '../../src/service/projects';
import { randomBytes } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';
import { until } from './support';

const host: ICoreHost = {
  version: '1.2.3',
  files: disk,
  operations,
  accountOperations,
  clock,
  random,
  places: createPlaces(),
  findRoot: path => findRoot(path),
  openProject: (path, options = {}) => openProject(path, { ...options, workerFile: null, program: ['/usr/bin/false'] }),
  runCommand: () => Promise.reject(new Error('not here'))
};

type Wait = { readonly milliseconds: number; readonly work: () => void };

/** A core with one project, whose time passes when the test says so. */
async function createScene() {
  const root = temporaryDirectory();
  const waits = new Set<Wait>();
  const log: string[] = [];
  const schedule = (milliseconds: number, work: () => void) => {
    const wait = { milliseconds, work };
    waits.add(wait);
    return { dispose: () => void waits.delete(wait) };
  };
  const nothing = (): void => undefined;
  const projects = new Projects(host, nothing, nothing, { idle: 600_000, pause: 250, schedule }, line =>
    log.push(line)
  );
  onTestFinished(() => projects.close());
  const run = <V extends ProjectVerb>(verb: V, args: Verbs[V]['args']): Promise<Verbs[V]['result']> =>
    projects.run(verb, root, args, {});
  await run('init', { identity: { name: 'Ada', email: 'ada@example.org' } });
  await run('track', { patterns: ['*.bin'] });
  const put = async (size = 1000): Promise<void> => {
    writeFileSync(join(root, 'data.bin'), randomBytes(size));
    await run('snapshot', { message: 'next' });
  };
  /** What was asked to be done later, soonest first. */
  const pending = (): readonly number[] => [...waits].map(({ milliseconds }) => milliseconds);
  const pass = (): void => {
    const [wait] = waits;
    waits.delete(wait!);
    wait!.work();
  };
  const gc = (): Promise<GcResult> => run('gc', { dryRun: true });
  const isDone = (): boolean => log.some(line => line.startsWith('maintenance done'));
  /** Let time pass until nothing is left to do. */
  const finish = async (): Promise<void> => {
    while (!isDone()) {
      pass();
      await until(() => isDone() || waits.size > 0);
    }
  };
  return { root, run, put, pending, pass, gc, log, projects, finish };
}

it('begins after ten minutes by default, without keeping the process alive', () => {
  expect(maintenanceDefaults.idle).toBe(600_000);
  const wait = maintenanceDefaults.schedule(600_000, () => undefined);
  wait.dispose();
});

it('runs step by step once nobody has asked for anything, until nothing is left to do', async () => {
  const { put, pending, pass, gc, finish, root, log } = await createScene();
  for (let count = 0; count < 12; count += 1) {
    await put();
    // Each operation starts the time again.
    expect(pending()).toEqual([600_000]);
  }
  expect((await gc()).before.packs).toBe(12);
  pass();
  await until(() => pending().length > 0);
  expect(pending()).toEqual([250]);
  await finish();
  expect(pending()).toEqual([]);
  const { before, maintenance } = await gc();
  expect(before.packs).toBe(1);
  expect(maintenance).toMatchObject({ finished: true, saved: { packs: 12 } });
  expect(log).toEqual([`maintenance done ${JSON.stringify(root)}`]);
});

it('waits for a change before it looks again', async () => {
  const { run, put, pending, finish } = await createScene();
  await put();
  await finish();
  await run('status', {});
  expect(pending()).toEqual([]);
  await put();
  expect(pending()).toEqual([600_000]);
});

it('ends when an operation comes, and goes on later', async () => {
  const { put, pending, pass, gc, run, finish } = await createScene();
  for (let count = 0; count < 12; count += 1) {
    await put();
  }
  await put(8 * 1024 * 1024);
  pass();
  await run('branch', { action: 'create', name: 'meanwhile' });
  expect(pending()).toEqual([600_000]);
  expect((await run('check', { readData: true })).findings).toEqual([]);
  await finish();
  expect((await gc()).before.packs).toBeLessThan(5);
});

it('does nothing where it is switched off', async () => {
  const { root, put, pending, gc, projects, finish } = await createScene();
  const project = await projects.open(root);
  await project.git.setConfig('branchbook.maintenance', 'false');
  for (let count = 0; count < 10; count += 1) {
    await put();
  }
  await finish();
  expect(pending()).toEqual([]);
  const { before, maintenance } = await gc();
  expect({ packs: before.packs, maintenance }).toEqual({ packs: 10, maintenance: null });
});

it('says once that a store is damaged', async () => {
  const { root, put, pending, pass, log, projects } = await createScene();
  await put();
  const { home } = await projects.open(root);
  const [folder] = await disk.readdir(`${home}/xorbs`);
  const [pack] = await disk.readdir(`${home}/xorbs/${folder!.name}`);
  unlinkSync(`${home}/xorbs/${folder!.name}/${pack!.name}`);
  pass();
  await until(() => log.length > 0);
  expect(log).toEqual([expect.stringMatching(/^maintenance ".*": The content [0-9a-f]{64} is damaged\.$/)]);
  await until(() => pending().length === 0);
});
