import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBucket } from '../../../src/node/bucket/open-bucket';
import { bucketContract } from '../../contract/bucket';
import { bucketTools } from '../../support/bucket-tools';
import { startFaultProxy } from '../../support/servers/fault-proxy';
import type { FaultProxy } from '../../support/servers/fault-proxy';
import { startGcsProtocol } from '../../support/servers/gcs-protocol';
import type { GcsProtocolServer } from '../../support/servers/gcs-protocol';

let server: GcsProtocolServer;
let proxy: FaultProxy;
let buckets = 0;

beforeAll(async () => {
  server = await startGcsProtocol();
  proxy = await startFaultProxy(server.url);
});

afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

const open = async (host = server.url) =>
  openBucket(`gs://bucket-${(buckets += 1)}/place`, await bucketTools(), {
    environment: { STORAGE_EMULATOR_HOST: host }
  });

bucketContract('GCS (its protocol)', () => open(), 17 * 1024 * 1024);

describe('GCS behind a network that fails', () => {
  it('finds out that a write happened, and tries again when it did not', async () => {
    const bucket = await open(proxy.url);
    let puts = 0;
    proxy.choose = method => (method === 'POST' && puts++ === 0 ? { kind: 'cut-after' } : null);
    const { etag } = await bucket.put('a', Buffer.from('one'), 'absent');
    expect(puts).toBe(1);
    puts = 0;
    const busy = { kind: 'answer', status: 503, body: '{"error":{"message":"busy"}}' } as const;
    proxy.choose = method => (method === 'POST' && puts++ === 0 ? busy : null);
    await bucket.put('a', Buffer.from('two'), { etag });
    expect([puts, Buffer.from((await bucket.get('a'))!.bytes).toString()]).toEqual([2, 'two']);
    await expect(bucket.put('a', Buffer.from('three'), { etag })).rejects.toMatchObject({ code: 'CONDITION_FAILED' });
  });
});
