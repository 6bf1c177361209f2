import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { IAssetStore, Progress, StoreFinding } from '../../src/core/port';
import { disk } from '../../src/node/fs/disk';
import { randomBytes, splitmix64 } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';

const KiB = 1024;
const MiB = 1024 * KiB;
const sizes = [
  0,
  1,
  8 * KiB - 1,
  8 * KiB,
  8 * KiB + 1,
  128 * KiB - 1,
  128 * KiB,
  128 * KiB + 1,
  MiB - 1,
  MiB,
  3 * MiB + 7
];

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    all.push(item);
  }
  return all;
}

/** Store some files in one session; gives what was said about each. */
export async function putAll(store: IAssetStore, paths: readonly string[]) {
  const session = await store.begin();
  const results = [];
  for (const path of paths) {
    results.push(await session.add(path));
  }
  await session.commit();
  return results;
}

/** What every asset store does. `open` gives a store below the directory. */
export function assetStoreContract(name: string, open: (directory: string) => Promise<IAssetStore>): void {
  const scene = async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'store'));
    const store = await open(join(directory, 'store'));
    const write = (file: string, bytes: Uint8Array): string => {
      writeFileSync(join(directory, file), bytes);
      return join(directory, file);
    };
    const path = (file: string): string => join(directory, file);
    return { directory, store, write, path };
  };

  describe(`${name}: asset store`, () => {
    it.each(sizes)('gives back %i bytes', async size => {
      const { store, write, path } = await scene();
      const bytes = randomBytes(size);
      const [result] = await putAll(store, [write('file', bytes)]);
      expect(result).toMatchObject({ sha256: sha256(bytes), size, newBytes: size });
      expect(await store.has(result!.sha256)).toBe(true);
      await store.materialize(result!.sha256, path('copy'));
      expect(readFileSync(path('copy')).equals(bytes)).toBe(true);
      expect(Buffer.concat(await collect(store.read(result!.sha256))).equals(bytes)).toBe(true);
    });

    it('writes many files, small and large, and the same content twice', async () => {
      const { store, write, path } = await scene();
      const sizes = [0, 1, 4096, 70_000, 9 * MiB, 20 * MiB + 1, ...Array.from({ length: 150 }, (_, i) => 100 * i)];
      const contents = sizes.map(size => randomBytes(size));
      const puts = await putAll(
        store,
        contents.map((bytes, i) => write(`file-${i}`, bytes))
      );
      mkdirSync(path('copies'));
      const items = [...puts, puts[3]!, puts[5]!].map(({ sha256: name }, i) => ({
        sha256: name,
        destination: path(`copies/${i}`)
      }));
      const progress: Progress[] = [];
      await store.materializeAll(items, { onProgress: step => progress.push(step) });
      for (const item of items) {
        expect(sha256(readFileSync(item.destination))).toBe(item.sha256);
      }
      const total = items.reduce((sum, { destination }) => sum + readFileSync(destination).length, 0);
      expect(progress.at(-1)).toMatchObject({ done: total, total });
      await store.materializeAll([]);
    });

    it('writes many files or none of them, and never overwrites one', async () => {
      const { store, write, path } = await scene();
      const files = [1000, 2000, 9 * MiB, 3000].map((size, i) => write(`file-${i}`, randomBytes(size)));
      const puts = await putAll(store, files);
      mkdirSync(path('copies'));
      write('copies/3', Buffer.from('precious'));
      const items = puts.map(({ sha256: name }, i) => ({ sha256: name, destination: path(`copies/${i}`) }));
      await expect(store.materializeAll(items)).rejects.toMatchObject({ code: 'IO', data: { errno: 'EEXIST' } });
      expect(readdirSync(path('copies'))).toEqual(['3']);
      expect(readFileSync(path('copies/3'), 'utf8')).toBe('precious');
      const unknown = { sha256: 'a'.repeat(64), destination: path('copies/unknown') };
      await expect(store.materializeAll([items[0]!, unknown])).rejects.toMatchObject({ code: 'ASSET_MISSING' });
      expect(readdirSync(path('copies'))).toEqual(['3']);
    });

    it('reads ranges, in pieces of at most 1 MiB', async () => {
      const { store, write } = await scene();
      const bytes = randomBytes(3 * MiB);
      const [result] = await putAll(store, [write('file', bytes)]);
      for (const [start, end] of [
        [0, 1],
        [100_000, 2_500_000],
        [MiB - 1, MiB + 1],
        [3 * MiB - 5, 9 * MiB],
        [7, 7]
      ] as const) {
        const pieces = await collect(store.read(result!.sha256, start, end));
        expect(Buffer.concat(pieces).equals(bytes.subarray(start, end))).toBe(true);
        expect(pieces.every(piece => piece.length <= MiB)).toBe(true);
      }
    });

    it('knows files by their hash only', async () => {
      const { store, path } = await scene();
      const unknown = 'a'.repeat(64);
      expect(await store.has(unknown)).toBe(false);
      expect(await store.info(unknown)).toBeNull();
      await expect(store.materialize(unknown, path('copy'))).rejects.toMatchObject({ code: 'ASSET_MISSING' });
      await expect(collect(store.read(unknown))).rejects.toMatchObject({ code: 'ASSET_MISSING' });
    });

    it('says what it knows of a file', async () => {
      const { store, write } = await scene();
      const bytes = randomBytes(MiB);
      const [result] = await putAll(store, [write('file', bytes)]);
      const { newBytes, ...info } = result!;
      expect(newBytes).toBe(MiB);
      expect(await store.info(info.sha256)).toEqual(info);
      const chunks = await store.chunks(info.sha256);
      expect(chunks).toHaveLength(info.chunks);
      expect(chunks.reduce((sum, chunk) => (expect(chunk.offset).toBe(sum), sum + chunk.length), 0)).toBe(MiB);
    });

    it('hashes files', async () => {
      const { store, write } = await scene();
      for (const size of [0, 10, 2 * MiB]) {
        const bytes = randomBytes(size);
        expect(await store.hashFile(write('file', bytes))).toBe(sha256(bytes));
      }
    });

    it('hashes many small files, those that are what was seen', async () => {
      const { store, write } = await scene();
      const contents = Array.from({ length: 600 }, (_, at) => randomBytes(at % 5 === 0 ? 70 * KiB : at));
      const paths = contents.map((bytes, at) => write(`many${at}`, bytes));
      const seen = await Promise.all(paths.map(async path => ({ path, stat: (await disk.lstat(path))! })));
      for (const at of [1, 599]) {
        appendFileSync(paths[at]!, 'more');
      }
      rmSync(paths[2]!);
      const expected = contents.map((bytes, at) => ([1, 2, 599].includes(at) ? null : sha256(bytes)));
      expect(await store.hashUnchanged(seen)).toEqual(expected);
    });

    it('stores the same content once: in a file, across files, across sessions', async () => {
      const { store, write } = await scene();
      const bytes = randomBytes(2 * MiB);
      const session = await store.begin();
      const first = await session.add(write('a', bytes));
      const second = await session.add(write('b', bytes));
      const prefixed = await session.add(write('c', Buffer.concat([randomBytes(100), bytes])));
      await session.commit();
      expect(first.newBytes).toBe(2 * MiB);
      expect(second).toEqual({ ...first, newBytes: 0 });
      expect(prefixed.newBytes).toBeLessThan(300 * KiB);
      expect((await putAll(store, [write('d', bytes)]))[0]!.newBytes).toBe(0);
      const zeros = await putAll(store, [write('zeros', new Uint8Array(8 * MiB))]);
      expect(zeros[0]!.newBytes).toBe(128 * KiB);
    });

    it('stores small files together as it stores them one by one, those that are what was seen', async () => {
      const { directory, store, write } = await scene();
      const paths = sizes.map((size, at) => write(`small${at}`, randomBytes(size)));
      paths.push(write('same', readFileSync(paths[4]!)));
      const seen = await Promise.all(paths.map(async path => ({ path, stat: (await disk.lstat(path))! })));
      mkdirSync(join(directory, 'other'));
      const expected = await putAll(await open(join(directory, 'other')), paths);
      appendFileSync(paths[1]!, 'more');
      rmSync(paths[2]!);
      const session = await store.begin();
      const stored = await session.addUnchanged(seen);
      await session.commit();
      const small = (size: number): boolean => size <= 128 * KiB;
      const wanted = expected.map((put, at) => (small(put.size) && at !== 1 && at !== 2 ? put : null));
      expect(stored).toEqual(wanted);
      for (const put of stored.filter(each => each !== null)) {
        expect(sha256(Buffer.concat(await collect(store.read(put.sha256))))).toBe(put.sha256);
      }
    });

    it('stores at most 1 MiB for an edit in the middle of 20 MiB', async () => {
      const { store, write, path } = await scene();
      const bytes = randomBytes(20 * MiB);
      await putAll(store, [write('file', bytes)]);
      const edited = Buffer.concat([bytes.subarray(0, 10 * MiB), randomBytes(1000), bytes.subarray(10 * MiB + 13)]);
      const [result] = await putAll(store, [write('file', edited)]);
      expect(result!.newBytes).toBeLessThanOrEqual(MiB);
      await store.materialize(result!.sha256, path('copy'));
      expect(sha256(readFileSync(path('copy')))).toBe(sha256(edited));
    });

    it('stores at most 2 MiB when 1 MiB in the middle is another', async () => {
      const { store, write } = await scene();
      const bytes = splitmix64(1, 8 * MiB);
      await putAll(store, [write('file', bytes)]);
      bytes.set(splitmix64(2, MiB), 3 * MiB + 12_345);
      const [result] = await putAll(store, [write('file', bytes)]);
      expect(result!.newBytes).toBeGreaterThanOrEqual(MiB);
      expect(result!.newBytes).toBeLessThanOrEqual(2 * MiB);
    });

    it('shows nothing before the commit and nothing after an abort', async () => {
      const { store, write } = await scene();
      const session = await store.begin();
      const { sha256: name } = await session.add(write('file', randomBytes(100_000)));
      expect(await store.has(name)).toBe(false);
      await session.abort();
      expect(await store.has(name)).toBe(false);
      await expect(session.commit()).rejects.toThrow();
    });

    it('accepts concurrent additions and sessions', async () => {
      const { store, write } = await scene();
      const files = Array.from({ length: 12 }, (_, i) => write(`file-${i}`, randomBytes(i * 150_000)));
      const [a, b] = await Promise.all([store.begin(), store.begin()]);
      const results = await Promise.all(files.map((file, i) => (i % 2 === 0 ? a : b).add(file)));
      await Promise.all([a.commit(), b.commit()]);
      for (const [i, { sha256: name }] of results.entries()) {
        expect(sha256(Buffer.concat(await collect(store.read(name))))).toBe(sha256(readFileSync(files[i]!)));
      }
      expect(await collect(store.check({ readData: true }))).toEqual<StoreFinding[]>([]);
    });

    it('refuses what is not a readable file', async () => {
      const { store, directory, path } = await scene();
      const session = await store.begin();
      await expect(session.add(directory)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
      await expect(session.add(path('none'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
      await session.abort();
    });

    it('stops when asked, and the session goes on', async () => {
      const { store, write } = await scene();
      const big = write('big', randomBytes(30 * MiB));
      const small = write('small', randomBytes(100_000));
      const session = await store.begin();
      const controller = new AbortController();
      const adding = session.add(big, { signal: controller.signal, onProgress: () => controller.abort() });
      await expect(adding).rejects.toMatchObject({ code: 'CANCELLED' });
      const { sha256: name } = await session.add(small);
      await session.commit();
      expect(sha256(Buffer.concat(await collect(store.read(name))))).toBe(name);
      expect(await collect(store.check({ readData: true }))).toEqual([]);
    });

    it('refuses to start what is cancelled already', async () => {
      const { store, write } = await scene();
      const path = write('file', randomBytes(3 * MiB));
      const activity = { signal: AbortSignal.abort() };
      const session = await store.begin();
      await expect(session.add(path, activity)).rejects.toMatchObject({ code: 'CANCELLED' });
      await expect(store.hashFile(path, activity)).rejects.toMatchObject({ code: 'CANCELLED' });
      await session.add(path);
      await session.commit();
    });

    it('leaves no file behind when materializing is stopped, and never overwrites one', async () => {
      const { store, write, path } = await scene();
      const [result] = await putAll(store, [write('file', randomBytes(60 * MiB))]);
      const controller = new AbortController();
      const progress: Progress[] = [];
      const onProgress = (step: Progress): void => void (progress.push(step), controller.abort());
      const stopped = store.materialize(result!.sha256, path('copy'), { signal: controller.signal, onProgress });
      await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(progress[0]).toMatchObject({ total: 60 * MiB, unit: 'bytes' });
      expect(progress.at(-1)!.done).toBeLessThan(60 * MiB);
      expect(existsSync(path('copy'))).toBe(false);
      write('copy', Buffer.from('precious'));
      await expect(store.materialize(result!.sha256, path('copy'))).rejects.toMatchObject({ code: 'IO' });
      expect(readFileSync(path('copy'), 'utf8')).toBe('precious');
    });
  });
}
