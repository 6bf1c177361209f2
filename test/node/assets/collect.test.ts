/** Collections in memory: whoever pushes meanwhile, and wherever they are cut off, no ref leads to what is gone. */
import { describe, expect, it } from 'vitest';
import type { Sha256 } from '../../../src/core/model/asset';
import { openBucket } from '../../../src/node/bucket/open-bucket';
import { createMemoryBucket } from '../../../src/node/memory/memory-service';
import { collectionContract } from '../../contract/collection';
import { bucketTools } from '../../support/bucket-tools';
import { DAY } from '../../support/clocked-bucket';
import { collectedPlace } from '../../support/collected-place';
import type { CollectedPlace } from '../../support/collected-place';
import { randomBytes } from '../../support/random-bytes';
import { temporaryDirectory } from '../../support/temporary-directory';

collectionContract('memory', async () => createMemoryBucket());
collectionContract('folder', async () => openBucket(temporaryDirectory(), await bucketTools()));

const base = randomBytes(300 * 1024);
const contents = [
  randomBytes(50 * 1024),
  base,
  randomBytes(60 * 1024),
  Buffer.concat([base, Buffer.from('and more')])
] as const;
type Names = { readonly kept: Sha256; readonly old: Sha256; readonly other: Sha256; readonly longer: Sha256 };

type Scene = { readonly place: CollectedPlace; readonly names: Names };

/** Nothing needs `old` and `other` any more, since so long that the next collection deletes them. */
async function dueScene(): Promise<Scene> {
  const place = await collectedPlace(createMemoryBucket());
  const [kept, old, other, longer] = (await place.ada.put(...contents)) as [string, string, string, string];
  await place.push([kept]);
  // One manifest tells of both, and one of the two.
  await place.push([old]);
  await place.push([other]);
  [old, other].forEach(name => place.refs.delete(name));
  await place.gc();
  place.ahead = 15 * DAY;
  return { place, names: { kept, old, other, longer } };
}

/** The same again, without what it takes to make it. */
async function again({ place, names }: Scene): Promise<Scene> {
  const bucket = createMemoryBucket();
  for await (const { key } of place.bucket.list('')) {
    await bucket.put(key, (await place.bucket.get(key))!.bytes);
  }
  const copy = await collectedPlace(bucket, place.ada);
  copy.ahead = place.ahead;
  place.refs.forEach(name => copy.refs.add(name));
  return { place: copy, names };
}

/** Calls that reach the bucket while `work` runs. */
async function countCalls(place: CollectedPlace, work: () => Promise<unknown>): Promise<number> {
  let calls = 0;
  place.before = () => void (calls += 1);
  await work();
  place.before = () => undefined;
  return calls;
}

/** `inner` runs to its end before call number `at` of `outer`; gives how the two ended. */
async function interleave(
  place: CollectedPlace,
  at: number,
  outer: () => Promise<unknown>,
  inner: () => Promise<unknown>
): Promise<readonly (Error | null)[]> {
  let calls = 0;
  let innerEnd: Error | null = null;
  const failure = (error: unknown): Error => error as Error;
  place.before = async () => {
    calls += 1;
    if (calls === at) {
      place.before = () => undefined;
      innerEnd = await inner().then(() => null, failure);
    }
  };
  const outerEnd = await outer().then(() => null, failure);
  place.before = () => undefined;
  return [outerEnd, innerEnd];
}

const typed = /LOCKED|ASSET_MISSING/;
const endOf = (error: Error | null): string =>
  error ? String((error as { code?: string }).code ?? error.message) : '';

