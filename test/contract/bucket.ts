import { describe, expect, it } from 'vitest';
import type { IBucket } from '../../src/core/port';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function collect(pieces: AsyncIterable<Uint8Array> | null): Promise<Buffer | null> {
  if (!pieces) {
    return null;
  }
  const found: Uint8Array[] = [];
  for await (const piece of pieces) {
    found.push(Uint8Array.from(piece));
  }
  return Buffer.concat(found);
}

const textOf = async (bucket: IBucket, key: string): Promise<string | null> =>
  (await collect(await bucket.read(key)))?.toString() ?? null;

async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of found) {
    list.push(one);
  }
  return list;
}

const keysOf = async (bucket: IBucket, prefix: string): Promise<string[]> =>
  (await all(bucket.list(prefix))).map(({ key }) => key);

const noise = Buffer.alloc(
  1_000_003,
  Uint8Array.from({ length: 997 }, (_, i) => i * 31)
);

/** `size` bytes in pieces of uneven lengths. */
async function* pieces(size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0, length = 1; at < size; at += length, length = Math.min(length * 3 + 1, 300_000)) {
    yield noise.subarray(0, Math.min(length, size - at));
  }
}

const outcomes = (settled: readonly PromiseSettledResult<unknown>[]): string[] =>
  settled.map(one => (one.status === 'fulfilled' ? 'done' : (one.reason as { code: string }).code)).sort();

const failed = { code: 'CONDITION_FAILED' };

