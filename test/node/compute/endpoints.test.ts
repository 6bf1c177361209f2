/** What the hub is sent to by whoever registers an endpoint: nowhere but there, whatever it answers and its name means. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { mayReach } from '../../../src/node/compute/endpoint-address';
import { Endpoints } from '../../../src/node/compute/endpoints';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const unusable = { code: 'COMPUTE_UNAVAILABLE' };
const heard: string[] = [];
let asked: string[] = [];
let handle: Handler;
let say: readonly string[] = [];
let [port, elsewhere] = [0, ''];
const servers: Server[] = [];

async function listen(handler: Handler): Promise<number> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  port = await listen((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    handle(request, response);
  });
  elsewhere = `http://127.0.0.1:${await listen((request, response) => {
    heard.push(`${request.url} ${String(request.headers.authorization)}`);
    response.end('{"id":"k"}');
  })}`;
  const sockets = new WebSocketServer({ noServer: true });
  servers[0]!.on('upgrade', (request, socket, head) => {
    if (request.url?.includes('moved')) {
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ${elsewhere}/\r\n\r\n`);
    } else {
      sockets.handleUpgrade(request, socket, head, opened =>
        opened.on('message', () => say.forEach(text => opened.send(text)))
      );
    }
  });
});
afterAll(() => servers.forEach(server => server.close().closeAllConnections()));
beforeEach(() => {
  asked = [];
  handle = (_request, response) => void response.end('{"id":"k"}');
});

const here = (): { url: string; token: string } => ({ url: `http://127.0.0.1:${port}`, token: 'hidden' });
const endpoints = new Endpoints({ allowLoopback: true });
const { signal } = new AbortController();
const execute = async (id: string): Promise<unknown> => endpoints.execute(here(), id, '1', signal).next();

it('is redirected nowhere, and its token stays where it belongs', async () => {
  for (const status of [301, 302, 307, 308]) {
    handle = (_request, response) => response.writeHead(status, { location: `${elsewhere}/api/kernels` }).end();
    await expect(endpoints.start(here(), null)).rejects.toMatchObject(unusable);
  }
  await expect(execute('moved')).rejects.toMatchObject(unusable);
  expect(heard).toEqual([]);
});

it('connects to what was checked, also when the name means something else a moment later', async () => {
  const meanings = [['127.0.0.1'], ['169.254.169.254'], ['10.0.0.5', '169.254.169.254'], []];
  let questions = 0;
  const lookUp = async () => meanings[questions++]!.map(address => ({ address, family: 4 }));
  const rebound = new Endpoints({ allowLoopback: true, lookUp });
  const endpoint = { url: `http://gpu.example.org:${port}`, token: 'hidden' };
  expect(await rebound.start(endpoint, null)).toBe('k');
  expect([asked.length, questions]).toEqual([1, 1]);
  for (const _again of [1, 2, 3]) {
    await expect(rebound.start(endpoint, null)).rejects.toMatchObject(unusable);
  }
  const failing = new Endpoints({ allowLoopback: true, lookUp: () => Promise.reject(new Error('SERVFAIL')) });
  await expect(failing.start(endpoint, null)).rejects.toMatchObject(unusable);
  expect(asked.length).toBe(1);
});

it('never goes to this machine, unless that is allowed, nor where machines tell their secrets', async () => {
  const guarded = new Endpoints({ allowLoopback: false });
  const hosts = ['127.0.0.1', 'localhost', 'localhost.', '127.1', '2130706433', '0x7f.1', '0', '[::1]', '[::]'];
  const disguised = ['[::ffff:127.0.0.1]', '[::ffff:a9fe:a9fe]', '[::a9fe:a9fe]', '[64:ff9b::a9fe:a9fe]'];
  const carried = ['[2002:a9fe:a9fe::1]', '[64:ff9b:1::1]', '169.254.169.254', '0xa9fea9fe', '[fe80::1]'];
  for (const host of [...hosts, ...disguised, ...carried]) {
    const url = `http://${host}:${port}`;
    await expect(guarded.start({ url, token: 'hidden' }, null), host).rejects.toMatchObject(unusable);
  }
  for (const url of [
    'file:///etc/passwd',
    'ftp://10.0.0.5',
    'gopher://127.0.0.1',
    'javascript:alert(1)',
    'nonsense',
    'http://'
  ]) {
    await expect(guarded.start({ url, token: 'hidden' }, null), url).rejects.toMatchObject(unusable);
  }
  expect(asked).toEqual([]);
  expect(['fe80::1%eth0', '2001:db8::1%lo', 'nonsense', ''].filter(each => mayReach(each, true))).toEqual([]);
  expect(mayReach('::1', true)).toBe(true);
});

it('asks for kernels and nothing else, whatever the address ends with', async () => {
  for (const end of ['/admin?x=', '/admin#', '/admin/?a=b#c', '//']) {
    await endpoints.start({ ...here(), url: `${here().url}${end}` }, null);
  }
  expect(
    asked.every(line => /^POST (\/admin)?\/api\/kernels$/.test(line)),
    asked.join()
  ).toBe(true);
});

it('is not brought down by what an endpoint answers', async () => {
  for (const answer of ['', 'null', '[]', '<html>', '{"id":7}', '{"id":"../../x"}']) {
    handle = (_request, response) => response.end(answer);
    await expect(endpoints.start(here(), null), answer).rejects.toMatchObject(unusable);
  }
  const messages = ['', 'no JSON', 'null', '[]', '{"header":null}', '{"header":{"msg_type":"stream"}}', '{'];
  for (const message of messages) {
    say = [message];
    await expect(execute('k'), message).rejects.toMatchObject(unusable);
  }
});
