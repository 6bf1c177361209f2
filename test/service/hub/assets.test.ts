import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileHash, fromHex, rangeHash, spellHash, xorbHash } from '../../../src/core/chunk/hash';
import type { IHasher } from '../../../src/core/chunk/hash';
import { encodeShard } from '../../../src/core/format/shard';
import type { NewShardFile, NewShardXorb } from '../../../src/core/format/shard';
import { fetchContents } from '../../../src/core/sync/fetch-contents';
import { readManifest } from '../../../src/core/sync/remote-manifest';
import { sendContents } from '../../../src/core/sync/send-contents';
import { createHasher } from '../../../src/node/store/hasher';
import { startAssetHub, PROJECT_ID } from '../../support/asset-hub';
import type { AssetHub } from '../../support/asset-hub';
import { bytesOf, damage, person, sha256 } from '../../support/asset-person';
import { serializeChunk } from '../../support/compressed-xorb';
import { randomBytes } from '../../support/random-bytes';

const MiB = 1024 * 1024;
let hub: AssetHub;
let folder: string;
let hasher: IHasher;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'branchbook-'));
  const [store, cache] = [mkdtempSync(join(folder, 'store-')), mkdtempSync(join(folder, 'cache-'))];
  hub = await startAssetHub(store, cache);
  hasher = await createHasher();
});

afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('contents through the hub', () => {
  it('are asked for by the ten thousand', async () => {
    const anna = await person();
    const [name] = await anna.put(Buffer.from('one of many'));
    await sendContents(anna.store, hub.client('editor'), [name!]);
    const many = Array.from({ length: 12_000 }, (_, each) => each.toString(16).padStart(64, '0'));
    expect([...(await hub.client('viewer').has([...many, name!]))]).toEqual([name]);
    expect([...(await hub.client('editor').keep([...many, name!]))]).toEqual([name]);
  });

  it('arrive as they were sent, and again for nothing', async () => {
    const [anna, bo] = [await person(), await person()];
    const contents = [randomBytes(20 * MiB), Buffer.alloc(MiB), Buffer.from('small')];
    const names = await anna.put(...contents);
    const editor = hub.client('editor');
    const sent = await sendContents(anna.store, editor, names);
    expect(sent.bytes).toBe(21 * MiB + 5);
    expect((await sendContents(anna.store, editor, names)).transferred).toBe(0);
    await fetchContents(bo.store, hub.client('viewer'), names);
    for (const [index, name] of names.entries()) {
      expect(sha256(await bytesOf(bo.store.read(name)))).toBe(sha256(contents[index]!));
    }
    expect(await damage(bo.store)).toEqual([]);
    const part = await bytesOf(hub.client('viewer').read(names[0]!, 5, 3 * MiB));
    expect(part.equals(contents[0]!.subarray(5, 3 * MiB))).toBe(true);
    expect((await bytesOf(hub.client('viewer').read(names[0]!))).equals(contents[0]!)).toBe(true);
  });

  it('take at most 3 MiB of wire for 1 MiB that changed in the middle', async () => {
    const anna = await person();
    const big = randomBytes(64 * MiB);
    await sendContents(anna.store, hub.client('editor'), await anna.put(big));
    const edited = Buffer.from(big);
    randomBytes(MiB).copy(edited, 30 * MiB);
    const names = await anna.put(edited);
    const before = hub.wire();
    await sendContents(anna.store, hub.client('editor'), names);
    expect(hub.wire() - before).toBeLessThan(1.6 * MiB);
  });

  it('go on where a push was killed', async () => {
    const anna = await person();
    const names = await anna.put(randomBytes(40 * MiB));
    hub.store.beforeWrite = key => {
      if (key.startsWith('shards/')) {
        throw new Error('the disk is gone');
      }
    };
    await expect(sendContents(anna.store, hub.client('editor'), names)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect((await hub.client('editor').has(names)).size).toBe(0);
    hub.store.beforeWrite = () => undefined;
    const sent = await sendContents(anna.store, hub.client('editor'), names);
    expect(sent.bytes).toBe(40 * MiB);
    // The packs were there already; only the manifest was missing.
    expect(sent.transferred).toBeLessThan(MiB);
  });

  it('end when cancelled, and nothing is there afterwards', async () => {
    const anna = await person();
    const names = await anna.put(randomBytes(20 * MiB));
    const stop = new AbortController();
    const onProgress = ({ done }: { readonly done: number }): void => {
      if (done > 2 * MiB) {
        stop.abort();
      }
    };
    const sending = sendContents(anna.store, hub.client('editor'), names, { signal: stop.signal, onProgress });
    await expect(sending).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await hub.client('editor').has(names)).size).toBe(0);
  });
});

