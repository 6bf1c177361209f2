import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { IAssetStore } from '../../../src/core/port';
import { createFaultyFileSystem, dieAt, failAt } from '../../../src/node/fault/faulty-file-system';
import { disk } from '../../../src/node/fs/disk';
import { fileError } from '../../../src/node/fs/file-error';
import { openStore } from '../../../src/node/store/open-store';
import { collect, putAll, sha256 } from '../../contract/asset-store';
import { randomBytes } from '../../support/random-bytes';
import { bundleStoreWorker } from '../../support/store-worker';
import { temporaryDirectory } from '../../support/temporary-directory';
import { expectWhole, gc as collectStore, storeInMemory } from './scene';

const KiB = 1024;
const MiB = 1024 * KiB;

const workerFile = await bundleStoreWorker();

const gc: typeof collectStore = (store, needed, options) => collectStore(store, needed, { compress: true, ...options });

let row = 0;

/** Rows of text that are all different and compress to about half. */
function table(bytes: number): Buffer {
  const rows: string[] = [];
  for (let length = 0; length < bytes; length += rows.at(-1)!.length) {
    row += 1;
    rows.push(`${row},2026-01-${(row % 28) + 1},${((row * 7919) % 100_003) / 7},sensor ${row % 13}\n`);
  }
  return Buffer.from(rows.join('')).subarray(0, bytes);
}

function floats(bytes: number): Buffer {
  const values = new Float32Array(bytes / 4);
  for (let at = 1; at < values.length; at++) {
    values[at] = values[at - 1]! + Math.sin(++row) / 3;
  }
  return Buffer.from(values.buffer);
}

