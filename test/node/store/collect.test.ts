import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { spellHash } from '../../../src/core/chunk/hash';
import { decodeShard, encodeShard } from '../../../src/core/format/shard';
import type { IAssetStore } from '../../../src/core/port';
import { createFaultyFileSystem, dieAt, failAt } from '../../../src/node/fault/faulty-file-system';
import { disk } from '../../../src/node/fs/disk';
import { fileError } from '../../../src/node/fs/file-error';
import { createHasher } from '../../../src/node/store/hasher';
import { openStore } from '../../../src/node/store/open-store';
import { collect, putAll, sha256 } from '../../contract/asset-store';
import { randomBytes } from '../../support/random-bytes';
import { temporaryDirectory } from '../../support/temporary-directory';
import { expectWhole, gc, storeInMemory } from './scene';

const KiB = 1024;
const MiB = 1024 * KiB;
const DAY = 86_400_000;

function scene() {
  const directory = temporaryDirectory();
  const home = join(directory, 'git', 'branchbook');
  const open = (): Promise<IAssetStore> => openStore(home, disk, { workerFile: null });
  let count = 0;
  const write = (bytes: Uint8Array): string => {
    const path = join(directory, `file-${count++}`);
    writeFileSync(path, bytes);
    return path;
  };
  /** Store each content in a session of its own; gives their names. */
  const put = async (store: IAssetStore, ...contents: readonly Uint8Array[]): Promise<string[]> => {
    const names: string[] = [];
    for (const content of contents) {
      names.push((await putAll(store, [write(content)]))[0]!.sha256);
    }
    return names;
  };
  const filesBelow = (name: string): string[] =>
    readdirSync(join(home, name), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name));
  return { directory, home, open, write, put, filesBelow };
}

