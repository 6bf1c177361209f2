/** T4, without real processes: killed in memory before each change to the disk, in everything that changes a project. */
import { afterAll, describe, expect, it } from 'vitest';
import { createFaultyFileSystem } from '../../src/node/fault/faulty-file-system';
import { fileError } from '../../src/node/fs/file-error';
import type { MemoryFileSystem } from '../../src/node/memory/memory-file-system';
import { count, isNightly, patience } from './support/budget';
import { createScene, expectIntact } from './support/scene';
import type { Scene } from './support/scene';
import { closely } from './support/use-cases';
import { restartTime, useVirtualTime } from './support/virtual-time';
import { openWorld, recover, ROOT, write } from './support/world';

useVirtualTime();

let killed = 0;
afterAll(() => count('T4', { 'killed in memory': killed }));

/** What is left of a process that was killed just before an operation. */
async function killBefore({ useCase, start }: Scene, last: number): Promise<MemoryFileSystem> {
  restartTime();
  const files = start.fork();
  let left: MemoryFileSystem | null = null;
  const dying = createFaultyFileSystem(files, ({ index, path, name }) => {
    if (index >= last) {
      left ??= files.fork();
      throw fileError('EIO', path, name);
    }
  });
  await openWorld(dying, { create: useCase.creates ?? false })
    .then(useCase.run)
    .catch(() => undefined);
  killed += 1;
  return left ?? files;
}

const changesOf = ({ operations }: Scene): readonly number[] =>
  operations.filter(({ mutates }) => mutates).map(({ index }) => index);

describe.each(closely)('killed in the middle of $name', useCase => {
  it('before any change, it leaves the old or the new state', { timeout: patience }, async () => {
    const scene = await createScene(useCase);
    for (const last of changesOf(scene)) {
      await expectIntact(scene, await killBefore(scene, last), 'died');
    }
  });
});

const existing = closely.filter(useCase => !useCase.creates);

describe.each(existing)('between the end of $name and the next start', useCase => {
  it('what the user writes stays', { timeout: patience }, async () => {
    const scene = await createScene(useCase);
    for (const last of changesOf(scene).filter((_, at) => isNightly || at % 3 === 0)) {
      const left = await killBefore(scene, last);
      await write(left, { 'a.ipynb': 'written after the crash' });
      const { files } = await recover(left);
      const found = new TextDecoder().decode((await files.readFile(`${ROOT}/a.ipynb`))!);
      expect(found, `killed before operation ${last}`).toBe('written after the crash');
    }
  });
});
