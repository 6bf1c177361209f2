/** A hub's address before the hub is there, and after. */
import fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { HubHttp } from '../../../src/node/hub/http';
import { isHub, whyNoHub } from '../../../src/node/place/probe-hub';
import { FrontDoor } from '../../../src/service/hub/front-door';
import { RunningCalls } from '../../../src/service/hub/running-calls';
import { serveHub } from '../../../src/service/hub/serve-hub';

const doors: FrontDoor[] = [];
afterEach(() => Promise.all(doors.splice(0).map(door => door.close())));

async function openDoor(prefix = '', host = '127.0.0.1'): Promise<{ readonly door: FrontDoor; readonly url: string }> {
  const door = new FrontDoor(null, prefix);
  doors.push(door);
  return { door, url: `http://127.0.0.1:${await door.open(host, 0)}` };
}

const said = { code: 'PLACE_UNREACHABLE', message: 'The hub is starting.' };
const starting = expect.objectContaining(said);

describe('before the hub is there', () => {
  it.each(['', '/services/branchbook'])('says that it lives, below %j', async prefix => {
    const { url } = await openDoor(prefix);
    const live = await fetch(`${url}${prefix}/health/live`);
    expect([live.status, await live.json()]).toEqual([200, { ok: true }]);
  });

  it('answers its root as JupyterHub wants it, which gives up whoever answers with a status of 500 or more', async () => {
    const { url } = await openDoor('/services/branchbook');
    const root = await fetch(`${url}/services/branchbook/`, { redirect: 'manual' });
    expect([root.status, root.headers.get('location')]).toEqual([302, '/services/branchbook/account']);
  });

  it('tells programs when to come again, in their own language', async () => {
    const { url } = await openDoor();
    const answer = await fetch(`${url}/api/v1/me`, { headers: { authorization: 'Bearer t' } });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await answer.json()).toEqual({
      error: { ...said, data: { reason: 'it is starting', seconds: 2 }, hint: 'Try again in a few seconds.' }
    });
    const git = await fetch(`${url}/team/iris.git/info/refs?service=git-upload-pack`);
    expect([git.status, await git.text()]).toEqual([503, 'The hub is starting. Try again in a few seconds.']);
    const lfs = await fetch(`${url}/team/iris.git/info/lfs/objects/batch`, { method: 'POST', body: '{}' });
    expect([lfs.status, await lfs.json()]).toEqual([503, expect.objectContaining({ message: 'The hub is starting.' })]);
  });

  it('shows people a page that comes again by itself', async () => {
    const { url } = await openDoor();
    const page = await fetch(`${url}/account`, { headers: { accept: 'text/html,*/*' } });
    expect([page.status, page.headers.get('refresh')]).toEqual([503, '2']);
    expect(await page.text()).toContain('<h1>The hub is starting</h1>');
  });

  it('is no unknown place to our clients, which say what it said', async () => {
    const { url } = await openDoor();
    expect(await whyNoHub(url)).toEqual(starting);
    const client = new HubHttp({ url, token: async () => 't' });
    await expect(client.json({ method: 'GET', path: '/api/v1/me' })).rejects.toThrow(starting);
    // What changes something was not done: nothing is unknown about that.
    await expect(client.json({ method: 'POST', path: '/api/v1/namespaces', json: {} })).rejects.toThrow(starting);
    client.close();
  });
});

describe('the hub', () => {
  it('answers as soon as it is ready, at each of its addresses', async () => {
    const { door, url } = await openDoor('', 'localhost');
    expect(await isHub(url)).toBe(false);
    const hub = fastify();
    hub.get('/.well-known/branchbook', async () => ({ branchbook: 'test' }));
    await door.lead(hub);
    expect(await isHub(url)).toBe(true);
    for (const { family, port } of door.servers.map(server => server.address() as { family: string; port: number })) {
      expect(await isHub(`http://${family === 'IPv6' ? '[::1]' : '127.0.0.1'}:${port}`)).toBe(true);
    }
    await hub.close();
  });

  it('that is stopped while it starts never serves, and leaves its address', async () => {
    const { door, url } = await openDoor();
    const served: string[] = [];
    const app = fastify();
    const onServing = async (): Promise<void> => void served.push('serving');
    const log = (): void => undefined;
    await serveHub({ app, door, calls: new RunningCalls(), signal: AbortSignal.abort(), log, onServing });
    expect(served).toEqual([]);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('is told when its address is taken', async () => {
    const { url } = await openDoor();
    const second = new FrontDoor(null, '');
    await expect(second.open('127.0.0.1', Number(new URL(url).port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
