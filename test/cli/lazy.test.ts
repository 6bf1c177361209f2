/** A lazy clone in the hands of plain git, and on a disk that is nearly full. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CloneResult } from '../../src/core/model/sharing';
import { disk } from '../../src/node/fs/disk';
import { commandLine, createProject } from '../support/in-process';
import { environment, git } from '../support/program';
import { splitmix64 } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';

/** Bytes that seem to be free; Infinity = as many as there are. */
let free = Infinity;
const files = Object.create(disk, {
  freeBytes: { value: async (path: string) => Math.min(free, await disk.freeBytes(path)) }
}) as typeof disk;
const branchbook = commandLine({ files });

/** A lazy clone of a project with two versions of an asset; gives its folder and the project's address. */
async function lazyClone(): Promise<{ readonly root: string; readonly address: string }> {
  const place = `${temporaryDirectory()}/ml`;
  const ada = await createProject(branchbook);
  mkdirSync(join(ada, 'data'));
  await branchbook.run(ada, 'track', '*.bin');
  for (const seed of [1, 2]) {
    writeFileSync(join(ada, 'data/a.bin'), splitmix64(seed, 60_000));
    await branchbook.run(ada, 'snapshot', '-m', `version ${seed}`);
  }
  await branchbook.run(ada, 'namespace', 'create', place);
  await branchbook.run(ada, 'push', '--to', `${place}/iris`);
  const address = `${place}/iris`;
  const { root } = await branchbook.json<CloneResult>(temporaryDirectory(), 'clone', address, '--lazy');
  return { root, address };
}

const data = (root: string): Buffer => readFileSync(join(root, 'data/a.bin'));

it('git checkout says which content is not here, and how to get it', async () => {
  const { root } = await lazyClone();
  git(root, 'branch', 'older', 'main~1');
  const { stderr, status } = spawnSync('git', ['checkout', '-q', 'older'], {
    cwd: root,
    env: environment,
    encoding: 'utf8'
  });
  expect(status).toBe(0);
  expect(stderr).toContain('the content of data/a.bin');
  expect(stderr).toContain('its pointer was written instead');
  expect(stderr).toContain('`branchbook get');
  expect(await branchbook.run(root, 'status')).toContain('data/a.bin');
  await branchbook.run(root, 'get', 'data/a.bin');
  expect(data(root)).toEqual(Buffer.from(splitmix64(1, 60_000)));
  expect(git(root, 'status', '--porcelain')).toBe('');
});

it('a disk without room is told before anything comes, and everything stays as it was', async () => {
  const { root, address } = await lazyClone();
  const nowhere = temporaryDirectory();
  // Room for the content in the store, and not for the file too.
  free = 4 * 1024 * 1024 + 100_000;
  try {
    for (const words of [
      ['get', 'data/a.bin'],
      ['switch', 'main', '--all'],
      ['clone', address, join(nowhere, 'new')]
    ]) {
      const refused = await branchbook.fail(root, ...words);
      expect(refused, words.join(' ')).toMatchObject({ code: 'DISK_FULL' });
      expect(refused.hint).toContain('Free some space');
    }
  } finally {
    free = Infinity;
  }
  expect(data(root).toString()).toContain('oid sha256');
  expect(await branchbook.json(root, 'check')).toMatchObject({ findings: [], absent: { assets: 2 } });
  await branchbook.run(root, 'get', 'data/a.bin');
  expect(data(root)).toEqual(Buffer.from(splitmix64(2, 60_000)));
});