/** What every bucket does. `open` gives an empty one; `large`: bytes that take several parts. */
export function bucketContract(name: string, open: () => Promise<IBucket>, large: number): void {
  describe(`${name}: bucket`, () => {
    it('gives back what was put, whole and in ranges', async () => {
      const bucket = await open();
      const put = await bucket.put('a/b.json', bytes('hello world'));
      expect(put).toMatchObject({ key: 'a/b.json', size: 11 });
      expect(await bucket.head('a/b.json')).toMatchObject({ key: 'a/b.json', size: 11, etag: put.etag });
      const { object, bytes: whole } = (await bucket.get('a/b.json'))!;
      expect([object.etag, object.size, Buffer.from(whole).toString()]).toEqual([put.etag, 11, 'hello world']);
      expect(Math.abs(object.modified - Date.now())).toBeLessThan(24 * 3600 * 1000);
      for (const [start, end] of [
        [0, 5],
        [6, 11],
        [6, 1000],
        [11, 12],
        [50, 60],
        [3, 3]
      ] as const) {
        expect(String(await collect(await bucket.read('a/b.json', start, end)))).toBe('hello world'.slice(start, end));
      }
      expect(String(await collect(await bucket.read('a/b.json', 6)))).toBe('world');
    });

    it('knows nothing of what is not there', async () => {
      const bucket = await open();
      await bucket.put('a/b', bytes('x'));
      for (const key of ['none', 'a', 'a/b2', 'a/b/c', 'x/y/z']) {
        expect(await bucket.head(key), key).toBeNull();
        expect(await bucket.get(key), key).toBeNull();
        expect(await bucket.read(key), key).toBeNull();
        expect(await bucket.read(key, 1, 2), key).toBeNull();
        expect(await bucket.delete(key), key).toBe(false);
      }
    });

    it('keeps empty objects', async () => {
      const bucket = await open();
      await bucket.put('empty', new Uint8Array());
      expect((await bucket.get('empty'))!.bytes.length).toBe(0);
      expect(await textOf(bucket, 'empty')).toBe('');
      await bucket.putStream('empty2', 0, pieces(0));
      expect(await textOf(bucket, 'empty2')).toBe('');
    });

    it('replaces in one step; the etag tells', async () => {
      const bucket = await open();
      const first = await bucket.put('a', bytes('one'));
      const second = await bucket.put('a', bytes('two'));
      expect(second.etag).not.toBe(first.etag);
      expect(await textOf(bucket, 'a')).toBe('two');
    });

    it('creates only what is not there', async () => {
      const bucket = await open();
      await bucket.put('a', bytes('one'), 'absent');
      await expect(bucket.put('a', bytes('two'), 'absent')).rejects.toMatchObject(failed);
      await expect(bucket.putStream('a', 3, pieces(3), 'absent')).rejects.toMatchObject(failed);
      expect(await textOf(bucket, 'a')).toBe('one');
    });

    it('replaces only what was read', async () => {
      const bucket = await open();
      const { etag } = await bucket.put('a', bytes('one'));
      const next = await bucket.put('a', bytes('two'), { etag });
      await expect(bucket.put('a', bytes('three'), { etag })).rejects.toMatchObject(failed);
      expect(await textOf(bucket, 'a')).toBe('two');
      await bucket.delete('a');
      await expect(bucket.put('a', bytes('three'), { etag: next.etag })).rejects.toMatchObject(failed);
      expect(await bucket.head('a')).toBeNull();
    });

    it('lets one of many creators win', async () => {
      const bucket = await open();
      const racers = Array.from({ length: 8 }, (_, i) => bucket.put('race', bytes(`racer ${i}`), 'absent'));
      const settled = await Promise.allSettled(racers);
      expect(outcomes(settled)).toEqual([...Array<string>(7).fill('CONDITION_FAILED'), 'done']);
      const winner = settled.findIndex(one => one.status === 'fulfilled');
      expect(await textOf(bucket, 'race')).toBe(`racer ${winner}`);
    });

    it('loses no update of many writers', async () => {
      const bucket = await open();
      await bucket.put('counter', bytes('0'));
      const add = async (): Promise<void> => {
        for (;;) {
          const { object, bytes: now } = (await bucket.get('counter'))!;
          const next = bytes(String(Number(Buffer.from(now).toString()) + 1));
          try {
            await bucket.put('counter', next, { etag: object.etag });
            return;
          } catch (error) {
            expect(error).toMatchObject(failed);
          }
        }
      };
      await Promise.all(Array.from({ length: 6 }, add));
      expect(await textOf(bucket, 'counter')).toBe('6');
    });

    it('deletes, also only what was read', async () => {
      const bucket = await open();
      const { etag } = await bucket.put('a', bytes('one'));
      const { etag: now } = await bucket.put('a', bytes('two'));
      await expect(bucket.delete('a', { etag })).rejects.toMatchObject(failed);
      expect(await textOf(bucket, 'a')).toBe('two');
      expect(await bucket.delete('a', { etag: now })).toBe(true);
      expect(await bucket.delete('a')).toBe(false);
      expect(await bucket.head('a')).toBeNull();
      await bucket.put('a', bytes('again'), 'absent');
    });

    it('lists by prefix, in the order of bytes', async () => {
      const bucket = await open();
      const keys = ['a-b', 'a.txt', 'a/b.txt', 'a/b/c', 'a0', 'aé', 'z/1'];
      for (const key of [...keys].reverse()) {
        await bucket.put(key, bytes(key));
      }
      expect(await keysOf(bucket, '')).toEqual(keys);
      expect(await keysOf(bucket, 'a/')).toEqual(['a/b.txt', 'a/b/c']);
      expect(await keysOf(bucket, 'a/b/')).toEqual(['a/b/c']);
      expect(await keysOf(bucket, 'a')).toEqual(keys.slice(0, -1));
      expect(await keysOf(bucket, 'none/')).toEqual([]);
      expect((await all(bucket.list('z/')))[0]).toMatchObject({ key: 'z/1', size: 3 });
      expect(await all(bucket.folders(''))).toEqual(['a', 'z']);
      expect(await all(bucket.folders('a'))).toEqual(['b']);
      expect(await all(bucket.folders('none'))).toEqual([]);
    });

    it('streams large objects, and only whole ones appear', async () => {
      const bucket = await open();
      const whole = (await collect(pieces(large)))!;
      const put = await bucket.putStream('large', large, pieces(large), 'absent');
      expect(put.size).toBe(large);
      expect((await collect(await bucket.read('large')))!.equals(whole)).toBe(true);
      const range = await collect(await bucket.read('large', large - 1000, large - 10));
      expect(range!.equals(whole.subarray(large - 1000, large - 10))).toBe(true);
      await expect(bucket.putStream('large', large, pieces(large), 'absent')).rejects.toMatchObject(failed);
      const short = bucket.putStream('short', large, pieces(large - 1));
      await expect(short).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
      const long = bucket.putStream('long', large, pieces(large + 1));
      await expect(long).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
      const stop = new AbortController();
      const stopped = bucket.putStream('stopped', large, pieces(large), undefined, { signal: stop.signal });
      stop.abort();
      await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(await keysOf(bucket, '')).toEqual(['large']);
    });

    it('gives up a stream whose source fails', async () => {
      const bucket = await open();
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield* pieces(large - 100);
        throw new Error('the source broke');
      }
      await expect(bucket.putStream('a', large, broken())).rejects.toThrow('the source broke');
      expect(await keysOf(bucket, '')).toEqual([]);
    });

    it('stays inside its prefix', async () => {
      const bucket = await open();
      const mine = bucket.below('team-a');
      await bucket.put('secret', bytes('outside'));
      await bucket.put('team-ab/x', bytes('a sibling'));
      await mine.put('x', bytes('mine'));
      expect(await textOf(bucket, 'team-a/x')).toBe('mine');
      expect(await keysOf(mine, '')).toEqual(['x']);
      expect(await textOf(mine.below('deep/er'), 'x')).toBeNull();
      const bad = [
        '../secret',
        'a/../../secret',
        '/secret',
        './x',
        'a//b',
        '',
        'a/',
        '..',
        'a\\..\\b',
        'a\u0000',
        '.~x'
      ];
      for (const key of [...bad, 'history.git/config', 'é'.repeat(200)]) {
        for (const attempt of [
          () => mine.head(key),
          () => mine.get(key),
          () => mine.read(key),
          () => mine.put(key, bytes('x')),
          () => mine.putStream(key, 1, pieces(1)),
          () => mine.delete(key)
        ]) {
          await expect((async () => attempt())(), key).rejects.toMatchObject({ code: 'PATH_UNSAFE' });
        }
      }
      for (const prefix of ['../', '..', 'a/../..', '/']) {
        await expect(all(mine.below('p').list(`${prefix}/`)), prefix).rejects.toMatchObject({ code: 'PATH_UNSAFE' });
      }
      expect(() => mine.below('../team-ab')).toThrow(expect.objectContaining({ code: 'PATH_UNSAFE' }));
      expect(await keysOf(mine, '')).toEqual(['x']);
    });
  });
}
