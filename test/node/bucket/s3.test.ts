import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IBucket } from '../../../src/core/port';
import { openBucket } from '../../../src/node/bucket/open-bucket';
import { probeConditions } from '../../../src/node/bucket/probe';
import { random } from '../../../src/node/process/time';
import { bucketContract } from '../../contract/bucket';
import { collectionContract } from '../../contract/collection';
import { placeContract } from '../../contract/place';
import { bucketTools } from '../../support/bucket-tools';
import { documentPlaceAs } from '../../support/document-places';
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
  await proxy.stop();
  await server.stop();
});

const open = async () => openBucket(`s3://${server.createBucket()}/place`, await bucketTools());

bucketContract('S3 (versitygw)', open, 17 * 1024 * 1024);

collectionContract('S3 (versitygw)', open);

placeContract('bucket (versitygw)', async () => ({
  as: documentPlaceAs(`s3://${server.createBucket()}/places/one`, server.environment),
  git: 'https://git.example.org/team/{project}.git'
}));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const error = (code: string): string => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;

const answer = (status: number, code: string): Fault => ({ kind: 'answer', status, body: error(code) });
const answerAfter = (status: number, code: string): Fault => ({ kind: 'answer-after', status, body: error(code) });

/** Meets these faults, one for each request of the method; later ones pass. */
function meet(method: string, ...faults: readonly Fault[]): () => number {
  let seen = 0;
  proxy.choose = asked => (asked === method ? (faults[seen++] ?? null) : null);
  return () => seen;
}

const textOf = async (bucket: IBucket, key: string): Promise<string | null> => {
  const found = await bucket.get(key);
  return found && Buffer.from(found.bytes).toString();
};

const cut: Fault = { kind: 'cut-after' };
const without = { kind: 'without', headers: ['if-none-match', 'if-match'] } as const;

describe('S3 behind a network that fails', () => {
  let bucket: IBucket;
  beforeEach(async () => {
    proxy.choose = () => null;
    const environment = { ...server.environment, AWS_ENDPOINT_URL: proxy.url };
    bucket = await openBucket(`s3://${server.createBucket()}/p`, await bucketTools(), { environment });
  });

  it.each([
    ['a cut connection', cut],
    ['an internal error', answerAfter(500, 'InternalError')],
    ['a timeout of a gateway', answerAfter(504, 'GatewayTimeout')]
  ])('finds out that a write happened: %s after it', async (_, fault) => {
    const puts = meet('PUT', fault);
    const made = await bucket.put('a', bytes('one'), 'absent');
    expect([made.size, puts()]).toEqual([3, 1]);
    meet('PUT', fault);
    const replaced = await bucket.put('a', bytes('two'), { etag: made.etag });
    expect(await textOf(bucket, 'a')).toBe('two');
    await expect(bucket.put('a', bytes('three'), { etag: made.etag })).rejects.toMatchObject({
      code: 'CONDITION_FAILED'
    });
    expect((await bucket.head('a'))!.etag).toBe(replaced.etag);
  });

  it.each([
    ['500 before anything was written', answer(500, 'InternalError')],
    ['503 slow down', answer(503, 'SlowDown')],
    ['409 of two writers at once', answer(409, 'ConditionalRequestConflict')]
  ])('tries again: %s', async (_, fault) => {
    const puts = meet('PUT', fault, fault);
    await bucket.put('a', bytes('one'), 'absent');
    expect(puts()).toBe(3);
    expect(await textOf(bucket, 'a')).toBe('one');
  });

  it('takes another one’s object for no success of its own', async () => {
    let seen = 0;
    proxy.choose = method => {
      if (method !== 'PUT' || seen++ > 0) {
        return null;
      }
      return answer(500, 'InternalError');
    };
    const other = await openBucket(bucket.name, await bucketTools());
    await other.put('a', bytes('theirs'));
    await expect(bucket.put('a', bytes('mine'), 'absent')).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(await textOf(bucket, 'a')).toBe('theirs');
  });

  it('says so when nothing can be found out, and when nothing was done', async () => {
    proxy.choose = method => (method === 'PUT' ? answer(500, 'InternalError') : null);
    await expect(bucket.put('a', bytes('one'), 'absent')).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    proxy.choose = method => (method === 'PUT' ? answer(409, 'ConditionalRequestConflict') : null);
    await expect(bucket.put('a', bytes('one'), 'absent')).rejects.toMatchObject({ code: 'IO' });
    proxy.choose = method => (method === 'PUT' ? answer(403, 'AccessDenied') : null);
    await expect(bucket.put('a', bytes('one'))).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    proxy.choose = () => null;
    expect(await bucket.head('a')).toBeNull();
  });

  it('finishes a large upload whose last answer was lost', async () => {
    const size = 9 * 1024 * 1024;
    async function* zeros(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < size; at += 1024 * 1024) {
        yield new Uint8Array(1024 * 1024);
      }
    }
    let lost = 0;
    proxy.choose = (method, path) => (method === 'POST' && path.includes('uploadId=') && lost++ === 0 ? cut : null);
    expect((await bucket.putStream('large', size, zeros(), 'absent')).size).toBe(size);
    expect(lost).toBe(1);
    expect((await bucket.head('large'))!.size).toBe(size);
  });

  it('reads on after a passing failure, and lists all', async () => {
    await bucket.put('a', bytes('one'));
    meet('GET', cut, answer(500, 'InternalError'));
    expect(await textOf(bucket, 'a')).toBe('one');
    meet('GET', answer(503, 'SlowDown'));
    const keys: string[] = [];
    for await (const { key } of bucket.list('')) {
      keys.push(key);
    }
    expect(keys).toEqual(['a']);
  });

  it('deletes once, also when the answer is lost', async () => {
    await bucket.put('a', bytes('one'));
    meet('DELETE', cut);
    expect(await bucket.delete('a')).toBe(true);
    expect(await bucket.head('a')).toBeNull();
  });
});