it('a hub that stops does not wait for who takes nothing of its answer', async () => {
  const stopping = await startAssetHub(mkdtempSync(join(folder, 'store-')), mkdtempSync(join(folder, 'cache-')));
  const anna = await person();
  const [name] = await anna.put(randomBytes(24 * MiB));
  await sendContents(anna.store, stopping.client('editor'), [name!]);
  const reading = await new Promise<IncomingMessage>(resolve =>
    get(
      `${stopping.url}/api/v1/namespaces/team/projects/iris/contents/${name}`,
      { headers: { authorization: 'Bearer viewer' } },
      resolve
    )
  );
  await stopping.close();
  await expect(bytesOf(reading)).rejects.toThrow();
});

// ------------------------------------------------------------------------------------------------- lies

type Told = { xorbs: NewShardXorb[]; files: NewShardFile[]; bytes: Buffer; name: string; sha256: string };

/** A pack of one content in three chunks, and a manifest that is right. */
function honest(scheme: 0 | 1 | 2 = 0): Told {
  const chunks = [0, 1, 2].map(() => (scheme === 0 ? randomBytes(9000) : Buffer.alloc(9000, randomBytes(3))));
  const hashed = chunks.map(bytes => ({ hash: hasher.hash('chunk', bytes), length: bytes.length }));
  const packed = chunks.map(bytes => serializeChunk(bytes, scheme));
  const bytes = Buffer.concat(packed);
  const hash = xorbHash(hasher, hashed);
  const content = Buffer.concat(chunks);
  return {
    bytes,
    name: spellHash(hash),
    sha256: sha256(content),
    xorbs: [
      {
        hash,
        storedBytes: bytes.length,
        chunks: hashed.map((chunk, i) => ({ ...chunk, stored: packed[i]!.length - 8 }))
      }
    ],
    files: [
      {
        fileHash: fileHash(hasher, hash),
        sha256: fromHex(sha256(content)),
        terms: [{ xorb: hash, start: 0, end: 3, bytes: content.length }],
        verification: [
          rangeHash(
            hasher,
            hashed.map(each => each.hash)
          )
        ]
      }
    ]
  };
}

const pieces = (bytes: Uint8Array) =>
  async function* () {
    yield bytes;
  };

const send = (told: Told) => hub.client('editor').writeXorb(told.name, told.bytes.length, pieces(told.bytes));
const tell = ({ files, xorbs }: Told) => hub.client('editor').writeManifest(encodeShard({ files, xorbs }, 1));