describe('a push and a collection at the same time', () => {
  const wants = {
    'the same content': ({ old }: Names) => old,
    'chunks of it': ({ longer }: Names) => longer
  };

  for (const [what, choose] of Object.entries(wants)) {
    it(`a push of ${what}, at any moment of a collection`, { timeout: 60_000 }, async () => {
      const first = await dueScene();
      const counted = await again(first);
      const calls = await countCalls(counted.place, () => counted.place.gc());
      expect(calls).toBeGreaterThan(15);
      let refused = 0;
      for (let at = 1; at <= calls; at++) {
        const { place, names } = await again(first);
        const stale = await place.open();
        await stale.has([names.old]);
        const [gc, push] = await interleave(
          place,
          at,
          () => place.gc(),
          () => place.push([choose(names)], at % 2 === 0 ? stale : undefined)
        );
        expect(endOf(gc!), `collection, ${at}`).toBe('');
        if (push) {
          expect(endOf(push), `push, ${at}`).toMatch(typed);
          refused += 1;
        }
        expect(await place.lost(), `call ${at}`).toEqual([]);
        // Sooner or later everybody is served.
        place.ahead += 2 * 3_600_000;
        await place.push([choose(names)]);
        place.ahead += 30 * DAY;
        await place.gc();
        expect(await place.lost(), `call ${at}, later`).toEqual([]);
      }
      // Only while the packs are being deleted.
      expect(refused).toBeLessThan(calls);
    });

    it(`a collection, at any moment of a push of ${what}`, { timeout: 60_000 }, async () => {
      const first = await dueScene();
      const counted = await again(first);
      const calls = await countCalls(counted.place, () => counted.place.push([choose(first.names)]));
      for (let at = 1; at <= calls; at++) {
        const { place, names } = await again(first);
        const stale = await place.open();
        await stale.has([names.old]);
        const [push, gc] = await interleave(
          place,
          at,
          () => place.push([choose(names)], stale),
          () => place.gc()
        );
        expect(endOf(gc!), `collection, ${at}`).toBe('');
        expect(endOf(push!), `push, ${at}`).toMatch(/^$|LOCKED|ASSET_MISSING|not there/);
        expect(await place.lost(), `call ${at}`).toEqual([]);
        await place.push([choose(names)], stale);
        expect(await place.lost(), `call ${at}, again`).toEqual([]);
      }
    });
  }

  it('another process that remembers what was there believes the place', async () => {
    const { place, names } = await dueScene();
    const [stale, writer] = [await place.open(), await place.open()];
    expect((await stale.has([names.old])).size).toBe(1);
    await place.gc({}, writer);
    expect((await stale.keep([names.old, names.kept])).has(names.old)).toBe(false);
    expect((await stale.keep([names.old, names.kept])).has(names.kept)).toBe(true);
  });
});

describe('a collection that is cut off', () => {
  for (const when of ['before', 'after'] as const) {
    it(`${when} any of its calls loses nothing, and the next one ends the work`, { timeout: 60_000 }, async () => {
      const first = await dueScene();
      const counted = await again(first);
      const calls = await countCalls(counted.place, () => counted.place.gc());
      for (let at = 1; at <= calls; at++) {
        const { place, names } = await again(first);
        let count = 0;
        place[when] = () => {
          count += 1;
          if (count >= at) {
            throw new Error('killed');
          }
        };
        await place.gc().catch(error => expect(String(error)).toContain('killed'));
        place[when] = () => undefined;
        expect(await place.lost(), `call ${at}`).toEqual([]);
        // Whoever pushes meanwhile is served, or told to wait.
        const push = await place.push([names.longer]).then(
          () => null,
          (error: Error) => error
        );
        expect(endOf(push), `push after ${at}`).toMatch(/^$|LOCKED/);
        expect(await place.lost(), `push after ${at}`).toEqual([]);
        place.ahead += 15 * DAY;
        await place.push([names.longer]);
        await place.gc();
        place.ahead += 15 * DAY;
        await place.gc();
        expect(await place.lost(), `after ${at}, at last`).toEqual([]);
        const assets = await place.open();
        expect((await assets.has([names.other])).size, `after ${at}`).toBe(0);
      }
    });
  }

  it('leaves what it was deleting to nobody for an hour', async () => {
    const { place, names } = await dueScene();
    place.before = (operation, key) => {
      if (operation === 'delete' && key.startsWith('xorbs/')) {
        throw new Error('killed');
      }
    };
    await expect(place.gc()).rejects.toThrow('killed');
    place.before = () => undefined;
    await expect(place.gc()).rejects.toMatchObject({ code: 'LOCKED' });
    await expect(place.push([names.old])).rejects.toMatchObject({ code: 'LOCKED' });
    await place.push([names.longer]);
    place.ahead += 61 * 60_000;
    await place.push([names.old]);
    expect(await place.gc()).toMatchObject({ needed: 3 });
    expect(await place.lost()).toEqual([]);
  });
});
