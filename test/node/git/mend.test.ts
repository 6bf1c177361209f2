import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { disk } from '../../../src/node/fs/disk';
import { mendRepository } from '../../../src/node/git/mend';
import { git } from '../../support/program';
import { temporaryDirectory } from '../../support/temporary-directory';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const now = Date.now();

function leave(repository: string, path: string, age: number): void {
  const file = join(repository, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  for (let each = file; each !== repository; each = dirname(each)) {
    utimesSync(each, new Date(now - age), new Date(now - age));
  }
}

it('removes what a git left that was not told to stop, and nothing that may be in use', async () => {
  const repository = temporaryDirectory();
  git(repository, 'init', '-q', '--bare');
  const dead = [
    'refs/heads/main.lock',
    'refs/heads/deep/er.lock',
    'HEAD.lock',
    'packed-refs.lock',
    'gc.pid.lock',
    'objects/info/commit-graph.lock',
    'objects/pack/tmp_pack_a1',
    'objects/pack/.tmp-77-pack-a',
    'objects/tmp_objdir-incoming-a1/pack/tmp_pack_b'
  ];
  const kept = [
    'refs/heads/deep/locked',
    'objects/pack/pack-1.pack',
    'objects/tmp_objdir-incoming-b1/pack/tmp_pack_b',
    'objects/pack/tmp_pack_b1'
  ];
  dead.forEach(path => leave(repository, path, 2 * DAY));
  kept.slice(0, 2).forEach(path => leave(repository, path, 2 * DAY));
  // A long push is as old as what it wrote last.
  leave(repository, 'objects/tmp_objdir-incoming-b1/pack/tmp_pack_b', DAY / 2);
  leave(repository, 'objects/pack/tmp_pack_b1', DAY / 2);
  utimesSync(join(repository, 'objects/tmp_objdir-incoming-b1'), new Date(now - 2 * DAY), new Date(now - 2 * DAY));
  await mendRepository(disk, repository, now);
  expect(dead.filter(path => existsSync(join(repository, path)))).toEqual([]);
  expect(existsSync(join(repository, 'objects/tmp_objdir-incoming-a1'))).toBe(false);
  expect(kept.filter(path => !existsSync(join(repository, path)))).toEqual([]);
});

it('leaves the locks of refs to who may hold them for a minute, and those of packing for a day', async () => {
  const repository = temporaryDirectory();
  git(repository, 'init', '-q', '--bare');
  leave(repository, 'refs/heads/main.lock', MINUTE / 2);
  leave(repository, 'refs/heads/old.lock', 2 * MINUTE);
  leave(repository, 'objects/info/commit-graph.lock', 2 * MINUTE);
  await mendRepository(disk, repository, now);
  const there = ['refs/heads/main.lock', 'refs/heads/old.lock', 'objects/info/commit-graph.lock'].map(path =>
    existsSync(join(repository, path))
  );
  expect(there).toEqual([true, false, true]);
});
