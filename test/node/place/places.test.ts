/** The user's way to places: what is kept, who gets to see it, and where tokens go. */
import { statSync, readFileSync, chmodSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { hasCode } from '../../../src/core/error';
import type { IPlace } from '../../../src/core/port';
import { disk } from '../../../src/node/fs/disk';
import type { Connector, TokenSource } from '../../../src/node/place/connector';
import { jupyterHubToken, normalHubAddress } from '../../../src/node/place/hub-address';
import { Places } from '../../../src/node/place/places';
import { isHub } from '../../../src/node/place/probe-hub';
import { openProcesses } from '../../../src/node/process/processes';
import { clock } from '../../../src/node/process/time';
import { temporaryDirectory } from '../../support/temporary-directory';

/** A hub that knows one token, and what it was asked. */
const asked: string[] = [];
let confirmed = false;
let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const answer = (status: number, body: unknown, headers = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    };
    request.resume();
    switch (request.url) {
      case '/.well-known/branchbook':
        return answer(200, { branchbook: '0.1.0' });
      case '/moved/.well-known/branchbook':
        return answer(302, {}, { location: 'http://127.0.0.1:9/' });
      case '/api/v1/login/device':
        return answer(200, {
          deviceCode: 'd',
          userCode: 'ABCD-EFGH',
          url: `${address}/device`,
          interval: 1,
          lifetime: 60_000
        });
      case '/api/v1/login/token':
        return confirmed ? answer(200, { token: 'good' }) : answer(202, {});
      default:
        return answer(404, {});
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise(resolve => server.close(resolve)));

let folder: string;
let connections: string[];
let last: TokenSource;
beforeEach(() => {
  folder = temporaryDirectory();
  connections = [];
  confirmed = false;
});

function place(at: string, token: TokenSource): IPlace {
  const whoAmI = async () => {
    if ((await token()) !== 'good') {
      const { BranchbookError } = await import('../../../src/core/error');
      throw new BranchbookError('SIGNED_OUT', 'Who are you?');
    }
    return { user: 'anna', displayName: 'Anna', groups: [], admin: false, provider: 'local' as const };
  };
  return { address: at, namespaces: { whoAmI }, close: async () => undefined } as unknown as IPlace;
}

const connector: Connector = {
  connect: async (at, token) => {
    connections.push(at);
    last = token;
    return place(at, token);
  },
  isPlace: isHub
};

function places(environment: { readonly [name: string]: string } = {}): Places {
  const connectors = { folder: connector, bucket: connector, hub: connector };
  return new Places({ files: disk, clock, processes: openProcesses, configuration: folder, environment, connectors });
}

const file = (): string => `${folder}/branchbook/places.json`;

it('keeps tokens in a private file, whatever it was before', async () => {
  await places().signIn(address, 'good', {});
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(statSync(`${folder}/branchbook`).mode & 0o777).toBe(0o700);
  chmodSync(file(), 0o644);
  chmodSync(`${folder}/branchbook`, 0o755);
  await places().signIn(address, 'good', {});
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(statSync(`${folder}/branchbook`).mode & 0o777).toBe(0o700);
});

it('keeps no token that the hub does not know', async () => {
  const failure = await places()
    .signIn(address, 'wrong', {})
    .catch((error: unknown) => error);
  expect(hasCode(failure, 'SIGN_IN_FAILED')).toBe(true);
  expect(JSON.stringify(failure)).not.toContain('wrong');
  expect(await places().known()).toEqual([]);
});

it('gives a token only to the hub it is for, and at once', async () => {
  const mine = places();
  await mine.connect(address);
  const before = last;
  expect(await before()).toBeNull();
  await places().signIn(address, 'good', {});
  expect(await before()).toBe('good');
  await mine.connect('https://other.example.org');
  expect(await last()).toBeNull();
  await places().signOut(address);
  expect(await before()).toBeNull();
});

it('connects to a place once', async () => {
  const mine = places();
  const [one, two] = await Promise.all([mine.connect('/srv/team'), mine.connect('/srv/team/')]);
  expect(one).toBe(two);
  expect(connections).toEqual(['/srv/team']);
  expect((await mine.known()).map(known => known.address)).toEqual(['/srv/team']);
});

it('loses nothing when several write at once', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `/srv/team-${index}`);
  await Promise.all(names.map(name => places().connect(name)));
  const known = (await places().known()).map(({ address: at }) => at);
  expect([...known].sort()).toEqual([...names].sort());
  expect(() => JSON.parse(readFileSync(file(), 'utf8')) as unknown).not.toThrow();
});