describe('places on S3', () => {
  beforeEach(() => {
    proxy.choose = () => null;
  });

  const team = { name: 'vision', kind: 'team', title: '', label: 'unclassified' } as const;
  const git = 'https://git.example.org/{project}.git';

  it('are probed: a server that honours conditions has no flaw, and nothing is left', async () => {
    const bucket = await open();
    expect(await probeConditions(bucket, random)).toBeNull();
    expect((await bucket.list('').next()).done).toBe(true);
  });

  it('have one writer where the server ignores conditions, and say so', async () => {
    proxy.choose = () => without;
    const environment = { ...server.environment, AWS_ENDPOINT_URL: proxy.url };
    const as = documentPlaceAs(`s3://${server.createBucket()}`, environment);
    const ada = await as('ada');
    await ada.namespaces.create({ ...team, git });
    expect(ada.abilities.concurrent).toBe(false);
    await expect(ada.namespaces.create({ ...team, git })).rejects.toMatchObject({ code: 'NAMESPACE_EXISTS' });
    const member = { kind: 'user', name: 'ben' } as const;
    await ada.namespaces.change('vision', { type: 'add-member', member, role: 'owner' });
    const ben = await as('ben');
    expect(ben.abilities.concurrent).toBe(false);
    expect((await ben.namespaces.view('vision')).right).toBe('manage');
    await expect(ben.namespaces.change('vision', { type: 'set', title: 'Ours' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('Only ada may write')
    });
  });

  it('share one bucket, each below its own prefix', async () => {
    const bucket = server.createBucket();
    const [one, two] = [`s3://${bucket}/team`, `s3://${bucket}/team-two`];
    const [ada, bea] = [
      await documentPlaceAs(one, server.environment)('ada'),
      await documentPlaceAs(two, server.environment)('bea')
    ];
    await ada.namespaces.create({ ...team, git });
    await bea.namespaces.create({ ...team, git });
    expect((await ada.namespaces.view('vision')).members).toHaveLength(1);
    await ada.namespaces.delete('vision', { projects: true });
    expect((await bea.namespaces.view('vision')).members).toMatchObject([{ principal: { name: 'bea' } }]);
  });

  it('want to know where histories are', async () => {
    const ada = await documentPlaceAs(`s3://${server.createBucket()}`, server.environment)('ada');
    await expect(ada.namespaces.create({ ...team, git: null })).rejects.toMatchObject({ code: 'USAGE' });
    await ada.namespaces.create({ ...team, git });
    await ada.namespaces.change('vision', { type: 'add-project', name: 'iris' });
    const { history } = await ada.project('vision', 'iris');
    expect(history).toEqual({ url: 'https://git.example.org/iris.git', headers: {} });
  });
});
