import { expect, it } from 'vitest';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { switchOperation } from '../../src/core/operation/switch-branch';
import type { IFileSystem, SeenFile } from '../../src/core/port';
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

it('stores many small assets without reading them twice, and lists those that did change', async () => {
  const sandbox = await createSandbox();
  const content = (seed: string): Files =>
    Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`data/${at}.bin`, asset(`${seed}${at}`, 1500)]));
  sandbox.write(content('first'));
  await sandbox.run(snapshotOperation, { message: 'first' });
  sandbox.write({ ...content('first'), 'data/7.bin': asset('changed', 1500), 'data/99.bin': asset('other', 1500) });
  const read: string[] = [];
  const files = Object.assign(Object.create(disk) as IFileSystem, {
    open: (path: string, flags: 'read' | 'create' | 'write', mode?: number) => {
      read.push(...(path.endsWith('.bin') ? [path] : []));
      return disk.open(path, flags, mode);
    },
    readUnchanged: (seen: readonly SeenFile[], into: Uint8Array) => {
      read.push(...seen.map(({ path }) => path));
      return disk.readUnchanged(seen, into);
    }
  });
  const again = await openSandbox(sandbox.root, files);
  const { changes, assets } = await again.run(snapshotOperation, { message: 'second' });
  expect(changes.map(({ path }) => path)).toEqual(['data/7.bin', 'data/99.bin']);
  expect(assets.map(({ previous }) => previous?.size)).toEqual([1500, 1500]);
  expect(read.filter(path => path.endsWith('/99.bin')).length).toBe(1);
  expect(sandbox.git('status', '--porcelain')).toBe('');
  const same = { code: 'NOTHING_TO_SNAPSHOT' };
  sandbox.write(content('first'));
  await again.run(snapshotOperation, { message: 'third' });
  sandbox.write(content('first'));
  await expect(again.run(snapshotOperation, { message: 'fourth' })).rejects.toMatchObject(same);
});