describe('a hub takes nothing that is not what it says', () => {
  it.each([0, 1, 2] as const)('but what is right, also packed (scheme %i)', async scheme => {
    const told = honest(scheme);
    await send(told);
    await tell(told);
    expect((await bytesOf(hub.client('viewer').read(told.sha256))).length).toBe(27_000);
    expect(sha256(await bytesOf(hub.client('viewer').read(told.sha256)))).toBe(told.sha256);
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    [
      'another byte',
      bytes => Buffer.concat([bytes.subarray(0, 100), Buffer.from([bytes[100]! ^ 1]), bytes.subarray(101)])
    ],
    ['no end', bytes => bytes.subarray(0, bytes.length - 5)],
    ['no last chunk', bytes => bytes.subarray(0, 18_016)],
    ['one chunk more', bytes => Buffer.concat([bytes, serializeChunk(randomBytes(9000), 0)])],
    ['rubbish behind', bytes => Buffer.concat([bytes, Buffer.from([1, 2, 3])])],
    ['no chunks', () => randomBytes(20_000)],
    ['a chunk of another scheme', bytes => Buffer.concat([bytes.subarray(0, 4), Buffer.from([7]), bytes.subarray(5)])]
  ])('a pack with %s', async (_what, change) => {
    const told = honest();
    const bytes = change(told.bytes);
    await expect(send({ ...told, bytes })).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    await expect(tell(told)).rejects.toMatchObject({ code: 'ASSET_MISSING' });
    expect(existsSync(join(hub.store.folder, PROJECT_ID, 'xorbs', told.name.slice(0, 2), told.name))).toBe(false);
  });

  it('a pack that unpacks to more than its chunks may have', async () => {
    const bomb = serializeChunk(Buffer.alloc(MiB), 1);
    const told = { ...honest(), bytes: Buffer.from(bomb) };
    await expect(send(told)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    // The header says little, the frame holds much.
    bomb.set([0x28, 0x23, 0], 5);
    await expect(send({ ...told, bytes: Buffer.from(bomb) })).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
  });

  it('a pack that is too large', async () => {
    const told = honest();
    const sending = hub.client('editor').writeXorb(told.name, 65 * MiB, pieces(told.bytes));
    await expect(sending).rejects.toMatchObject({ code: expect.not.stringMatching('INTERNAL') });
  });

  it.each<[string, string, (told: Told, other: Told) => void]>([
    ['a pack that is not there', 'ASSET_MISSING', (told, other) => void told.xorbs.push(...other.xorbs)],
    ['chunks of a pack that is not there', 'ASSET_MISSING', (told, other) => void (told.files = other.files)],
    ['another SHA-256', 'OBJECT_CORRUPT', told => file(told, { sha256: fromHex('ab'.repeat(32)) })],
    ['another file hash', 'OBJECT_CORRUPT', told => file(told, { fileHash: fromHex('ab'.repeat(32)) })],
    ['chunks behind the last', 'OBJECT_CORRUPT', told => term(told, { end: 4 })],
    ['too few chunks', 'OBJECT_CORRUPT', told => term(told, { end: 2 })],
    ['no chunks', 'OBJECT_CORRUPT', told => file(told, { terms: [], verification: [] })],
    ['chunks from the end to the start', 'OBJECT_CORRUPT', told => term(told, { start: 2, end: 1 })],
    ['another length', 'OBJECT_CORRUPT', told => term(told, { bytes: 26_999 })],
    ['other chunks in a pack', 'OBJECT_CORRUPT', told => chunk(told, { hash: fromHex('cd'.repeat(32)) })],
    ['chunks of other lengths', 'OBJECT_CORRUPT', told => chunk(told, { length: 8999, stored: 9000 })],
    ['chunks at other places', 'OBJECT_CORRUPT', told => shifted(told)],
    [
      'another size of a pack',
      'OBJECT_CORRUPT',
      told => void (told.xorbs[0] = { ...told.xorbs[0]!, storedBytes: 27_025 })
    ]
  ])('a manifest with %s', async (_what, code, change) => {
    const told = honest();
    await send(told);
    change(told, honest());
    await expect(tell(told)).rejects.toMatchObject({ code });
    expect((await hub.client('viewer').has([told.sha256])).size).toBe(0);
  });

  it('a manifest that is none', async () => {
    for (const bytes of [randomBytes(500), Buffer.alloc(0), encodeShard(honest(), 1).subarray(0, 300)]) {
      await expect(hub.client('editor').writeManifest(bytes)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    }
  });

  it('and what lies there damaged is not given out', async () => {
    const told = honest();
    await send(told);
    await tell(told);
    const path = join(hub.store.folder, PROJECT_ID, 'xorbs', told.name.slice(0, 2), told.name);
    const bytes = readFileSync(path);
    bytes[500]! ^= 1;
    writeFileSync(path, bytes);
    await expect(bytesOf(hub.client('viewer').read(told.sha256))).rejects.toThrow();
    const bo = await person();
    const fetching = fetchContents(bo.store, hub.client('viewer'), [told.sha256]);
    await expect(fetching).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    expect(await bo.store.has(told.sha256)).toBe(false);
  });

  it('and an answer that cannot go on breaks off', async () => {
    const anna = await person();
    const [name] = await anna.put(randomBytes(3 * MiB));
    await sendContents(anna.store, hub.client('editor'), [name!]);
    const [pack] = readManifest(await hub.client('viewer').manifest([name!])).xorbs.keys();
    const path = join(hub.store.folder, PROJECT_ID, 'xorbs', pack!.slice(0, 2), pack!);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    const headers = { authorization: 'Bearer viewer' };
    const answer = await fetch(`${hub.url}/api/v1/namespaces/team/projects/iris/contents/${name}`, { headers });
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(3 * MiB)]);
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });
});