describe('a collection', () => {
  it('deletes what is not needed, and keeps what is', async () => {
    const { open, put, filesBelow } = scene();
    const store = await open();
    const [a, b, c] = (await put(store, randomBytes(300 * KiB), randomBytes(2 * MiB), randomBytes(KiB))) as [
      string,
      string,
      string
    ];
    const report = await gc(store, [a, c]);
    expect(report.removed).toMatchObject({ contents: 1, packs: 1 });
    expect(report.before.bytes - report.after.bytes).toBeGreaterThan(2 * MiB);
    expect(await store.has(b)).toBe(false);
    await expectWhole(store, [a, c]);
    await expectWhole(await open(), [a, c]);
    expect(filesBelow('xorbs')).toHaveLength(2);
    expect(filesBelow('tmp')).toEqual([]);
    expect(await gc(store, [a, c])).toMatchObject({ removed: { contents: 0, packs: 0, bytes: 0 } });
  });

  it('says before what it will do', async () => {
    const { open, put, filesBelow } = scene();
    const store = await open();
    const [a] = await put(store, randomBytes(300 * KiB), randomBytes(2 * MiB));
    const files = [...filesBelow('xorbs'), ...filesBelow('shards')];
    const said = await gc(store, [a!], { dryRun: true });
    expect([...filesBelow('xorbs'), ...filesBelow('shards')]).toEqual(files);
    const done = await gc(store, [a!]);
    expect(said.removed).toEqual(done.removed);
    expect(Math.abs(said.after.bytes - done.after.bytes)).toBeLessThan(10 * KiB);
  });

  it('packs anew what is mostly dead, and keeps the place of what is not', async () => {
    const { open, put, write, filesBelow } = scene();
    const store = await open();
    const parts = [randomBytes(5 * MiB), randomBytes(4 * MiB), randomBytes(6 * MiB)];
    const [first, second, third] = (await putAll(store, parts.map(write))).map(result => result.sha256);
    const packs = filesBelow('xorbs').length;
    expect((await gc(store, [second!, third!])).repacked.packs).toBe(0);
    expect(filesBelow('xorbs')).toHaveLength(packs);
    await expectWhole(store, [second!, third!]);
    const report = await gc(store, [second!]);
    expect(report.repacked.packs).toBe(1);
    expect(report.after.bytes).toBeLessThan(5 * MiB);
    await expectWhole(store, [second!]);
    await expectWhole(await open(), [second!]);
    expect(await store.has(first!)).toBe(false);
    const [again] = await put(store, parts[0]!);
    await expectWhole(store, [second!, again!]);
  });

  it('puts many small packs and manifests together', async () => {
    const { open, put, filesBelow } = scene();
    const store = await open();
    const names = await put(store, ...Array.from({ length: 30 }, () => randomBytes(30 * KiB)));
    const report = await gc(store, names);
    expect(report.after).toMatchObject({ packs: 1, manifests: 1, contents: 30 });
    expect(filesBelow('xorbs')).toHaveLength(1);
    await expectWhole(store, names);
    await expectWhole(await open(), names);
    expect((await gc(store, names)).repacked.packs).toBe(0);
  });

  it('keeps the young, whose age does not start again when they are moved', async () => {
    const { open, put } = scene();
    const store = await open();
    const names = await put(store, ...Array.from({ length: 12 }, () => randomBytes(20 * KiB)));
    const grace = 14 * DAY;
    const inDays = (days: number): Parameters<typeof gc>[2] => ({ grace, now: Date.now() + days * DAY });
    expect((await gc(store, names.slice(0, 2), inDays(0))).young.contents).toBe(10);
    expect((await gc(store, names.slice(0, 2), inDays(13))).young.contents).toBe(10);
    await expectWhole(store, names);
    expect((await gc(store, names.slice(0, 2), inDays(16))).removed.contents).toBe(10);
    await expectWhole(store, names.slice(0, 2));
  });

  it('finds content young that was stored again', async () => {
    const { open, put, filesBelow } = scene();
    const bytes = randomBytes(50 * KiB);
    const first = await open();
    const realNow = Date.now;
    const [name] = await put(first, bytes);
    try {
      Date.now = () => realNow() + 20 * DAY;
      await put(await open(), bytes);
      expect(filesBelow('shards')).toHaveLength(2);
      expect((await gc(first, [], { grace: 14 * DAY })).young.contents).toBe(1);
    } finally {
      Date.now = realNow;
    }
    await expectWhole(first, [name!]);
  });

  it('removes what sessions left that did not finish', async () => {
    const { open, put, home } = scene();
    const store = await open();
    const [name] = await put(store, randomBytes(KiB));
    const stray = 'ab'.repeat(32);
    await disk.mkdir(`${home}/xorbs/ab`).catch(() => undefined);
    for (const path of [
      `${home}/xorbs/ab/${stray}`,
      `${home}/xorbs/ab/${'ac'.repeat(32)}.damaged`,
      `${home}/tmp/1-x-0.xorb`
    ]) {
      writeFileSync(path, 'left over');
      utimesSync(path, 1, 1);
    }
    expect((await gc(store, [name!], { grace: DAY })).removed.packs).toBe(2);
    expect(await collect(store.check({ readData: true }))).toEqual([]);
  });

  it('keeps for a while what an interrupted session has stored', async () => {
    const { open, write, home, filesBelow } = scene();
    const store = await open();
    const bytes = randomBytes(300 * KiB);
    await putAll(store, [write(bytes)]);
    const [shard] = filesBelow('shards');
    const { xorbs, created } = decodeShard(new Uint8Array(readFileSync(shard!)));
    const listed = xorbs.map(({ hash, storedBytes, chunks }) => ({
      hash,
      storedBytes,
      chunks: Array.from({ length: chunks.count }, (_, i) => ({ hash: chunks.hash(i), length: chunks.length(i) }))
    }));
    const withoutFiles = encodeShard({ files: [], xorbs: listed }, created);
    const name = spellHash((await createHasher()).hash('chunk', withoutFiles));
    writeFileSync(`${home}/shards/${name}.mdb`, withoutFiles);
    rmSync(shard!);
    const later = await open();
    for (const days of [0, 13]) {
      await gc(later, [], { grace: 14 * DAY, now: Date.now() + days * DAY, smallManifests: 0 });
    }
    expect((await putAll(later, [write(bytes)]))[0]!.newBytes).toBe(0);
    await gc(later, [], { grace: 14 * DAY, now: Date.now() + 16 * DAY });
    expect(filesBelow('xorbs')).toEqual([]);
  });

  it('refuses when something needed is damaged or missing, and deletes nothing', async () => {
    const { open, put, filesBelow } = scene();
    const store = await open();
    const [a, b] = await put(store, randomBytes(2 * MiB), randomBytes(30 * KiB));
    const count = (): number => filesBelow('xorbs').length + filesBelow('shards').length;
    await expect(gc(store, [a!, 'c'.repeat(64)])).rejects.toMatchObject({ code: 'ASSET_MISSING' });
    expect((await gc(store, [a!, b!, 'c'.repeat(64)], { ignoreMissing: true })).missing).toBe(1);
    const before = count();
    const pack = filesBelow('xorbs').sort((x, y) => statSync(y).size - statSync(x).size)[0]!;
    writeFileSync(pack, 'short');
    await expect(gc(store, [a!])).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    const [shard] = filesBelow('shards');
    writeFileSync(shard!, 'not a manifest');
    await expect(gc(await open(), [])).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    expect(count()).toBe(before);
  });

  it('does not spread damage: a chunk is compared before it is copied', async () => {
    const { open, write, filesBelow } = scene();
    const store = await open();
    const [small] = (await putAll(store, [write(randomBytes(MiB)), write(randomBytes(9 * MiB))])).map(
      put => put.sha256
    );
    const [pack] = filesBelow('xorbs');
    const handle = await disk.open(pack!, 'write');
    await handle.write(new Uint8Array(64), 500 * KiB);
    await handle.close();
    await expect(gc(store, [small!])).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    expect(filesBelow('xorbs')).toEqual([pack]);
    expect(filesBelow('tmp')).toEqual([]);
  });

  it('can be cancelled', async () => {
    const { open, put } = scene();
    const store = await open();
    const names = await put(store, ...Array.from({ length: 12 }, () => randomBytes(20 * KiB)));
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    await expect(gc(store, names, { signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: 'CANCELLED'
    });
    await expectWhole(store, names);
    expect((await gc(store, names)).after.packs).toBe(1);
  });
});

describe('beside a collection', () => {
  it('a store that was open before finds everything', async () => {
    const { open, put } = scene();
    const [mine, theirs] = [await open(), await open()];
    const names = await put(theirs, ...Array.from({ length: 20 }, () => randomBytes(20 * KiB)));
    await expectWhole(mine, names);
    await gc(theirs, names.slice(5));
    await expectWhole(mine, names.slice(5));
    expect(await mine.has(names[0]!)).toBe(false);
    expect(await mine.info(names[0]!)).toBeNull();
    const [again] = await put(mine, randomBytes(KiB));
    await expectWhole(theirs, [again!, ...names.slice(5)]);
  });

  it('a reader goes on although the packs it reads are exchanged', async () => {
    const { open, put, directory } = scene();
    const [mine, theirs] = [await open(), await open()];
    const parts = Array.from({ length: 12 }, () => randomBytes(2 * MiB));
    await put(theirs, ...parts);
    const [whole] = await put(theirs, Buffer.concat(parts));
    const pieces: Uint8Array[] = [];
    for await (const piece of mine.read(whole!)) {
      pieces.push(Buffer.from(piece));
      if (pieces.length === 2) {
        expect((await gc(theirs, [whole!])).repacked.packs).toBeGreaterThan(5);
      }
    }
    expect(sha256(Buffer.concat(pieces))).toBe(whole);
    await mine.materialize(whole!, join(directory, 'copy'));
  });

  it('sessions and collectors exclude each other', async () => {
    const { open, put, write } = scene();
    const [mine, theirs] = [await open(), await open()];
    const session = await mine.begin();
    const added = await session.add(write(randomBytes(KiB)));
    await expect(gc(theirs, [])).rejects.toMatchObject({ code: 'LOCKED' });
    await session.commit();
    expect(await mine.has(added.sha256)).toBe(true);
    const collection = await theirs.beginCollection();
    await expect(mine.beginCollection()).rejects.toMatchObject({ code: 'LOCKED' });
    let stored = false;
    const waiting = put(mine, randomBytes(KiB)).then(names => ((stored = true), names));
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(stored).toBe(false);
    await collection.end();
    await expectWhole(theirs, await waiting);
  });

  it('leases of dead processes do not count', async () => {
    const { open, put, home } = scene();
    const store = await open();
    const [name] = await put(store, randomBytes(KiB));
    const dead = {
      owner: { pid: 2 ** 22 + 7, start: 'boot/1' },
      host: (await import('node:os')).hostname(),
      nonce: 'x',
      verb: 'storing'
    };
    writeFileSync(`${home}/sessions/old`, JSON.stringify(dead));
    writeFileSync(`${home}/collecting`, JSON.stringify(dead));
    const [second] = await put(store, randomBytes(KiB));
    await gc(store, [name!, second!]);
    expect(readdirSync(`${home}/sessions`)).toEqual([]);
    writeFileSync(`${home}/sessions/foreign`, JSON.stringify({ ...dead, host: 'elsewhere' }));
    await expect(gc(store, [name!])).rejects.toMatchObject({ code: 'LOCKED' });
  });
});

describe('a crash in a collection', () => {
  const error = fileError('ENOSPC', '/somewhere', 'write');
  const contents = [
    ...Array.from({ length: 10 }, () => randomBytes(20 * KiB)),
    randomBytes(200 * KiB),
    randomBytes(100 * KiB)
  ];
  const groups = [[contents[0]!, contents[10]!, contents[11]!], ...contents.slice(1, 10).map(content => [content])];
  const needed = contents.filter((_, i) => i % 3 !== 0).map(sha256);

  it.each([
    ['a failure', failAt],
    ['death', dieAt]
  ] as const)(
    '(%s) at any step leaves everything needed readable',
    async (_, interference) => {
      for (let nth = 0; ; nth++) {
        const { files, store } = await storeInMemory(groups);
        const faulty = await openStore('/home', createFaultyFileSystem(files, interference(nth, error)), {
          workerFile: null
        });
        const failed = await gc(faulty, needed).then(
          () => false,
          () => true
        );
        await files.unlink('/home/collecting').catch(() => undefined);
        for (const name of (await files.readdir('/home/sessions').catch(() => [])).map(entry => entry.name)) {
          await files.unlink(`/home/sessions/${name}`);
        }
        const after = await openStore('/home', files, { workerFile: null });
        await expectWhole(after, needed);
        await expectWhole(store, needed);
        const report = await gc(after, needed);
        await expectWhole(after, needed);
        expect(report.after.contents).toBe(needed.length);
        if (!failed) {
          expect(nth).toBeGreaterThan(20);
          return;
        }
      }
    },
    120_000
  );
});
