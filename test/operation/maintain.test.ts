import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hasCode } from '../../src/core/error';
import { isMaintained, lastMaintenance, maintain } from '../../src/core/operation/maintain';
import type { IOpenProject } from '../../src/core/port';
import { createFaultyFileSystem } from '../../src/node/fault/faulty-file-system';
import type { FileOperation } from '../../src/node/fault/faulty-file-system';
import type { MemoryFileSystem } from '../../src/node/memory/memory-file-system';
import { randomBytes } from '../support/random-bytes';
import { collect } from '../contract/asset-store';
import { createFolder } from '../torture/support/use-cases';
import { newLife, openWorld, ROOT, run, write } from '../torture/support/world';

const KiB = 1024;
const DAY = 86_400_000;

const binary = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const compressible = (seed: string, size: number): string => `${seed},0.25,1;\n`.repeat(size).slice(0, size);
const nameOf = (text: string): string => createHash('sha256').update(text).digest('hex');

type Scene = {
  readonly files: MemoryFileSystem;
  readonly project: IOpenProject;
  /** SHA-256 of everything that was stored. */
  readonly contents: string[];
  /** Write an asset and snapshot it. */
  put(text: string): Promise<void>;
};

async function createScene(): Promise<Scene> {
  const files = await createFolder();
  const processes = newLife();
  const project = await openWorld(files, { create: true, processes });
  await run(project, 'init', { identity: { name: 'Ada', email: 'ada@example.org' } });
  await run(project, 'track', { patterns: ['*.bin'] });
  const contents: string[] = [];
  const put = async (text: string): Promise<void> => {
    await write(files, { 'data.bin': text });
    await run(project, 'snapshot', { message: 'next' });
    contents.push(nameOf(text));
  };
  return { files, project, contents, put };
}

async function packs({ files, project }: Scene): Promise<readonly number[]> {
  const sizes: number[] = [];
  for (const { name: folder } of await files.readdir(`${project.home}/xorbs`)) {
    for (const { name } of await files.readdir(`${project.home}/xorbs/${folder}`)) {
      sizes.push((await files.lstat(`${project.home}/xorbs/${folder}/${name}`))!.size);
    }
  }
  return sizes;
}

/** Steps until nothing is left to do; gives their number. */
async function settle(project: IOpenProject): Promise<number> {
  for (let steps = 1; steps < 50; steps += 1) {
    if (await maintain(project, {})) {
      return steps;
    }
  }
  throw new Error('no end');
}

async function expectWhole({ project, contents }: Scene): Promise<void> {
  for (const name of contents) {
    const bytes = Buffer.concat(await collect(project.store.read(name)));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(name);
  }
  const { findings } = await run(project, 'check', { readData: true });
  expect(findings).toEqual([]);
  expect(await project.files.readdir(`${project.home}/tmp`)).toEqual([]);
}

/** The same project with a clock that makes every piece of work count as long; `onRest` is called at each rest. */
function withRests(project: IOpenProject, onRest: () => void | Promise<void>): IOpenProject {
  let now = Date.now();
  return { ...project, clock: { now: () => (now += 10), offset: () => 0, sleep: async () => onRest() } };
}

