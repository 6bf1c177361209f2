import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileHash, fromHex, rangeHash, spellHash, xorbHash } from '../../../src/core/chunk/hash';
import { encodeShard } from '../../../src/core/format/shard';
import { createFaultyFileSystem, failAt } from '../../../src/node/fault/faulty-file-system';
import type { FileOperation } from '../../../src/node/fault/faulty-file-system';
import { disk } from '../../../src/node/fs/disk';
import { fileError } from '../../../src/node/fs/file-error';
import { createHasher } from '../../../src/node/store/hasher';
import { openStore } from '../../../src/node/store/open-store';
import { collect, putAll, sha256 } from '../../contract/asset-store';
import { serializeChunk } from '../../support/compressed-xorb';
import { randomBytes } from '../../support/random-bytes';
import { bundleStoreWorker } from '../../support/store-worker';
import { storeScenes } from './scene';

const KiB = 1024;
const MiB = 1024 * KiB;
const workerFile = await bundleStoreWorker();
const plain = storeScenes(workerFile);

function scene() {
  const made = plain();
  const packs = (): string[] => made.filesBelow('xorbs').filter(path => !path.endsWith('.damaged'));
  const manifests = (): string[] => made.filesBelow('shards');
  return { ...made, packs, manifests };
}

type Scene = ReturnType<typeof scene>;

/** Hidden from the next session, so that what comes is stored once more; `back` shows it again. */
function hide({ packs, directory }: Scene): { readonly back: () => void; readonly hidden: readonly string[] } {
  const hidden = packs();
  const away = hidden.map((_, i) => join(directory, `hidden-${i}`));
  hidden.forEach((pack, i) => renameSync(pack, away[i]!));
  return { hidden, back: () => hidden.forEach((pack, i) => renameSync(away[i]!, pack)) };
}

function flip(path: string, ...places: readonly number[]): void {
  const bytes = readFileSync(path);
  places.forEach(at => (bytes[at]! ^= 0x10));
  writeFileSync(path, bytes);
}

/** What a reader gets in every way there is. */
async function expectContent(scene: Scene, bytes: Uint8Array): Promise<void> {
  const name = sha256(bytes);
  for (const withWorker of [false, true]) {
    const store = await scene.open(withWorker);
    const copy = join(scene.directory, `copy-${withWorker}`);
    await store.materialize(name, copy);
    expect(readFileSync(copy).equals(bytes)).toBe(true);
    rmSync(copy);
    expect(Buffer.concat(await collect(store.read(name))).equals(bytes)).toBe(true);
    const [from, to] = [bytes.length >> 2, (bytes.length >> 2) + 70 * KiB];
    expect(Buffer.concat(await collect(store.read(name, from, to))).equals(bytes.subarray(from, to))).toBe(true);
  }
}

async function expectDamage(scene: Scene, bytes: Uint8Array): Promise<void> {
  const name = sha256(bytes);
  for (const withWorker of [false, true]) {
    const store = await scene.open(withWorker);
    const copy = join(scene.directory, 'copy');
    const damage = { code: 'OBJECT_CORRUPT', data: { sha256: name } };
    await expect(store.materialize(name, copy)).rejects.toMatchObject(damage);
    expect(await disk.lstat(copy)).toBeNull();
    await expect(collect(store.read(name))).rejects.toMatchObject(damage);
  }
}