function scene() {
  const directory = temporaryDirectory();
  const home = join(directory, 'git', 'branchbook');
  const open = (worker: string | null = null): Promise<IAssetStore> => openStore(home, disk, { workerFile: worker });
  let count = 0;
  const put = async (store: IAssetStore, ...contents: readonly Uint8Array[]): Promise<string[]> => {
    const names: string[] = [];
    for (const content of contents) {
      const path = join(directory, `file-${count++}`);
      writeFileSync(path, content);
      names.push((await putAll(store, [path]))[0]!.sha256);
    }
    return names;
  };
  const filesBelow = (name: string): string[] =>
    readdirSync(join(home, name), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
      .sort();
  const packBytes = (): number => filesBelow('xorbs').reduce((sum, path) => sum + statSync(path).size, 0);
  const marks = (): string[] => filesBelow('xorbs').filter(path => path.endsWith('.damaged'));
  return { directory, home, open, put, filesBelow, packBytes, marks };
}

/** The schemes of the chunks of a pack. */
function schemesOf(path: string): ReadonlySet<number> {
  const bytes = readFileSync(path);
  const schemes = new Set<number>();
  for (let at = 0; at < bytes.length; at += 8 + bytes.readUIntLE(at + 1, 3)) {
    schemes.add(bytes[at + 4]!);
  }
  return schemes;
}

describe('compressing', () => {
  it('packs what gets smaller, in place, and leaves the rest alone', async () => {
    const { open, put, packBytes, filesBelow } = scene();
    const store = await open();
    const names = await put(store, table(3 * MiB), floats(2 * MiB), randomBytes(2 * MiB));
    const packs = filesBelow('xorbs');
    const before = packBytes();
    const report = await gc(store, names);
    expect(report.compressed.packs).toBe(2);
    expect(before - packBytes()).toBe(report.compressed.bytes);
    expect(report.compressed.bytes).toBeGreaterThan(1.5 * MiB);
    expect(filesBelow('xorbs')).toEqual(packs);
    const schemes = packs.map(path => [...schemesOf(path)].sort().join());
    expect(schemes.sort()).toEqual(['0', '1', '2']);
    expect(filesBelow('tmp')).toEqual([]);
    await expectWhole(store, names);
    await expectWhole(await open(), names);
    expect((await gc(store, names)).compressed).toEqual({ packs: 0, bytes: 0 });
  });

  it('is not done when not wanted', async () => {
    const { open, put, packBytes } = scene();
    const store = await open();
    const names = await put(store, table(MiB));
    const before = packBytes();
    expect((await gc(store, names, { compress: false })).compressed).toEqual({ packs: 0, bytes: 0 });
    expect(packBytes()).toBe(before);
  });

  it('says before about how much it will save', async () => {
    const { open, put, packBytes } = scene();
    const store = await open();
    const names = await put(store, table(4 * MiB), randomBytes(MiB));
    const before = packBytes();
    const said = await gc(store, names, { dryRun: true });
    expect(packBytes()).toBe(before);
    const done = await gc(store, names);
    expect(said.compressed.packs).toBe(1);
    expect(said.compressed.bytes / done.compressed.bytes).toBeGreaterThan(0.8);
    expect(said.compressed.bytes / done.compressed.bytes).toBeLessThan(1.25);
    expect(said.after.bytes).toBe(said.before.bytes - said.compressed.bytes);
  });

  it('hinders neither storing the same again nor later collections', async () => {
    const { open, put, filesBelow } = scene();
    const store = await open();
    const contents = Array.from({ length: 12 }, () => table(200 * KiB));
    const names = await put(store, ...contents);
    await gc(store, names, { smallPacks: 100, smallManifests: 100 });
    const packs = filesBelow('xorbs').length;
    for (const opened of [store, await open()]) {
      await put(opened, ...contents);
      expect(filesBelow('xorbs')).toHaveLength(packs);
    }
    const report = await gc(await open(), names.slice(0, 10));
    expect(report.repacked.packs).toBeGreaterThan(5);
    expect(report.compressed.packs).toBe(0);
    await expectWhole(store, names.slice(0, 10));
    await gc(store, []);
    expect(filesBelow('xorbs')).toEqual([]);
    expect(filesBelow('shards')).toEqual([]);
  });

  it('makes nothing younger', async () => {
    const { open, put, filesBelow } = scene();
    const store = await open();
    const names = await put(store, table(MiB));
    const day = 86_400_000;
    await gc(store, names, { grace: 14 * day, now: Date.now() + 10 * day });
    await gc(store, [], { grace: 14 * day, now: Date.now() + 16 * day });
    expect(filesBelow('xorbs')).toEqual([]);
  });

  it('spreads no damage', async () => {
    const { open, put, filesBelow } = scene();
    const store = await open();
    const names = await put(store, table(3 * MiB));
    const [pack] = filesBelow('xorbs');
    const bytes = readFileSync(pack!);
    bytes.fill(0, bytes.length - 100);
    writeFileSync(pack!, bytes);
    await expect(gc(store, names)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    expect(readFileSync(pack!).equals(bytes)).toBe(true);
    expect(filesBelow('tmp')).toEqual([]);
  });

  it('can be cancelled', async () => {
    const { open, put, filesBelow } = scene();
    const store = await open();
    const names = await put(store, table(MiB), table(MiB));
    const controller = new AbortController();
    const onProgress = ({ phase }: { readonly phase: string }): void => {
      if (phase === 'compressing') {
        controller.abort();
      }
    };
    await expect(gc(store, names, { signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: 'CANCELLED'
    });
    expect(filesBelow('tmp')).toEqual([]);
    await expectWhole(store, names);
    expect((await gc(store, names)).compressed.packs).toBe(2);
  });
});

describe('beside compressing', () => {
  it.each([
    ['this thread', null],
    ['worker threads', workerFile]
  ])('a store that has read everything before reads on: %s', async (_, worker) => {
    const { open, put, directory, marks } = scene();
    const [mine, theirs] = [await open(worker), await open()];
    const contents = [table(9 * MiB), floats(5 * MiB)];
    const names = await put(theirs, ...contents);
    const readAll = async (copy: string): Promise<void> => {
      await expectWhole(mine, names);
      for (const [index, name] of names.entries()) {
        await mine.materialize(name, join(directory, `${copy}-${index}`));
        expect(readFileSync(join(directory, `${copy}-${index}`)).equals(contents[index]!)).toBe(true);
      }
    };
    await readAll('before');
    const running = mine.read(names[0]!);
    const pieces = [Buffer.from((await running.next()).value as Uint8Array)];
    expect((await gc(theirs, names)).compressed.packs).toBeGreaterThan(1);
    for await (const piece of running) {
      pieces.push(Buffer.from(piece));
    }
    expect(Buffer.concat(pieces).equals(contents[0]!)).toBe(true);
    await readAll('after');
    expect(marks()).toEqual([]);
    await (mine as Awaited<ReturnType<typeof openStore>>).close();
  });

  it.each([
    ['a reader', false],
    ['a check', true]
  ])('%s that looked things up just before marks nothing damaged', async (_, checkFirst) => {
    const { home, open, put, marks } = scene();
    const theirs = await open();
    const names = await put(theirs, table(3 * MiB));
    let collected = false;
    // The first look into a pack comes after the look-up of the file.
    const files = createFaultyFileSystem(disk, async ({ name, path }) => {
      if (name === 'open' && path.includes('/xorbs/') && !collected) {
        collected = true;
        expect((await gc(theirs, names)).compressed.packs).toBe(1);
      }
    });
    const mine = await openStore(home, files, { workerFile: null });
    if (checkFirst) {
      expect(await collect(mine.check({ readData: true }))).toEqual([]);
    }
    await expectWhole(mine, names);
    expect(collected).toBe(true);
    expect(marks()).toEqual([]);
  });
});

describe('a crash while compressing', () => {
  const error = fileError('ENOSPC', '/somewhere', 'write');
  const contents = [table(300 * KiB), floats(200 * KiB), randomBytes(50 * KiB), table(40 * KiB)];
  const needed = contents.map(sha256);

  it.each([
    ['a failure', failAt],
    ['death', dieAt]
  ] as const)(
    '(%s) at any step leaves everything readable and nothing marked',
    async (_, interference) => {
      for (let nth = 0; ; nth++) {
        const { files, store } = await storeInMemory(contents.map(content => [content]));
        await expectWhole(store, needed);
        const faulty = await openStore('/home', createFaultyFileSystem(files, interference(nth, error)), {
          workerFile: null
        });
        const failed = await gc(faulty, needed).then(
          () => false,
          () => true
        );
        await files.unlink('/home/collecting').catch(() => undefined);
        await expectWhole(store, needed);
        const after = await openStore('/home', files, { workerFile: null });
        await expectWhole(after, needed);
        const names = await files.readdir('/home/xorbs');
        const packs = await Promise.all(names.map(({ name }) => files.readdir(`/home/xorbs/${name}`)));
        expect(packs.flat().filter(({ name }) => name.endsWith('.damaged'))).toEqual([]);
        await gc(after, needed);
        await expectWhole(store, needed);
        expect((await gc(after, needed)).compressed.packs).toBe(0);
        if (!failed) {
          expect(nth).toBeGreaterThan(20);
          return;
        }
      }
    },
    120_000
  );
});