describe('maintenance', () => {
  it('puts what many small snapshots left together', { timeout: 120_000 }, async () => {
    const scene = await createScene();
    for (let index = 0; index < 40; index += 1) {
      await scene.put(binary(randomBytes(2 * KiB)));
    }
    expect((await packs(scene)).length).toBe(40);
    await settle(scene.project);
    expect((await packs(scene)).length).toBe(1);
    expect((await scene.files.readdir(`${scene.project.home}/shards`)).length).toBeLessThan(10);
    expect(await lastMaintenance(scene.project)).toMatchObject({ finished: true });
    expect((await lastMaintenance(scene.project))!.saved.packs).toBeGreaterThanOrEqual(40);
    await expectWhole(scene);
  });

  it('compresses, tells what it saved, and looks at nothing twice', async () => {
    const scene = await createScene();
    await scene.put(compressible('a', 300 * KiB));
    const random = Buffer.from(randomBytes(300 * KiB)).toString('latin1');
    await scene.files.unlink(`${ROOT}/data.bin`);
    const handle = await scene.files.open(`${ROOT}/data.bin`, 'create');
    await handle.write(Buffer.from(random, 'latin1'), 0);
    await handle.close();
    await run(scene.project, 'snapshot', { message: 'random' });
    const before = (await packs(scene)).reduce((sum, size) => sum + size, 0);
    await settle(scene.project);
    const after = (await packs(scene)).reduce((sum, size) => sum + size, 0);
    expect((await lastMaintenance(scene.project))!.saved).toEqual({ packs: 1, bytes: before - after });
    expect(before - after).toBeGreaterThan(200 * KiB);
    await expectWhole(scene);
    const opened: FileOperation[] = [];
    const watched = createFaultyFileSystem(scene.files, operation => void opened.push(operation));
    const again = await openWorld(watched);
    expect(await maintain(again, {})).toBe(true);
    expect(opened.filter(({ name, path }) => name === 'open' && path.includes('/xorbs/'))).toEqual([]);
    expect((await lastMaintenance(again))!.saved).toEqual({ packs: 1, bytes: before - after });
  });

  it('keeps what nothing needs as long as gc would, and no longer', async () => {
    const scene = await createScene();
    const doomed = nameOf(compressible('doomed', 50 * KiB));
    await scene.put(compressible('doomed', 50 * KiB));
    const collectable = { needed: new Set<string>(), dryRun: false, ignoreMissing: false, compress: false };
    const gc = async (now: number): Promise<boolean> => {
      const collection = await scene.project.store.beginCollection();
      await collection.collect({ ...collectable, now, grace: 14 * DAY, smallPacks: 8, smallManifests: 8 });
      await collection.end();
      return scene.project.store.has(doomed);
    };
    for (let index = 0; index < 12; index += 1) {
      await scene.put(binary(randomBytes(KiB)));
    }
    const later = { ...scene.project, clock: { ...scene.project.clock, now: () => Date.now() + 10 * DAY } };
    await settle(later);
    expect(await gc(Date.now() + 13 * DAY)).toBe(true);
    expect(await gc(Date.now() + 15 * DAY)).toBe(false);
  });

  it('can be stopped at every moment', { timeout: 120_000 }, async () => {
    const scene = await createScene();
    for (let index = 0; index < 10; index += 1) {
      await scene.put(compressible(`row ${index}`, 20 * KiB));
    }
    await scene.put(compressible('large', 400 * KiB));
    let stops = 0;
    for (let last = 1; ; last += 1) {
      const files = scene.files.fork();
      const project = await openWorld(files);
      const controller = new AbortController();
      let rests = 0;
      const slow = withRests(project, () => ((rests += 1) === last ? controller.abort() : undefined));
      const end = await (async () => {
        while (!(await maintain(slow, { signal: controller.signal }))) {}
      })().catch((error: unknown) => error);
      if (end === undefined) {
        break;
      }
      expect(hasCode(end, 'CANCELLED'), String(end)).toBe(true);
      stops += 1;
      await expectWhole({ ...scene, files, project });
      await settle(project);
      await expectWhole({ ...scene, files, project });
    }
    expect(stops).toBeGreaterThan(20);
  });

  it('gives way to another process', async () => {
    const scene = await createScene();
    for (let index = 0; index < 20; index += 1) {
      await scene.put(binary(randomBytes(KiB)));
    }
    // Both live, as two processes do.
    const others = { self: { pid: 4711, start: 'other' }, host: 'here', isAlive: async () => true };
    const other = await openWorld(scene.files, { processes: others });
    let waiting: Promise<unknown> | null = null;
    const mine = { ...scene.project.processes, isAlive: async () => true };
    const slow = withRests({ ...scene.project, processes: mine }, async () => {
      waiting ??= run(other, 'branch', { action: 'create', name: 'theirs' });
      await new Promise(resolve => setTimeout(resolve, 5));
    });
    const end = await maintain(slow, {}).catch((error: unknown) => error);
    expect(hasCode(end, 'CANCELLED'), String(end)).toBe(true);
    await waiting;
    expect((await run(other, 'branch', { action: 'list' })).branches.map(({ name }) => name)).toContain('theirs');
    await settle(scene.project);
    await expectWhole(scene);
  });

  it('leaves a project alone in which somebody stores or changes something', async () => {
    const scene = await createScene();
    await scene.put('x');
    const release = await scene.project.store.hold();
    await expect(maintain(scene.project, {})).rejects.toMatchObject({ code: 'LOCKED' });
    await release();
    expect(await maintain(scene.project, {})).toBe(true);
  });

  it('leaves a damaged store alone', async () => {
    const scene = await createScene();
    for (let index = 0; index < 10; index += 1) {
      await scene.put(binary(randomBytes(KiB)));
    }
    const folder = `${scene.project.home}/xorbs`;
    const [first] = await scene.files.readdir(folder);
    const [pack] = await scene.files.readdir(`${folder}/${first!.name}`);
    await scene.files.unlink(`${folder}/${first!.name}/${pack!.name}`);
    await expect(maintain(scene.project, {})).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    expect((await packs(scene)).length).toBe(9);
  });

  it('is switched off by git config', async () => {
    const { project } = await createScene();
    expect(await isMaintained(project)).toBe(true);
    for (const [value, wanted] of Object.entries({ false: false, off: false, true: true, NO: false })) {
      await project.git.setConfig('branchbook.maintenance', value);
      expect(await isMaintained(project)).toBe(wanted);
    }
  });

  it('goes by nothing when its file is damaged', async () => {
    const { project, files } = await createScene();
    await settle(project);
    const path = `${project.home}/maintenance.json`;
    for (const text of ['', 'rubbish', '{"version":1}', '{"version":1,"at":"x","saved":{},"skip":[]}', '[]']) {
      await files.unlink(path).catch(() => undefined);
      const handle = await files.open(path, 'create');
      await handle.write(new TextEncoder().encode(text), 0);
      await handle.close();
      expect(await lastMaintenance(project)).toBeNull();
      expect(await maintain(project, {})).toBe(true);
    }
    expect((await run(project, 'gc', {})).maintenance).toMatchObject({ finished: true });
  });
});
