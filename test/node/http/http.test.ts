/** The one way to speak HTTP: nothing goes where it was not meant to go, and what goes wrong is told as what it is. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { exchange } from '../../../src/node/http/exchange';
import { connectionFailure } from '../../../src/node/http/failure';
import { requestJson } from '../../../src/node/http/json';
import { HubAssets } from '../../../src/node/hub/assets-client';
import { HubHttp } from '../../../src/node/hub/http';
import { KubeflowContributors } from '../../../src/node/compute/kubeflow';
import { disk } from '../../../src/node/fs/disk';
import { openGit } from '../../../src/node/git/repository';
import { createRepository } from '../../operation/fixture';
import { randomBytes } from '../../support/random-bytes';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What stands elsewhere, and must hear of nothing. */
const heard: string[] = [];
let asked: string[] = [];
let handle: Handler;
const servers: Server[] = [];
let [here, elsewhere] = ['', ''];

async function listen(handler: Handler): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  here = await listen((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    handle(request, response);
  });
  elsewhere = await listen((request, response) => {
    heard.push(`${request.url} ${String(request.headers.authorization)}`);
    response.end('{}');
  });
});
afterAll(() => servers.forEach(server => server.close().closeAllConnections()));
beforeEach(() => void (asked = []));

const hub = (): HubHttp => new HubHttp({ url: here, token: async () => 'secret-token' });

it.each([301, 302, 303, 307, 308])(
  'follows a redirect (%i) nowhere, neither with what we are nor without',
  async status => {
    handle = (_request, response) => response.writeHead(status, { location: `${elsewhere}/stolen` }).end();
    for (const method of ['GET', 'POST'] as const) {
      await expect(hub().json({ method, path: '/api/v1/me' })).rejects.toMatchObject({ code: 'PLACE_UNREACHABLE' });
      expect((await requestJson(here, { method })).status).toBe(status);
    }
    const kubeflow = new KubeflowContributors(here, { BRANCHBOOK_KUBEFLOW_USER: 'anna@example.org' });
    await expect(kubeflow.list('vision')).rejects.toMatchObject({ code: 'COMPUTE_UNAVAILABLE' });
    const { transport } = await openGit(createRepository(), disk);
    const remote = { url: `${here}/team/iris.git`, headers: { Authorization: 'Bearer secret-token' } };
    await expect(transport.list(remote, {})).rejects.toMatchObject({
      code: expect.stringMatching(/^PLACE_/) as string
    });
    expect(asked.length).toBeGreaterThan(5);
    expect(heard).toEqual([]);
  }
);

it('asks again when a connection broke that only read, and says so when it may have changed something', async () => {
  handle = (request, response) => {
    if (asked.length === 1 || request.method !== 'GET') {
      request.socket.destroy();
    } else {
      response.end('{"user":"anna"}');
    }
  };
  expect(await hub().json({ method: 'GET', path: '/api/v1/me' })).toEqual({ user: 'anna' });
  expect(asked).toEqual(['GET /api/v1/me', 'GET /api/v1/me']);
  asked = [];
  await expect(hub().json({ method: 'POST', path: '/x', json: {} })).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  expect(asked).toEqual(['POST /x']);
});

it('goes on with a pack where the connection broke, and takes no more than was asked for', async () => {
  const pack = randomBytes(200_000);
  const ranges: (string | undefined)[] = [];
  handle = ({ headers: { range } }, response) => {
    ranges.push(range);
    const [first, last] = /^bytes=(\d+)-(\d+)$/.exec(range!)!.slice(1).map(Number) as [number, number];
    response.writeHead(206, { 'content-length': last - first + 1 });
    const breaks = ranges.length === 1;
    response.write(pack.subarray(first, breaks ? first + 50_000 : last + 1), () => breaks && response.destroy());
  };
  const assets = new HubAssets(hub(), { namespace: 'team', name: 'iris' });
  const bytes = new Uint8Array(150_000);
  expect(await assets.readXorb('0'.repeat(64), 10_000, bytes)).toBe(bytes.length);
  expect(pack.subarray(10_000, 160_000).equals(bytes)).toBe(true);
  expect(ranges).toEqual(['bytes=10000-159999', 'bytes=60000-159999']);
  handle = (_request, response) => void response.writeHead(206).end(pack);
  await expect(assets.readXorb('0'.repeat(64), 0, bytes)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
  handle = (_request, response) => void response.writeHead(206).end(pack.subarray(0, 7));
  expect(await assets.readXorb('0'.repeat(64), 0, bytes)).toBe(7);
});

it('waits for no answer for ever, reads none without end, and ends when it is told to', async () => {
  handle = () => undefined;
  const silent = hub().json({ method: 'GET', path: '/silent', timeout: 30 });
  await expect(silent).rejects.toMatchObject({
    code: 'PLACE_UNREACHABLE',
    data: { reason: 'it took too long to answer' }
  });
  await expect(requestJson(`${here}/silent`, { patience: 30 })).rejects.toThrow('it took too long to answer');
  handle = (_request, response) => void response.write('[');
  await expect(requestJson(`${here}/begun`, { patience: 30 })).rejects.toMatchObject({ code: 'PLACE_UNREACHABLE' });
  handle = (_request, response) => response.end(`["${'x'.repeat(1024 * 1024)}"]`);
  await expect(requestJson(`${here}/long`)).rejects.toThrow('longer than 1048576 bytes');
  handle = () => undefined;
  const stop = new AbortController();
  const asking = hub().json({ method: 'GET', path: '/', activity: { signal: stop.signal } });
  stop.abort();
  await expect(asking).rejects.toMatchObject({ code: 'CANCELLED' });
});

it('gives up sooner who cannot be connected to, and knows that nothing was asked', async () => {
  // A name that is looked up for ever, as an address that swallows what is sent there.
  const lost = exchange({
    ...{ url: new URL('http://nowhere.example/'), method: 'POST', headers: {}, connecting: 30 },
    lookup: () => undefined
  });
  const error: unknown = await lost.catch((cause: unknown) => cause);
  expect(connectionFailure({ place: 'http://nowhere.example', error, changes: true })).toMatchObject({
    code: 'PLACE_UNREACHABLE',
    message: 'http://nowhere.example cannot be reached: it took too long to answer.'
  });
  // Whoever was connected to has more time.
  handle = (_request, response) => void setTimeout(() => response.end('late'), 100);
  const { status } = await exchange({ url: new URL(here), method: 'GET', headers: {}, connecting: 30 });
  expect(status).toBe(200);
});

it('takes failures only as they stand in the table', async () => {
  for (const code of ['constructor', 'toString', 'NO_SUCH_CODE']) {
    handle = (_request, response) => response.writeHead(500).end(JSON.stringify({ error: { code, message: 'x' } }));
    await expect(hub().json({ method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'INTERNAL', status: 500 });
  }
  handle = (_request, response) => response.writeHead(502).end('<html>');
  await expect(hub().json({ method: 'GET', path: '/' })).rejects.toThrow('answers with status 502');
});