it('knows the hub that the administrator named, without being told of it', async () => {
  const named = { BRANCHBOOK_HUB: 'https://hub.example.org/' };
  await places().connect('/srv/team');
  const addresses = async (environment: { readonly BRANCHBOOK_HUB: string }): Promise<readonly string[]> =>
    (await places(environment).known()).map(known => known.address);
  expect(await addresses(named)).toEqual(['/srv/team', 'https://hub.example.org']);
  await places().connect('https://hub.example.org');
  expect([...(await addresses(named))].sort()).toEqual(['/srv/team', 'https://hub.example.org']);
  expect(await addresses({ BRANCHBOOK_HUB: 'ftp://nonsense' })).toHaveLength(2);
});

it('signs in by a code that is confirmed on a page of the hub', async () => {
  const told: string[] = [];
  const onProgress = ({ phase }: { readonly phase: string }): void => {
    told.push(phase);
    confirmed = told.length > 1;
  };
  expect((await places().signIn(address, null, { onProgress })).user).toBe('anna');
  expect(told[0]).toBe(`Open ${address}/device and confirm the code ABCD-EFGH`);
  expect(await places().known()).toHaveLength(1);
});

it('stops asking when it is cancelled', async () => {
  const abort = new AbortController();
  const signIn = places().signIn(address, null, { signal: abort.signal, onProgress: () => abort.abort() });
  await expect(signIn).rejects.toThrow();
  expect(await places().known()).toEqual([]);
});

it('knows a hub by its card, and follows it nowhere', async () => {
  expect(await isHub(address)).toBe(true);
  expect(await isHub(`${address}/moved`)).toBe(false);
  expect(await isHub('http://hub.example.org')).toBe(false);
  expect(await isHub('http://127.0.0.1:9')).toBe(false);
});

it('takes only addresses that keep a token secret', () => {
  expect(normalHubAddress('https://hub.example.org/services/branchbook//')).toBe(
    'https://hub.example.org/services/branchbook'
  );
  for (const bad of ['http://hub.example.org', 'https://anna:secret@hub.example.org', 'https://hub.example.org/?a=1']) {
    expect(() => normalHubAddress(bad)).toThrow('no hub’s address');
  }
  try {
    normalHubAddress('https://anna:secret@hub.example.org');
  } catch (error) {
    expect(JSON.stringify(error)).not.toContain('secret');
  }
});

it('lends JupyterHub’s token to its services and the named hub, nobody else', () => {
  const environment = {
    JUPYTERHUB_API_TOKEN: 't',
    JUPYTERHUB_API_URL: 'http://127.0.0.1:8081/hub/api',
    JUPYTERHUB_PUBLIC_HUB_URL: 'https://jupyter.example.org/base/hub/',
    JUPYTERHUB_BASE_URL: '/base/',
    BRANCHBOOK_HUB: 'https://branchbook.example.org/'
  };
  const lent = (at: string): string | null => jupyterHubToken(at, environment);
  expect(lent('https://jupyter.example.org/base/services/branchbook')).toBe('t');
  expect(lent('https://branchbook.example.org')).toBe('t');
  expect(lent('https://jupyter.example.org/base/user/eve/proxy/8000')).toBeNull();
  expect(lent('https://jupyter.example.org/base/services/../user/eve/proxy')).toBeNull();
  expect(lent('https://branchbook.example.org.evil.example')).toBeNull();
  expect(lent('https://jupyter.example.org:8443/base/services/branchbook')).toBeNull();
  expect(jupyterHubToken('https://branchbook.example.org', {})).toBeNull();
});
