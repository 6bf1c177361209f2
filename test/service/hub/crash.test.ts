/** The hub as a process that is killed while people push: what was acknowledged is there afterwards, whole. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { request } from 'node:http';
import type { ClientRequest } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sha256 } from '../../support/asset-person';
import { BegunHub, MortalHub } from '../../support/mortal-hub';
import { buildProgram, environment, git } from '../../support/program';
import { PushCrowd } from '../../support/push-crowd';

const PEOPLE = 4;
const BRANCHES = 2;
/** Pushes that are taken before something happens to the hub. */
const PUSHES = 4;

let program: string;
let data: string;
let hub: MortalHub;
let token: string;
let crowd: PushCrowd;

beforeAll(async () => {
  program = (await buildProgram()).file;
  data = realpathSync(mkdtempSync(join(tmpdir(), 'branchbook-hub-')));
  hub = await MortalHub.start(program, data);
  token = await hub.firstToken();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const ask = async (path: string, body: object): Promise<void> => {
    const answer = await fetch(`${hub.url}/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.status, await answer.text()).toBeLessThan(300);
  };
  await ask('namespaces', { name: 'team', kind: 'team', title: 'Team', label: 'unclassified', git: null });
  await ask('namespaces/team/changes', { type: 'add-project', name: 'iris' });
  crowd = new PushCrowd(token, PEOPLE, BRANCHES);
});
afterAll(async () => {
  await hub.stop();
  rmSync(data, { recursive: true, force: true });
});

const project = (): string => `${hub.url}/team/iris`;
const repository = (): string => join(data, 'repositories', readdirSync(join(data, 'repositories'))[0]!);

/** A request of which only the beginning comes. */
function halfRequest(method: string, path: string, type: string, bytes: Buffer): ClientRequest {
  const headers = { authorization: `Bearer ${token}`, 'content-type': type, 'content-length': 1_000_000 };
  const begun = request(`${project()}${path}`, { method, headers });
  begun.on('error', () => undefined);
  begun.write(bytes);
  return begun;
}

function halfPushes(): readonly ClientRequest[] {
  const line = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/half\0report-status`;
  const commands = Buffer.from(`${(line.length + 4).toString(16).padStart(4, '0')}${line}0000PACK\0\0\0\x02\0\0\0\x09`);
  const lfs = `.git/info/lfs/objects/${'2'.repeat(64)}`;
  return [
    halfRequest('POST', '.git/git-receive-pack', 'application/x-git-receive-pack-request', commands),
    halfRequest('PUT', lfs, 'application/octet-stream', Buffer.alloc(500_000))
  ];
}

/** Every commit that a branch reaches, with the content that it names. */
function namedContents(): readonly string[] {
  const commits = git(repository(), 'rev-list', '--all').trim().split('\n');
  const input = commits.map(commit => `${commit}:data.bin\n`).join('');
  const blobs = execFileSync('git', ['cat-file', '--batch'], { cwd: repository(), env: environment, input });
  return [...blobs.toString().matchAll(/^oid sha256:([0-9a-f]{64})$/gm)].map(([, oid]) => oid!);
}

async function expectSound(): Promise<void> {
  expect(git(repository(), 'fsck', '--full', '--strict', '--no-dangling')).toBe('');
  for (const [branch, commits] of crowd.commits) {
    const there = new Set(git(repository(), 'rev-list', branch).trim().split('\n'));
    expect(
      commits.filter(commit => !there.has(commit)),
      branch
    ).toEqual([]);
  }
  const named = namedContents();
  expect(named.length).toBeGreaterThanOrEqual([...crowd.commits.values()].flat().length);
  for (const oid of new Set([...named, ...crowd.contents])) {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${project()}.git/info/lfs/objects/${oid}`, { headers });
    expect([answer.status, sha256(Buffer.from(await answer.arrayBuffer()))]).toEqual([200, oid]);
  }
}

function leftovers(): readonly string[] {
  const names = readdirSync(repository(), { recursive: true, encoding: 'utf8' });
  return names.filter(name => /\.lock$|tmp_|incoming/.test(name));
}

it('killed in the middle of pushes, it has all that it acknowledged, and git has cleared up', async () => {
  const begun = halfPushes();
  await crowd.push(project(), { after: PUSHES, event: () => hub.kill() });
  begun.forEach(each => each.destroy());
  expect(leftovers().filter(name => name.endsWith('.lock'))).toEqual([]);
  hub = await MortalHub.start(program, data);
  await expectSound();
  expect(readdirSync(join(data, 'cache')).length).toBe(1);
});

it('gone with all that it had started, it takes the same pushes when they come again', async () => {
  const begun = halfPushes();
  await crowd.push(project(), { after: PUSHES, event: () => hub.crash() });
  begun.forEach(each => each.destroy());
  // A git that was at a ref when it went; and a minute later.
  writeFileSync(join(repository(), 'refs/heads/branch-0.lock'), '');
  const before = new Date(Date.now() - 61_000);
  leftovers().forEach(name => utimesSync(join(repository(), name), before, before));
  hub = await MortalHub.start(program, data);
  await crowd.push(project(), { times: 1 });
  await expectSound();
});

it('stopped, it lets what runs end and refuses the rest', async () => {
  let code: number | null = null;
  await crowd.push(project(), { after: PUSHES, event: async () => (code = await hub.stop()) });
  expect(code).toBe(0);
  expect([...crowd.statuses].filter(status => status !== 200 && status !== 503)).toEqual([]);
  expect(leftovers().filter(name => name.endsWith('.lock'))).toEqual([]);
  const begun = await BegunHub.start(program, data);
  begun.child.kill('SIGTERM');
  expect(await begun.ended, begun.said()).toBe(0);
  hub = await MortalHub.start(program, data);
  await expectSound();
});

it('answers while its database is opened, and ends with the reason when that cannot be', async () => {
  const connections: Socket[] = [];
  // It takes connections and says nothing.
  const silent = createServer(socket => void connections.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const database = `postgres://hub@127.0.0.1:${(silent.address() as AddressInfo).port}/hub`;
  const folder = mkdtempSync(join(tmpdir(), 'branchbook-hub-'));
  const begun = await BegunHub.start(program, folder, { BRANCHBOOK_HUB_DATABASE: database });
  const statusOf = async (path: string): Promise<number> => (await fetch(`${begun.url}${path}`)).status;
  expect([await statusOf('/health/live'), await statusOf('/health')]).toEqual([200, 503]);
  await expect.poll(() => connections.length).toBeGreaterThan(0);
  silent.close();
  connections.forEach(socket => socket.destroy());
  expect(await begun.ended).toBe(1);
  expect(begun.said()).toContain('The database does not answer.');
  rmSync(folder, { recursive: true, force: true });
});