describe('damage is served from a second copy', () => {
  it('of the chunk in another pack, and is marked', async () => {
    const place = scene();
    const bytes = randomBytes(12 * MiB);
    const shared = bytes.subarray(3 * MiB, 11 * MiB);
    await putAll(await place.open(), [place.write('file', bytes)]);
    const { back, hidden } = hide(place);
    await putAll(await place.open(), [place.write('part', shared)]);
    back();
    flip(hidden[0]!, 7 * MiB, 8 * MiB, 10 * MiB);
    await expectContent(place, bytes);
    expect(await disk.lstat(`${hidden[0]}.damaged`)).not.toBeNull();
    flip(hidden[0]!, 2 * MiB);
    await expectDamage(place, bytes);
  });

  it('of a whole pack that is missing', async () => {
    const place = scene();
    const bytes = randomBytes(9 * MiB);
    await putAll(await place.open(), [place.write('file', bytes)]);
    const { hidden } = hide(place);
    // The same chunks in a pack of another name: there are more in it.
    await putAll(await place.open(), [place.write('longer', Buffer.concat([bytes, randomBytes(MiB)]))]);
    expect(place.packs()).not.toContain(hidden[0]);
    // All but what lies around the end, where the chunks differ.
    const store = await place.open(true);
    const most = Buffer.concat(await collect(store.read(sha256(bytes), 0, 8 * MiB)));
    expect(most.equals(bytes.subarray(0, 8 * MiB))).toBe(true);
  });

  it.each(['lfs/objects', 'materialized'])('of the file in %s', async folder => {
    const place = scene();
    const bytes = randomBytes(9 * MiB);
    const name = sha256(bytes);
    await putAll(await place.open(), [place.write('file', bytes)]);
    flip(place.packs()[0]!, 2 * MiB, 7 * MiB);
    await expectDamage(place, bytes);
    const file =
      folder === 'materialized'
        ? place.write(`git/branchbook/materialized/${name}`, bytes)
        : place.write(`git/lfs/objects/${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`, bytes);
    await expectContent(place, bytes);
    rmSync(place.packs()[0]!);
    await expectContent(place, bytes);
    place.manifests().forEach(manifest => rmSync(manifest));
    await expectContent(place, bytes);
    flip(file, 100);
    await expectDamage(place, bytes);
  });

  it('of the file as it was stored another time, term by term', async () => {
    const place = scene();
    const bytes = randomBytes(20 * MiB);
    const half = bytes.subarray(0, 10 * MiB);
    // Two records of one file, each over two packs.
    await putAll(await place.open(), [place.write('half', half)]);
    await putAll(await place.open(), [place.write('file', bytes)]);
    const first = hide(place);
    await putAll(await place.open(), [place.write('other half', bytes.subarray(10 * MiB))]);
    await putAll(await place.open(), [place.write('file', bytes)]);
    const second = place.packs();
    first.back();
    // A part of every record is damaged, but no part of the file in all of them.
    for (const pack of first.hidden) {
      flip(pack, 3 * MiB);
    }
    for (const pack of second) {
      flip(pack, 6 * MiB);
    }
    await expectContent(place, bytes);
  });

  it('when the manifest that lists the chunks is lost', async () => {
    const place = scene();
    const bytes = randomBytes(9 * MiB);
    await putAll(await place.open(), [place.write('part', bytes.subarray(0, 5 * MiB))]);
    const [list] = place.manifests();
    await putAll(await place.open(), [place.write('file', bytes)]);
    rmSync(list!);
    await expectDamage(place, bytes);
    place.write(`git/branchbook/materialized/${sha256(bytes)}`, bytes);
    await expectContent(place, bytes);
  });
});

describe('a collector at work', () => {
  /** The same chunks in a new pack, with a new manifest, as a collector that packs anew leaves them. */
  async function repack(place: Scene, parts: readonly Uint8Array[]): Promise<() => void> {
    const hasher = await createHasher();
    const chunks = parts.map(bytes => ({ hash: hasher.hash('chunk', bytes), length: bytes.length }));
    const pack = Buffer.concat(parts.map(bytes => serializeChunk(bytes, 1)));
    const hash = xorbHash(hasher, chunks);
    const whole = Buffer.concat(parts);
    const file = {
      fileHash: fileHash(hasher, hash),
      sha256: fromHex(sha256(whole)),
      terms: [{ xorb: hash, bytes: whole.length, start: 0, end: parts.length }],
      verification: [
        rangeHash(
          hasher,
          chunks.map(chunk => chunk.hash)
        )
      ]
    };
    const shard = encodeShard({ files: [file], xorbs: [{ hash, storedBytes: pack.length, chunks }] }, 0);
    const name = spellHash(hash);
    return () => {
      mkdirSync(join(place.home, 'xorbs', name.slice(0, 2)), { recursive: true });
      writeFileSync(join(place.home, 'xorbs', name.slice(0, 2), name), pack);
      writeFileSync(join(place.home, 'shards', `${spellHash(hasher.hash('chunk', shard))}.mdb`), shard);
    };
  }

  it.each([false, true])(
    'that moves bytes between look-up and reading disturbs no reader (worker: %s)',
    async worker => {
      const place = scene();
      const bytes = Buffer.concat(Array.from({ length: 100 }, () => randomBytes(90 * KiB)));
      const parts = Array.from({ length: 100 }, (_, i) => bytes.subarray(i * 90 * KiB, (i + 1) * 90 * KiB));
      const name = sha256(bytes);
      await putAll(await place.open(), [place.write('file', bytes)]);
      const finish = await repack(place, parts);
      const old = [...place.packs(), ...place.manifests()];
      let moved = false;
      const move = (): void => {
        if (!moved) {
          moved = true;
          finish();
          old.forEach(path => rmSync(path));
        }
      };
      // The first look at a pack comes after the look-up of the file.
      const files = createFaultyFileSystem(disk, ({ name: call, path }) => {
        if (call === 'open' && path.includes('/xorbs/')) {
          move();
        }
      });
      const store = worker ? await place.open(true) : await openStore(place.home, files, { workerFile: null });
      const pieces = store.read(name);
      if (worker) {
        const first = (await pieces.next()).value as Uint8Array;
        expect(first.length).toBe(MiB);
        move();
        const copy = join(place.directory, 'copy');
        await store.materialize(name, copy);
        expect(sha256(readFileSync(copy))).toBe(name);
        await pieces.return(undefined);
      } else {
        expect(Buffer.concat(await collect(pieces)).equals(bytes)).toBe(true);
      }
      expect(
        readdirSync(join(place.home, 'xorbs'), { recursive: true }).filter(path => /damaged/.test(String(path)))
      ).toEqual([]);
    }
  );
});

