/** Services that fail after they did what they were asked: no acknowledged change is lost, and none is made twice. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IPlace, IRemoteAssets } from '../../../src/core/port';
import { sendContents } from '../../../src/core/sync/send-contents';
import { openBucket } from '../../../src/node/bucket/open-bucket';
import { HubAssets } from '../../../src/node/hub/assets-client';
import { bytesOf, person as someone } from '../../support/asset-person';
import { bucketTools } from '../../support/bucket-tools';
import { documentPlaceAs } from '../../support/document-places';
import { makeTeam, openTestHub, person } from '../../support/hub';
import { randomBytes } from '../../support/random-bytes';
import { startFaultProxy } from '../../support/servers/fault-proxy';
import type { Fault, FaultProxy } from '../../support/servers/fault-proxy';
import { startVersitygw } from '../../support/servers/versitygw';
import type { S3Server } from '../../support/servers/versitygw';

let server: S3Server;
let proxy: FaultProxy;
const saved = { ...process.env };
beforeAll(async () => {
  server = await startVersitygw();
  proxy = await startFaultProxy(server.url);
  // The library reads credentials from the environment of the process.
  Object.assign(process.env, server.environment);
});
afterAll(async () => {
  process.env = saved;
  await proxy?.stop();
  await server?.stop();
});

const body = (code: string): string => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
const after = (status: number, code: string): Fault => ({ kind: 'answer-after', status, body: body(code) });

const faults: readonly (readonly [string, Fault])[] = [
  ['a cut connection', { kind: 'cut-after' }],
  ['500', after(500, 'InternalError')],
  ['409, of the write that was done', after(409, 'ConditionalRequestConflict')],
  ['412, of the write that was done', after(412, 'PreconditionFailed')]
];

/** Every second write that the service does is told to have ended so. */
function fail(fault: Fault): { count: number } {
  const seen = { writes: 0, count: 0 };
  proxy.choose = method => {
    if (method !== 'PUT' || (seen.writes += 1) % 2 === 1) {
      return null;
    }
    seen.count += 1;
    return fault;
  };
  return seen;
}

const environment = (): Record<string, string> => ({ ...server.environment, AWS_ENDPOINT_URL: proxy.url });
const names = ['ben', 'cleo', 'dan', 'eve'];

/** A change that is said to have failed may have happened; one that is acknowledged has, once. */
async function addMembers(place: IPlace): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  for (const name of names) {
    const member = { kind: 'user', name } as const;
    try {
      await place.namespaces.change('vision', { type: 'add-member', member, role: 'viewer' });
      acknowledged.push(name);
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^(OUTCOME_UNKNOWN|IO|ENTRY_EXISTS)$/) as string });
    }
  }
  return acknowledged;
}

async function sendAndCount(assets: IRemoteAssets): Promise<number> {
  const { store, put } = await someone();
  const content = randomBytes(200_000);
  const sent = await put(content);
  await sendContents(store, assets, sent);
  expect((await bytesOf(assets.read(sent[0]!))).equals(content)).toBe(true);
  await sendContents(store, assets, sent);
  return content.length;
}

describe('a place on S3', () => {
  it.each(faults)('keeps what it acknowledges, once, through %s', async (_what, fault) => {
    const as = documentPlaceAs(`s3://${server.createBucket()}/p`, environment());
    const git = 'https://git.example.org/{project}.git';
    proxy.choose = () => null;
    const ada = await as('ada');
    await ada.namespaces.create({ name: 'vision', kind: 'team', title: '', label: 'unclassified', git });
    await ada.namespaces.change('vision', { type: 'add-project', name: 'iris' });
    const met = fail(fault);
    const acknowledged = await addMembers(ada);
    const size = await sendAndCount((await ada.project('vision', 'iris')).assets);
    proxy.choose = () => null;
    expect(met.count).toBeGreaterThan(3);
    expect(acknowledged).toEqual(names);
    const view = await (await as('ada')).namespaces.view('vision');
    const members = view.members.map(({ principal }) => principal.name).filter(name => name !== 'ada');
    expect([...members].sort()).toEqual(names);
    expect(view.usedBytes).toBeGreaterThanOrEqual(size);
    expect(view.usedBytes).toBeLessThan(size * 1.5);
    const told = (await ada.namespaces.audit('vision', { actions: 'member.add' })).map(({ target }) => target);
    expect([...told].sort()).toEqual(names.map(name => `user:${name}`));
  });
});

describe('a hub on S3', () => {
  it('keeps contents, counted once, through all of them', async () => {
    proxy.choose = () => null;
    const store = await openBucket(`s3://${server.createBucket()}/hub`, await bucketTools(), {
      environment: environment()
    });
    const hub = await openTestHub([person('olga')], {}, [], store);
    await makeTeam(hub, 'vision');
    let size = 0;
    for (const [, fault] of faults) {
      fail(fault);
      size += await sendAndCount(new HubAssets(hub.as('olga'), { namespace: 'vision', name: 'iris' }));
    }
    proxy.choose = () => null;
    const { usedBytes } = await hub.namespaces('olga').view('vision');
    expect(usedBytes).toBeGreaterThanOrEqual(size);
    expect(usedBytes).toBeLessThan(size * 1.2);
    await hub.close();
    await store.close();
  });
});
