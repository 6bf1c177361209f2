import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ProjectAssets } from '../../../src/node/assets/project-assets';
import { FolderBucket } from '../../../src/node/bucket/folder-bucket';
import { HttpBackend } from '../../../src/node/git/http-backend';
import { Digests } from '../../../src/node/store/digest';
import { createHasher } from '../../../src/node/store/hasher';
import { assetRoutes } from '../../../src/service/hub/assets/routes';
import { RESERVE } from '../../../src/service/hub/disk-room';
import { sha256 } from '../../support/asset-person';
import { bucketTools } from '../../support/bucket-tools';
import { makeTeam, openTestHub, person } from '../../support/hub';
import type { TestHub } from '../../support/hub';
import { environment, git } from '../../support/program';
import { randomBytes } from '../../support/random-bytes';
import { smallDisk } from '../../support/small-disk';
import type { SmallDisk } from '../../support/small-disk';
import { temporaryDirectory } from '../../support/temporary-directory';

const MEBIBYTE = 1024 * 1024;
const authorization = 'Bearer edi-token';

/** A hub whose histories and contents lie on a disk of 20 MiB, which it may fill where that disk is real. */
async function hubOn({ folder, files, isReal }: SmallDisk): Promise<TestHub> {
  const bucket = FolderBucket.open({ ...(await bucketTools()), files }, folder);
  const assets = new ProjectAssets({
    bucket,
    files,
    cache: temporaryDirectory(),
    hasher: await createHasher(),
    digests: new Digests(null)
  });
  const log: string[] = [];
  const hub = await openTestHub(
    ['olga', 'edi'].map(user => person(user)),
    {
      histories: await HttpBackend.open(files, folder, line => void log.push(line)),
      assets: ({ record }) => assets.of(record.id),
      others: () =>
        assetRoutes({
          assets: ({ record }) => assets.of(record.id),
          needed: async () => null,
          pointerAt: async () => null,
          url: () => 'http://hub.test'
        }),
      freeBytes: () => files.freeBytes(folder),
      reserve: isReal ? -Infinity : 0
    }
  );
  onTestFinished(() => hub.close());
  await makeTeam(hub, 'team', { edi: 'editor' });
  return hub;
}

type Refused = { readonly status: number; readonly code: string; readonly message: string };

async function bring({ url }: TestHub, content: Buffer): Promise<Refused | null> {
  const address = `${url}/team/iris.git/info/lfs/objects/${sha256(content)}`;
  const answer = await fetch(address, { method: 'PUT', headers: { authorization }, body: new Uint8Array(content) });
  const text = await answer.text();
  const { error } = text === '' ? { error: null } : (JSON.parse(text) as { error: { code: string; message: string } });
  return answer.ok ? null : { status: answer.status, code: error!.code, message: error!.message };
}

async function isThere({ url }: TestHub, content: Buffer): Promise<boolean> {
  const address = `${url}/team/iris.git/info/lfs/objects/${sha256(content)}`;
  const answer = await fetch(address, { headers: { authorization } });
  return answer.ok && content.equals(Buffer.from(await answer.arrayBuffer()));
}

type Ran = { readonly code: number | null; readonly output: string };

function push(hub: TestHub, root: string): Promise<Ran> {
  return run(root, 'push', `${hub.url}/team/iris.git`, 'main');
}

/** git beside the hub, which is in this process. */
function run(cwd: string, ...args: readonly string[]): Promise<Ran> {
  const child = spawn('git', ['-c', `http.extraHeader=Authorization: ${authorization}`, ...args], {
    cwd,
    env: environment
  });
  return new Promise(resolve => {
    let output = '';
    child.stdout.on('data', piece => (output += String(piece)));
    child.stderr.on('data', piece => (output += String(piece)));
    child.once('close', code => resolve({ code, output }));
  });
}

function newHistory(): string {
  const root = temporaryDirectory();
  git(root, 'init', '-q', '-b', 'main');
  git(root, 'config', 'user.email', 'ada@example.org');
  git(root, 'config', 'user.name', 'Ada');
  return root;
}

function commit(root: string, bytes: Buffer): string {
  writeFileSync(join(root, 'a.bin'), bytes);
  git(root, 'add', '-A');
  git(root, 'commit', '-q', '-m', 'work');
  return git(root, 'rev-parse', 'HEAD').trim();
}

it.each([0, MEBIBYTE])('refuses what does not fit in %i bytes, and loses nothing', async leave => {
  const small = smallDisk();
  const hub = await hubOn(small);
  const [old, large] = [randomBytes(100_000), randomBytes(2 * MEBIBYTE)];
  const root = newHistory();
  expect(await bring(hub, old)).toBeNull();
  const first = commit(root, randomBytes(1_000));
  expect(await push(hub, root)).toMatchObject({ code: 0 });
  small.fill(leave);
  const refused = await bring(hub, large);
  expect(refused).toMatchObject({ status: 507, code: 'DISK_FULL', message: 'The hub’s disk is full.' });
  const second = commit(root, large);
  const { code, output } = await push(hub, root);
  expect(code).not.toBe(0);
  expect(output).toMatch(/No space left on device|HTTP 507/);
  // Everybody goes on reading what is there.
  expect((await run(root, 'ls-remote', `${hub.url}/team/iris.git`, 'main')).output).toContain(first);
  expect([await isThere(hub, old), await isThere(hub, large)]).toEqual([true, false]);
  small.free();
  expect(await bring(hub, large)).toBeNull();
  expect(await push(hub, root)).toMatchObject({ code: 0 });
  const there = temporaryDirectory();
  expect(await run(there, 'clone', '-q', `${hub.url}/team/iris.git`, '.')).toMatchObject({ code: 0 });
  expect(git(there, 'rev-parse', 'HEAD').trim()).toBe(second);
  expect([await isThere(hub, old), await isThere(hub, large)]).toEqual([true, true]);
});

it('refuses before the disk is full, so that the database can go on', async () => {
  const room = { left: Infinity };
  const hub = await openTestHub(
    ['olga', 'edi'].map(user => person(user)),
    { freeBytes: async () => room.left }
  );
  onTestFinished(() => hub.close());
  await makeTeam(hub, 'team', { edi: 'editor' });
  const root = newHistory();
  const first = commit(root, randomBytes(1_000));
  expect(await push(hub, root)).toMatchObject({ code: 0 });
  room.left = RESERVE + 50_000;
  expect(await bring(hub, randomBytes(100_000))).toMatchObject({ status: 507, code: 'DISK_FULL' });
  expect(await bring(hub, randomBytes(10_000))).toBeNull();
  // In one request, and in pieces whose sum nobody says before.
  commit(root, randomBytes(100_000));
  expect((await push(hub, root)).output).toContain('507');
  commit(root, randomBytes(2 * MEBIBYTE));
  expect((await push(hub, root)).output).toContain('exceeds maximum allowed size');
  expect((await run(root, 'ls-remote', `${hub.url}/team/iris.git`, 'main')).output).toContain(first);
  room.left = Infinity;
  expect(await push(hub, root)).toMatchObject({ code: 0 });
});
