/**
 * T1, after SQLite's fault loop: every operation of the file system fails, one after another, in every way, during
 * everything that changes a project. The project is then as it was, or as it should become, and says so.
 */
import { afterAll, expect, it } from 'vitest';
import { BranchbookError } from '../../src/core/error';
import { createFaultyFileSystem } from '../../src/node/fault/faulty-file-system';
import type { Interference } from '../../src/node/fault/faulty-file-system';
import { fileError } from '../../src/node/fs/file-error';
import { count, isNightly, patience } from './support/budget';
import { createScene, expectIntact } from './support/scene';
import type { Outcome, Scene } from './support/scene';
import { closely } from './support/use-cases';
import { restartTime, useVirtualTime } from './support/virtual-time';
import { newLife, openWorld } from './support/world';

useVirtualTime();

/** `late`: the operation happened, but is reported as failed. `lasting`: so does everything that needs space after it. */
type Kind = { readonly errno: string; readonly late?: boolean; readonly lasting?: boolean };

const kinds: readonly Kind[] = [
  { errno: 'EIO' },
  { errno: 'ENOSPC' },
  { errno: 'EACCES' },
  { errno: 'EMFILE' },
  { errno: 'ETIMEDOUT' },
  { errno: 'EIO', late: true },
  { errno: 'ENOSPC', lasting: true }
];
const SPACE = new Set(['open', 'write', 'mkdir', 'symlink', 'link', 'rename', 'copyFile', 'sync']);

let faults = 0;
afterAll(() => count('T1', { 'use cases': closely.length, faults, violations: 0 }));

/** Let the operations with these numbers fail, the rest pass. */
function failures(numbers: readonly number[], { errno, late, lasting }: Kind): readonly [Interference, Interference] {
  const isHit: (index: number, name: string, mutates: boolean) => boolean = (index, name, mutates) =>
    numbers.includes(index) || (lasting === true && index > numbers[0]! && mutates && SPACE.has(name));
  const fail: Interference = ({ index, name, path, mutates }) => {
    if (isHit(index, name, mutates)) {
      throw fileError(errno, path, name);
    }
  };
  return late ? [() => undefined, fail] : [fail, () => undefined];
}

async function attempt(scene: Scene, numbers: readonly number[], kind: Kind): Promise<void> {
  restartTime();
  const files = scene.start.fork();
  const processes = newLife();
  const create = scene.useCase.creates ?? false;
  let outcome: Outcome = 'acknowledged';
  try {
    const project = await openWorld(createFaultyFileSystem(files, ...failures(numbers, kind)), { create, processes });
    await scene.useCase.run(project);
  } catch (error) {
    expect(error).toBeInstanceOf(BranchbookError);
    outcome = error as BranchbookError;
    expect(outcome.code, outcome.stack).not.toBe('INTERNAL');
  }
  faults += numbers.length;
  // The process lives on, or a new one comes.
  await expectIntact(scene, files, outcome, numbers[0]! % 2 === 0 ? { processes } : {});
}

/** In `npm test` every second operation fails in one way, of those that only read every tenth; at night all in all ways. */
function kindsFor(index: number, mutates: boolean): readonly Kind[] {
  if (isNightly) {
    return kinds;
  }
  return index % (mutates ? 2 : 10) === 0 ? [kinds[index % kinds.length]!] : [];
}

it.each(closely)('$name withstands the failure of any operation', { timeout: patience }, async useCase => {
  const scene = await createScene(useCase);
  for (const { index, name, path, mutates } of scene.operations) {
    for (const kind of kindsFor(index, mutates)) {
      await explain(`operation ${index}, ${name} ${path}: ${JSON.stringify(kind)}`, () =>
        attempt(scene, [index], kind)
      );
    }
  }
});

/** Pairs of failures of operations that change something. */
it.each(closely)('$name withstands two failures', { timeout: patience }, async useCase => {
  const scene = await createScene(useCase);
  const changes = scene.operations.filter(({ mutates }) => mutates).map(({ index }) => index);
  const [every, within] = isNightly ? [1, 40] : [8, 3];
  for (const [at, index] of changes.entries()) {
    for (const second of at % every === 0 ? changes.slice(at + 1, at + within) : []) {
      await explain(`operations ${index} and ${second}`, () => attempt(scene, [index, second], kinds[second % 2]!));
    }
  }
});

async function explain(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new Error(`after the failure of ${what}\n${(error as Error).message}`, { cause: error });
  }
}
