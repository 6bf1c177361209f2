import { readFileSync, statSync, writeFileSync, existsSync, chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Activity } from '../../src/core/port';
import type { ICoreHost } from '../../src/service/host';
import { serve, type ServeOptions } from '../../src/service/serve';
import { call, git, hostWith, lineReader, newRepository, open, remove, temporaryFolder, until } from './support';

let folder: string;
let socket: string;
const running: { stop: AbortController; stopped: Promise<void> }[] = [];

async function start(
  host: ICoreHost,
  options: ServeOptions = {}
): Promise<{ log: string[]; stopped: Promise<void>; stop: AbortController }> {
  const log: string[] = [];
  const stop = new AbortController();
  const stopped = serve(host, {
    socket,
    runtimeDir: folder,
    signal: stop.signal,
    log: line => log.push(line),
    ...options
  });
  running.push({ stop, stopped });
  await until(() => log.some(line => /serves on|already/.test(line)));
  return { log, stopped, stop };
}

beforeEach(() => {
  folder = temporaryFolder();
  socket = join(folder, 'private', 'core.sock');
});

afterEach(async () => {
  running.forEach(({ stop }) => stop.abort('end of test'));
  await Promise.all(running.splice(0).map(({ stopped }) => stopped));
  remove(folder);
});

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const discovery = (): Record<string, unknown> => JSON.parse(readFileSync(join(folder, 'branchbook-core.json'), 'utf8'));

