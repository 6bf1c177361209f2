import { expect, it } from 'vitest';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { switchOperation } from '../../src/core/operation/switch-branch';
import type { IFileSystem } from '../../src/core/port';
import { disk } from '../../src/node/fs/disk';
import { asset, createSandbox, openSandbox } from './fixture';
import type { Files } from './fixture';

const FILES = 100;

const some = (seed: string): Files =>
  Object.fromEntries(Array.from({ length: FILES }, (_, at) => [`data/part/${at}.bin`, asset(`${seed}${at}`)]));

it('looks at folders and packs once in a switch, however many files they hold', async () => {
  const sandbox = await createSandbox();
  sandbox.write(some('first'));
  await sandbox.run(snapshotOperation, { message: 'first' });
  sandbox.git('branch', 'other');
  await sandbox.run(switchOperation, { branch: 'other' });
  sandbox.write(some('second'));
  await sandbox.run(snapshotOperation, { message: 'second' });
  await sandbox.run(switchOperation, { branch: 'main' });
  const looks = new Map<string, number>();
  const files = Object.assign(Object.create(disk) as IFileSystem, {
    lstat: (path: string) => {
      looks.set(path, (looks.get(path) ?? 0) + 1);
      return disk.lstat(path);
    }
  });
  const again = await openSandbox(sandbox.root, files);
  await again.run(switchOperation, { branch: 'other' });
  expect(again.read()).toMatchObject(some('second'));
  const shared = [...looks].filter(([path]) => !/\/(\d+\.bin|[0-9a-f]{64}|[0-9a-f]{38})$/.test(path));
  expect(shared.filter(([, times]) => times >= FILES)).toEqual([]);
});
