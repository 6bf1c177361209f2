/**
 * T2, after SQLite's crash tests: the power goes at any moment, and the device has of what was not flushed what the seed
 * says: some directory entries, some sectors, rubbish. What was acknowledged is there, and nobody has to repair anything.
 */
import { afterAll, expect, it } from 'vitest';
import { createFaultyFileSystem } from '../../src/node/fault/faulty-file-system';
import { fileError } from '../../src/node/fs/file-error';
import { createFate } from '../../src/node/memory/power-loss';
import type { MemoryFileSystem } from '../../src/node/memory/memory-file-system';
import { count, patience, seeds, times } from './support/budget';
import { below, createRandom } from './support/random';
import { createScene, expectIntact } from './support/scene';
import type { Outcome, Scene } from './support/scene';
import { closely } from './support/use-cases';
import { restartTime, useVirtualTime } from './support/virtual-time';
import { openWorld, ROOT } from './support/world';

useVirtualTime();

const SEEDS = times(50, 5000);
let tried = 0;
afterAll(() => count('T2', { 'use cases': closely.length, seeds: tried, violations: 0 }));

/** Run the use case until just before its `last` operation; the disk as it is at that moment. */
async function runUntil(
  scene: Scene,
  last: number,
  ordered: boolean
): Promise<{ files: MemoryFileSystem; outcome: Outcome }> {
  const files = scene.start.fork({ ordered });
  let left: MemoryFileSystem | null = null;
  const dying = createFaultyFileSystem(files, ({ index, path, name }) => {
    if (index >= last) {
      left ??= files.fork();
      throw fileError('EIO', path, name);
    }
  });
  let outcome: Outcome = 'died';
  try {
    await scene.useCase.run(await openWorld(dying, { create: scene.useCase.creates ?? false }));
    outcome = left ? 'died' : 'acknowledged';
  } catch {
    // Nobody is there any more who could be told.
  }
  return { files: left ?? files, outcome };
}

/**
 * Where directories keep no order, a lock may be there without what says that it is ours. It is git's lock then, and
 * deleting it is left to the user, as the message says.
 */
async function deleteGitLocks(files: MemoryFileSystem, folder = `${ROOT}/.git`): Promise<void> {
  if (!(await files.lstat(folder))) {
    return;
  }
  for (const { name, kind } of await files.readdir(folder)) {
    if (kind === 'directory') {
      await deleteGitLocks(files, `${folder}/${name}`);
    } else if (name.endsWith('.lock')) {
      await files.unlink(`${folder}/${name}`);
    }
  }
}

it.each(closely)('$name withstands the loss of power', { timeout: patience }, async useCase => {
  const scene = await createScene(useCase);
  for (const seed of seeds(SEEDS)) {
    restartTime();
    const random = createRandom(seed);
    const last = below(random, scene.operations.length + 1);
    const ordered = random() < 0.5;
    const { files, outcome } = await runUntil(scene, last, ordered);
    files.losePower(createFate(random));
    if (!ordered) {
      await deleteGitLocks(files);
    }
    tried += 1;
    try {
      await expectIntact(scene, files, outcome);
    } catch (error) {
      const where = scene.operations[last];
      const moment = where ? `before operation ${last}, ${where.name} ${where.path}` : 'after the end';
      throw new Error(`seed ${seed}: power lost ${moment}\n${(error as Error).message}`, { cause: error });
    }
  }
  expect(tried).toBeGreaterThan(0);
});
