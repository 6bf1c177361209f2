import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { removeDrafts } from '../../../src/node/bucket/drafts';
import { disk } from '../../../src/node/fs/disk';
import { temporaryDirectory } from '../../support/temporary-directory';

const HOUR = 3_600_000;
const now = Date.now();

function write(root: string, path: string, age: number): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  utimesSync(file, new Date(now - age), new Date(now - age));
  return path;
}

it('deletes what writers that died left, a day later, and nothing else', async () => {
  const root = temporaryDirectory();
  const dead = [write(root, 'id/xorbs/ab/.~abc.1-2-3.tmp', 25 * HOUR), write(root, '.~id.1-2-4.tmp', 25 * HOUR)];
  const kept = [
    write(root, 'id/xorbs/ab/.~abd.1-2-3.tmp', 23 * HOUR),
    write(root, 'id/xorbs/ab/abc', 25 * HOUR),
    write(root, 'id/presence/.~ada.lock', 25 * HOUR),
    write(root, 'team.git/.~not-ours.tmp', 25 * HOUR)
  ];
  const ended = new AbortController();
  await removeDrafts(disk, root, now, ended.signal);
  expect(dead.filter(path => existsSync(join(root, path)))).toEqual([]);
  expect(kept.filter(path => !existsSync(join(root, path)))).toEqual([]);
  const last = write(root, '.~id.1-2-5.tmp', 25 * HOUR);
  ended.abort();
  await removeDrafts(disk, root, now, ended.signal);
  expect(existsSync(join(root, last))).toBe(true);
});
