/**
 * T18: the harness itself. Branchbook over a disk that does not flush, does not rename in one step, or keeps no
 * journal has to be caught by the very checks that it passes otherwise.
 */
import { describe, expect, it } from 'vitest';
import { createFaultyFileSystem } from '../../src/node/fault/faulty-file-system';
import { fileError } from '../../src/node/fs/file-error';
import { createFate } from '../../src/node/memory/power-loss';
import type { MemoryFileSystem } from '../../src/node/memory/memory-file-system';
import { count, patience } from './support/budget';
import { createNaive } from './support/naive';
import type { Lack } from './support/naive';
import { createRandom } from './support/random';
import { createScene, expectIntact } from './support/scene';
import type { Outcome, Scene } from './support/scene';
import { useCases } from './support/use-cases';
import { restartTime, useVirtualTime } from './support/virtual-time';
import { openWorld } from './support/world';

useVirtualTime();

const sceneOf = (name: string): Promise<Scene> => createScene(useCases.find(useCase => useCase.name === name)!);

/** The project as it is when the process is killed before its `last`th change of a disk that `lacks` something. */
async function dieOn(scene: Scene, lacks: readonly Lack[], last: number) {
  restartTime();
  const files = scene.start.fork({ ordered: true });
  let left: MemoryFileSystem | null = null;
  let changes = 0;
  const dying = createFaultyFileSystem(files, ({ mutates, path, name }) => {
    changes += Number(mutates);
    if (changes > last) {
      left ??= files.fork();
      throw fileError('EIO', path, name);
    }
  });
  const outcome: Outcome = await openWorld(createNaive(dying, lacks))
    .then(scene.useCase.run)
    .then(
      () => (left ? 'died' : 'acknowledged'),
      () => 'died'
    );
  return { left: left ?? files, outcome };
}

async function isCaught(work: () => Promise<void>): Promise<boolean> {
  return work().then(
    () => false,
    () => true
  );
}

/** How often the loss of power after everything was acknowledged is noticed, of 20 fates. */
async function powerLosses(lacks: readonly Lack[]): Promise<number> {
  const scene = await sceneOf('snapshot');
  let caught = 0;
  for (let seed = 1; seed <= 20; seed += 1) {
    const { left, outcome } = await dieOn(scene, lacks, Infinity);
    left.losePower(createFate(createRandom(seed)));
    caught += Number(await isCaught(() => expectIntact(scene, left, outcome)));
  }
  return caught;
}

/** How often a kill is noticed, at every change that a switch makes. */
async function kills(lacks: readonly Lack[]): Promise<number> {
  const scene = await sceneOf('switch');
  let caught = 0;
  for (let last = 0; last < scene.operations.filter(({ mutates }) => mutates).length; last += 1) {
    const { left } = await dieOn(scene, lacks, last);
    caught += Number(await isCaught(() => expectIntact(scene, left, 'died')));
  }
  return caught;
}

describe('the harness', () => {
  it('misses nothing that a disk lacks', { timeout: patience }, async () => {
    const found = {
      'lost power, never flushed': await powerLosses(['flush']),
      'killed, renamed in place': await kills(['rename']),
      'killed, without a journal': await kills(['journal'])
    };
    expect(Object.entries(found).filter(([, caught]) => caught === 0)).toEqual([]);
    count('T18', found);
  });

  it('finds nothing where nothing is lacking', { timeout: patience }, async () => {
    expect([await powerLosses([]), await kills([])]).toEqual([0, 0]);
  });
});