function file(told: Told, change: Partial<NewShardFile>): void {
  told.files = [{ ...told.files[0]!, ...change }];
}

function term(told: Told, change: Partial<NewShardFile['terms'][number]>): void {
  file(told, { terms: [{ ...told.files[0]!.terms[0]!, ...change }] });
}

function chunk(told: Told, change: Partial<NewShardXorb['chunks'][number]>): void {
  const [xorb] = told.xorbs;
  const chunks = xorb!.chunks.map((each, index) => (index === 1 ? { ...each, ...change } : each));
  told.xorbs = [{ ...xorb!, chunks }];
}

/** The sum is right. */
function shifted(told: Told): void {
  const [xorb] = told.xorbs;
  told.xorbs = [{ ...xorb!, chunks: xorb!.chunks.map((each, i) => ({ ...each, stored: [8990, 9010, 9000][i]! })) }];
}

// ----------------------------------------------------------------------------------------------- rights

describe('who may not see all', () => {
  it('sees no chunks, but the paths that are given', async () => {
    const anna = await person();
    const [name] = await anna.put(randomBytes(200_000));
    await sendContents(anna.store, hub.client('editor'), [name!]);
    hub.pointers.set('main:data/a.bin', { sha256: name!, size: 200_000 });
    hub.pointers.set('main:models/a.bin', { sha256: name!, size: 200_000 });
    const partial = hub.client('partial');
    expect((await partial.has([name!])).size).toBe(0);
    await expect(partial.manifest([name!])).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(bytesOf(partial.read(name!))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(partial.readXorb('0'.repeat(64), 0, new Uint8Array(10))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const path = `${hub.url}/api/v1/namespaces/team/projects/iris/versions/main`;
    const headers = { authorization: 'Bearer partial', range: 'bytes=10-19' };
    const allowed = await fetch(`${path}/data/a.bin`, { headers });
    expect([allowed.status, allowed.headers.get('content-range')]).toEqual([206, 'bytes 10-19/200000']);
    expect((await allowed.arrayBuffer()).byteLength).toBe(10);
    for (const other of ['models/a.bin', 'data/b.bin']) {
      const refused = await fetch(`${path}/${other}`, { headers });
      expect(refused.status).toBe(404);
    }
  });

  it('writes nothing without the right to edit', async () => {
    const told = honest();
    for (const token of ['viewer', 'partial', 'coder']) {
      const client = hub.client(token);
      const sending = client.writeXorb(told.name, told.bytes.length, pieces(told.bytes));
      await expect(sending).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(client.writeManifest(encodeShard(told, 1))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
    await expect(hub.client('nobody').has([])).rejects.toMatchObject({ code: 'SIGNED_OUT' });
  });

  it('brings data without learning what else is there', async () => {
    const anna = await person();
    const names = await anna.put(randomBytes(300_000));
    await sendContents(anna.store, hub.client('editor'), names);
    const bo = await person();
    const copy = await bytesOf(anna.store.read(names[0]!));
    const sent = await sendContents(bo.store, hub.client('data-editor'), await bo.put(copy));
    expect(sent.transferred).toBeGreaterThan(300_000);
  });
});

describe('quotas', () => {
  it('count what is stored, and refuse what is too much before it comes', async () => {
    const anna = await person();
    const names = await anna.put(randomBytes(500_000));
    const before = hub.usage.bytes;
    hub.usage.quota = before + 100_000;
    await expect(sendContents(anna.store, hub.client('editor'), names)).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED'
    });
    expect(hub.usage.bytes).toBe(before);
    hub.usage.quota = Infinity;
    await sendContents(anna.store, hub.client('editor'), names);
    const counted = hub.usage.bytes - before;
    expect(counted).toBeGreaterThan(500_000);
    expect(counted).toBeLessThan(510_000);
    const told = honest();
    await expect(send({ ...told, bytes: Buffer.from(told.bytes).fill(1, 50, 60) })).rejects.toThrow();
    expect(hub.usage.bytes - before).toBe(counted);
  });
});
