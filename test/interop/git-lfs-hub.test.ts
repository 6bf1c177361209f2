import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startAssetHub } from '../support/asset-hub';
import type { AssetHub } from '../support/asset-hub';
import { bytesOf, sha256 } from '../support/asset-person';
import { randomBytes } from '../support/random-bytes';

const MiB = 1024 * 1024;
let hub: AssetHub;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'branchbook-'));
  hub = await startAssetHub(mkdtempSync(join(folder, 'store-')), mkdtempSync(join(folder, 'cache-')));
});

afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_TERMINAL_PROMPT: '0'
  };
  const { stdout } = await promisify(execFile)('git', [...args], { cwd, env });
  return stdout;
}

/** A repository whose contents go to the hub, as the person with that token. */
async function useHub(root: string, token: string): Promise<void> {
  await git(root, 'lfs', 'install', '--local');
  const url = new URL(`${hub.url}/team/iris.git/info/lfs`);
  [url.username, url.password] = ['git', token];
  await git(root, 'config', 'lfs.url', url.href);
}

it('plain git-lfs pushes to the hub and clones from it; what it brings is stored as chunks', async () => {
  const bare = join(folder, 'history.git');
  const [anna, bo] = [join(folder, 'anna'), join(folder, 'bo')];
  await git(folder, 'init', '--bare', '-q', '-b', 'main', bare);
  await git(folder, 'init', '-q', '-b', 'main', anna);
  await git(anna, 'config', 'user.name', 'Anna');
  await git(anna, 'config', 'user.email', 'anna@example.org');
  await useHub(anna, 'editor');
  await git(anna, 'lfs', 'track', '*.bin');
  const big = randomBytes(20 * MiB);
  writeFileSync(join(anna, 'a.bin'), big);
  writeFileSync(join(anna, 'twice.bin'), Buffer.concat([big, Buffer.from('and more')]));
  await git(anna, 'add', '.');
  await git(anna, 'commit', '-qm', 'contents');
  await git(anna, 'remote', 'add', 'origin', bare);
  const before = hub.store.written;
  await git(anna, 'push', '-q', 'origin', 'main');
  expect(hub.store.written - before).toBeLessThan(41 * MiB);
  expect(sha256(await bytesOf(hub.client('viewer').read(sha256(big))))).toBe(sha256(big));
  // Again nothing has to be brought.
  const stored = hub.store.written;
  await git(anna, 'lfs', 'push', '--all', 'origin');
  expect(hub.store.written).toBe(stored);

  await git(folder, 'clone', '-q', bare, bo);
  await useHub(bo, 'viewer');
  await git(bo, 'lfs', 'pull');
  expect(sha256(readFileSync(join(bo, 'a.bin')))).toBe(sha256(big));
  expect(readFileSync(join(bo, 'twice.bin')).subarray(-8).toString()).toBe('and more');

  await useHub(bo, 'partial');
  rmSync(join(bo, '.git/lfs/objects'), { recursive: true });
  await expect(git(bo, 'lfs', 'fetch', '--all')).rejects.toThrow(/may not view/);
});

it('refuses an upload that is not what its name says', async () => {
  const name = sha256(randomBytes(10));
  const answer = await fetch(`${hub.url}/team/iris.git/info/lfs/objects/${name}`, {
    method: 'PUT',
    headers: { authorization: 'Bearer editor' },
    body: new Uint8Array(70_000)
  });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect((await hub.client('editor').has([name])).size).toBe(0);
});