describe('where it listens', () => {
  it('is private: folder, socket and discovery file', async () => {
    await start(hostWith());
    expect([mode(join(folder, 'private')), mode(socket), mode(join(folder, 'branchbook-core.json'))]).toEqual([
      '700',
      '600',
      '600'
    ]);
    expect(discovery()).toEqual({ pid: process.pid, socket, token: null, version: '1.2.3', protocol: 1, lent: null });
  });

  it('refuses a folder that others can write in', async () => {
    mkdirSync(join(folder, 'open'));
    chmodSync(join(folder, 'open'), 0o777);
    const serving = serve(hostWith(), {
      socket: join(folder, 'open', 'core.sock'),
      runtimeDir: folder,
      log: () => undefined
    });
    await expect(serving).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  it('never deletes what is not a socket', async () => {
    mkdirSync(join(folder, 'private'), { mode: 0o700 });
    writeFileSync(socket, 'precious');
    await expect(serve(hostWith(), { socket, runtimeDir: folder, log: () => undefined })).rejects.toMatchObject({
      code: 'USAGE'
    });
    expect(readFileSync(socket, 'utf8')).toBe('precious');
  });

  it('leaves nothing behind when it stops', async () => {
    const { stop, stopped } = await start(hostWith());
    stop.abort('asked');
    await stopped;
    expect([existsSync(socket), existsSync(join(folder, 'branchbook-core.json'))]).toEqual([false, false]);
  });

  it('removes the temporary folder that was made for its socket, and no other', async () => {
    const own = mkdtempSync(join(tmpdir(), 'branchbook-'));
    const { stop, stopped } = await start(hostWith(), { socket: join(own, 'core.sock') });
    const late = mkdtempSync(join(tmpdir(), 'branchbook-'));
    await (
      await start(hostWith(), { socket: join(late, 'core.sock') })
    ).stopped;
    expect([existsSync(own), existsSync(late)]).toEqual([true, false]);
    stop.abort('asked');
    await stopped;
    expect(existsSync(own)).toBe(false);
    const other = await start(hostWith());
    other.stop.abort('asked');
    await other.stopped;
    expect(existsSync(join(folder, 'private'))).toBe(true);
  });

  it('is alone: a second one steps back', async () => {
    await start(hostWith());
    const second = await start(hostWith());
    await second.stopped;
    expect(second.log).toEqual([`a core is already serving on ${socket}`]);
    expect((await call({ socket }, 'GET', '/v1/health')).status).toBe(200);
  });

  it('takes the place of a core that was killed', async () => {
    mkdirSync(join(folder, 'private'), { mode: 0o700 });
    const script = `require('net').createServer().listen(${JSON.stringify(socket)}, () => console.log('up'))`;
    const killed = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(existsSync(socket)).toBe(true);
    writeFileSync(
      join(folder, 'branchbook-core.json'),
      JSON.stringify({ pid: killed.pid, socket, token: null, version: '1', protocol: 1 })
    );
    await start(hostWith());
    expect((await call({ socket }, 'GET', '/v1/health')).status).toBe(200);
    expect(discovery()['pid']).toBe(process.pid);
  });

  it('survives a torn discovery file', async () => {
    writeFileSync(join(folder, 'branchbook-core.json'), '{"pid":');
    await start(hostWith());
    expect(discovery()['socket']).toBe(socket);
  });
});

describe('TCP', () => {
  it('asks for the token in every request', async () => {
    await start(hostWith(), { tcp: true });
    const { socket: address, token } = discovery() as { socket: string; token: string };
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    const port = Number(address.split(':')[1]);
    expect(address).toBe(`127.0.0.1:${port}`);
    for (const wrong of [undefined, '', token.slice(1), `${token}0`]) {
      for (const [method, path] of [
        ['GET', '/v1/health'],
        ['GET', '/v1/events'],
        ['POST', '/v1/operation/status'],
        ['POST', '/v1/shutdown'],
        ['GET', '/nowhere']
      ] as const) {
        const { status, lines } = await call({ port, token: wrong }, method, path, method === 'POST' ? {} : undefined);
        expect([path, status, lines[0]!['error'].code]).toEqual([path, 403, 'PERMISSION_DENIED']);
      }
    }
    expect((await call({ port, token }, 'GET', '/v1/health')).status).toBe(200);
    const second = await start(hostWith(), { tcp: true });
    expect(second.log[0]).toContain('already serving');
  });

  it('does not take another program on the port of a dead core for a core', async () => {
    const other = createServer(connection => connection.destroy()).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    other.close();
    writeFileSync(
      join(folder, 'branchbook-core.json'),
      JSON.stringify({ pid: 1, socket: `127.0.0.1:${port}`, token: 'x', version: '1', protocol: 1 })
    );
    await start(hostWith());
    expect(discovery()['socket']).toBe(socket);
  });
});

describe('stopping', () => {
  it('happens after the idle time, which every request begins anew', async () => {
    const { log, stopped } = await start(hostWith(), { idleMinutes: 1.5 / 60 });
    const began = performance.now();
    for (let index = 0; index < 5; index += 1) {
      await new Promise(resolve => setTimeout(resolve, 500));
      expect((await call({ socket }, 'GET', '/v1/health')).status).toBe(200);
    }
    await stopped;
    expect(performance.now() - began).toBeGreaterThan(3900);
    expect(log.at(-1)).toContain('nobody needs it');
  });

  it('waits for subscribers and operations', async () => {
    const repository = newRepository();
    let end = (): void => undefined;
    const run = (): Promise<never> => new Promise(resolve => (end = () => resolve({} as never)));
    const { log, stopped } = await start(hostWith({ check: { run } }), { idleMinutes: 1 / 60 });
    const client = new AbortController();
    await open({ socket }, 'GET', '/v1/events', undefined, client.signal).then(response =>
      response.on('error', () => undefined)
    );
    const answer = call({ socket }, 'POST', '/v1/operation/check', { project: repository, args: {} });
    await new Promise(resolve => setTimeout(resolve, 1500));
    client.abort();
    await new Promise(resolve => setTimeout(resolve, 1500));
    expect(log.some(line => line.includes('stops'))).toBe(false);
    end();
    expect((await answer).status).toBe(200);
    await stopped;
    remove(repository);
  });

  it('lets operations end, out of sight of new clients', async () => {
    const repository = newRepository();
    let end = (): void => undefined;
    const run = (): Promise<never> => new Promise(resolve => (end = () => resolve({ ended: true } as never)));
    const { stopped } = await start(hostWith({ check: { run } }));
    const answer = call({ socket }, 'POST', '/v1/operation/check', { project: repository, args: {} });
    await new Promise(resolve => setTimeout(resolve, 100));
    const refused = await call({ socket }, 'POST', '/v1/shutdown', { whenIdle: true });
    expect([refused.status, refused.lines[0]!['error'].code]).toEqual([423, 'LOCKED']);
    expect((await call({ socket }, 'POST', '/v1/shutdown', {})).status).toBe(202);
    await until(() => !existsSync(socket) && !existsSync(join(folder, 'branchbook-core.json')));
    // The next core begins while the old one finishes, and is not disturbed by its end.
    await start(hostWith());
    end();
    expect((await answer).lines).toEqual([{ type: 'result', result: { ended: true } }]);
    await stopped;
    expect((await call({ socket }, 'GET', '/v1/health')).status).toBe(200);
    expect(discovery()['socket']).toBe(socket);
    remove(repository);
  });

  it('follows the process it was told to', async () => {
    const parent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const { stopped, log } = await start(hostWith(), { parentPid: parent.pid! });
    parent.kill();
    await stopped;
    expect(log.at(-1)).toContain(`process ${parent.pid} has ended`);
  });
});

describe('events', () => {
  it('tell of what plain git does', async () => {
    const repository = newRepository();
    await start(hostWith());
    const events = lineReader(await open({ socket }, 'GET', '/v1/events'));
    await call({ socket }, 'GET', `/v1/project?path=${encodeURIComponent(repository)}`);
    await new Promise(resolve => setTimeout(resolve, 200));

    for (const message of ['one', 'two']) {
      git(repository, 'commit', '-q', '--allow-empty', '-m', message);
      const commit = git(repository, 'rev-parse', 'HEAD');
      expect(await events.next()).toEqual({ type: 'project', root: repository, what: 'head', branch: 'main', commit });
    }
    git(repository, 'branch', 'other');
    expect(await events.next()).toMatchObject({ what: 'refs', branch: 'main' });
    git(repository, 'checkout', '-q', 'other');
    expect(await events.next()).toMatchObject({ what: 'head', branch: 'other' });
    git(repository, 'pack-refs', '--all');
    git(repository, 'branch', 'nested/deep');
    expect(await events.next()).toMatchObject({ what: 'refs' });
    writeFileSync(join(repository, 'a.txt'), 'a');
    git(repository, 'add', 'a.txt');
    expect(await events.next()).toMatchObject({ what: 'work-tree', branch: 'other' });
    remove(repository);
  });

  it('begin with how the projects named are', async () => {
    const repository = newRepository();
    const { log } = await start(hostWith());
    const query = `project=${encodeURIComponent(repository)}&project=${encodeURIComponent(folder)}`;
    const events = lineReader(await open({ socket }, 'GET', `/v1/events?${query}`));
    const commit = git(repository, 'rev-parse', 'HEAD');
    expect(await events.next()).toEqual({ type: 'project', root: repository, what: 'head', branch: 'main', commit });
    await until(() => log.some(line => line.includes('is not in a Branchbook project')));
    remove(repository);
  });

  it('tell of our own verbs, also those that only change files', async () => {
    const repository = newRepository();
    await start(hostWith({ restore: { mutates: true } }));
    const events = lineReader(await open({ socket }, 'GET', '/v1/events'));
    const body = { project: repository, args: { addresses: ['a@main'] } };
    expect((await call({ socket }, 'POST', '/v1/operation/restore', body)).status).toBe(200);
    expect(await events.next()).toMatchObject({ root: repository, what: 'work-tree', branch: 'main' });
    remove(repository);
  });

  it('survive the end of a project', async () => {
    const repository = newRepository();
    const { log } = await start(
      hostWith({ check: { run: async (_p: unknown, _a: unknown, _c: Activity) => ({}) as never } })
    );
    await call({ socket }, 'GET', `/v1/project?path=${encodeURIComponent(repository)}`);
    remove(repository);
    await until(() => log.some(line => line.startsWith('events ')));
    expect((await call({ socket }, 'GET', '/v1/health')).status).toBe(200);
  });
});