describe('a file of many small pieces', () => {
  it('is written and read at any place', async () => {
    const place = scene();
    let bytes = randomBytes(12 * MiB);
    for (let version = 0; version < 6; version++) {
      bytes = Buffer.from(bytes);
      for (let edit = 0; edit < 20; edit++) {
        bytes.set(randomBytes(100), (version * 7919 + edit * 614_657) % (bytes.length - 100));
      }
      await putAll(await place.open(), [place.write('file', bytes)]);
    }
    expect(place.packs().length).toBeGreaterThanOrEqual(6);
    await expectContent(place, bytes);
    const store = await place.open();
    for (let at = 0; at < bytes.length; at += 331_777) {
      const piece = Buffer.concat(await collect(store.read(sha256(bytes), at, at + 64 * KiB)));
      expect(piece.equals(bytes.subarray(at, at + 64 * KiB))).toBe(true);
    }
  });

  it('costs a small read only what it touches', async () => {
    const place = scene();
    const bytes = randomBytes(12 * MiB);
    const [put] = await putAll(await place.open(), [place.write('file', bytes)]);
    const steps: FileOperation[] = [];
    const files = createFaultyFileSystem(disk, step => void steps.push(step));
    const store = await openStore(place.home, files, { workerFile: null });
    await collect(store.read(put!.sha256, 0, 10));
    steps.length = 0;
    await collect(store.read(put!.sha256, 7 * MiB, 7 * MiB + 64 * KiB));
    // Where the chunks of the pack lie is known by now.
    expect(steps.filter(({ path }) => path.includes('/xorbs/')).map(({ name }) => name)).toEqual([
      'open',
      'stat',
      'read',
      'close'
    ]);
    expect(steps.filter(({ path }) => path.endsWith('.mdb'))).toEqual([]);
  });
});

describe('a device that fails', () => {
  const full = fileError('ENOSPC', '/copy', 'write');
  const lost = fileError('EIO', '/copy', 'flush');

  it.each([full, lost])('at any step of writing leaves no file: $code', async error => {
    const place = scene();
    const puts = await putAll(await place.open(), [
      place.write('large', randomBytes(9 * MiB)),
      ...[1, 2, 3].map(i => place.write(`small-${i}`, randomBytes(5000 * i)))
    ]);
    mkdirSync(join(place.directory, 'copies'));
    const items = puts.map(({ sha256: name }, i) => ({
      sha256: name,
      destination: join(place.directory, 'copies', String(i))
    }));
    let failures = 0;
    for (let nth = 0; ; nth++) {
      const counts = ({ path, name }: FileOperation): boolean =>
        path.includes('/copies/') && ['open', 'write', 'sync', 'close'].includes(name);
      const files = createFaultyFileSystem(disk, failAt(nth, error, counts));
      const store = await openStore(place.home, files, { workerFile: null });
      const outcome = await store.materializeAll(items).then(
        () => null,
        (failure: unknown) => failure
      );
      if (outcome === null) {
        break;
      }
      failures += 1;
      expect(outcome).toMatchObject({ code: error.code });
      expect(readdirSync(join(place.directory, 'copies')), `failure ${nth}`).toEqual([]);
    }
    expect(failures).toBeGreaterThan(15);
    items.forEach(item => expect(sha256(readFileSync(item.destination))).toBe(item.sha256));
  });

  it('when reading a pack is told as it is, and marks nothing', async () => {
    const place = scene();
    const bytes = randomBytes(3 * MiB);
    const [put] = await putAll(await place.open(), [place.write('file', bytes)]);
    const failing = failAt(0, lost, ({ name, path }) => name === 'read' && path.includes('/xorbs/'));
    const store = await openStore(place.home, createFaultyFileSystem(disk, failing), { workerFile: null });
    await expect(collect(store.read(put!.sha256))).rejects.toMatchObject({ code: 'IO' });
    expect(Buffer.concat(await collect(store.read(put!.sha256))).equals(bytes)).toBe(true);
    expect(await disk.lstat(`${place.packs()[0]}.damaged`)).toBeNull();
  });
});

describe('content that is not here', () => {
  it('is told with a way to get it', async () => {
    const place = scene();
    const store = await place.open();
    const name = 'a'.repeat(64);
    const missing = { code: 'ASSET_MISSING', data: { sha256: name }, hint: expect.stringContaining('git lfs fetch') };
    await expect(collect(store.read(name))).rejects.toMatchObject(missing);
    await expect(store.materialize(name, join(place.directory, 'copy'))).rejects.toMatchObject(missing);
  });
});
