import { describe, expect, it } from 'vitest';
import type { IBucket } from '../../src/core/port';
import { sendContents } from '../../src/core/sync/send-contents';
import { DAY } from '../support/clocked-bucket';
import { collectedPlace } from '../support/collected-place';
import { randomBytes } from '../support/random-bytes';

const KB = 1024;
const damaged = { code: 'PROJECT_DAMAGED' };

/** What collecting the contents of a project does in every bucket. `open` gives an empty one. */
export function collectionContract(name: string, open: () => Promise<IBucket>): void {
  describe(`${name}: collection`, () => {
    it('deletes what nothing has needed for the grace period, by the clock of the place, and nothing else', async () => {
      const place = await collectedPlace(await open());
      const [kept, gone] = await place.ada.put(randomBytes(300 * KB), randomBytes(200 * KB));
      await place.push([kept!]);
      await place.push([gone!]);
      expect(await place.gc()).toMatchObject({ needed: 2, removed: { packs: 0 }, leaving: { bytes: 0 }, due: null });
      place.refs.delete(gone!);

      const listed = await place.gc();
      expect(listed).toMatchObject({ needed: 1, removed: { packs: 0 }, leaving: { contents: 1 } });
      expect(listed.leaving.bytes).toBeGreaterThan(200 * KB);
      place.ahead = 13.9 * DAY;
      expect(await place.gc()).toMatchObject({ removed: { packs: 0, contents: 0 } });
      expect((await (await place.open()).has([gone!])).size).toBe(1);

      place.ahead = 14.1 * DAY;
      const done = await place.gc();
      expect(done).toMatchObject({ removed: { packs: 1, contents: 1 }, leaving: { bytes: 0 }, due: null });
      expect(done.before.bytes - done.after.bytes).toBeGreaterThan(200 * KB);
      expect((await (await place.open()).has([kept!, gone!])).has(gone!)).toBe(false);
      expect(await place.lost()).toEqual([]);
      // And what was deleted comes back when it is needed again.
      await place.push([gone!]);
      expect(await place.lost()).toEqual([]);
    });

    it('changes nothing in a dry run', async () => {
      const place = await collectedPlace(await open());
      const [kept, gone] = await place.ada.put(randomBytes(100 * KB), randomBytes(100 * KB));
      await place.push([kept!]);
      await place.push([gone!]);
      place.refs.delete(gone!);
      const before = await place.objects();
      expect(await place.gc({ dryRun: true })).toMatchObject({ leaving: { contents: 1 } });
      expect(await place.objects()).toEqual(before);
      await place.gc();
      place.ahead = 15 * DAY;
      const listed = await place.objects();
      const would = await place.gc({ dryRun: true });
      expect(await place.objects()).toEqual(listed);
      expect(would).toMatchObject({ removed: { packs: 1, contents: 1 } });
      expect((await place.gc()).removed).toEqual(would.removed);
    });

    it('deletes what a push left that was cut off', async () => {
      const place = await collectedPlace(await open());
      const [kept, cut] = await place.ada.put(randomBytes(100 * KB), randomBytes(100 * KB));
      await place.push([kept!]);
      place.before = (operation, key) => {
        if (operation === 'put' && key.startsWith('shards/')) {
          throw new Error('cut off');
        }
      };
      await expect(place.push([cut!])).rejects.toThrow('cut off');
      place.before = () => undefined;
      await place.gc();
      place.ahead = 15 * DAY;
      expect(await place.gc()).toMatchObject({ removed: { packs: 1 } });
      expect(await place.lost()).toEqual([]);
    });

    it('leaves a pack alone while anything in it is needed', async () => {
      const place = await collectedPlace(await open());
      const [kept, gone] = await place.ada.put(randomBytes(100 * KB), randomBytes(100 * KB));
      await place.push([kept!, gone!]);
      place.refs.delete(gone!);
      await place.gc();
      place.ahead = 15 * DAY;
      expect(await place.gc()).toMatchObject({ removed: { packs: 0, contents: 0 }, leaving: { bytes: 0 } });
      await place.push([gone!]);
      expect(await place.lost()).toEqual([]);
    });

    it('starts anew with what was needed in between, and with what a push relies on', async () => {
      const place = await collectedPlace(await open());
      const base = randomBytes(300 * KB);
      const [old, longer, wanted] = await place.ada.put(
        base,
        Buffer.concat([base, Buffer.from('longer')]),
        randomBytes(100 * KB)
      );
      await place.push([old!]);
      await place.push([wanted!]);
      place.refs.clear();
      place.refs.add(wanted!);
      await place.gc();
      place.refs.delete(wanted!);
      await place.gc();
      place.ahead = 13 * DAY;
      // Chunks of the old content are what most of the longer one consists of.
      const sent = await sendContents(place.ada.store, await place.open(), [longer!]);
      expect(sent.transferred).toBeLessThan(200 * KB);
      place.refs.add(longer!);
      place.ahead = 15 * DAY;
      const done = await place.gc();
      expect(done.removed.packs).toBe(1);
      expect(await place.lost()).toEqual([]);
    });

    it('deletes nothing when it cannot tell what is needed', async () => {
      const real = await open();
      const place = await collectedPlace(real);
      const [kept, gone, absent] = await place.ada.put(randomBytes(KB), randomBytes(2 * KB), randomBytes(3 * KB));
      await place.push([kept!]);
      await place.push([gone!]);
      place.refs.delete(gone!);
      await place.gc();
      place.ahead = 15 * DAY;
      await expect(place.gc({ grace: DAY - 1 })).rejects.toMatchObject({ code: 'USAGE' });
      const assets = await place.open();
      const request = { dryRun: false, grace: 14 * DAY, ignoreMissing: false };
      await expect(assets.collect(request, async () => null)).rejects.toMatchObject(damaged);
      const unreadable = async (): Promise<never> => Promise.reject(new Error('a commit is missing'));
      await expect(assets.collect(request, unreadable)).rejects.toThrow('a commit is missing');

      place.refs.add(absent!);
      await expect(place.gc()).rejects.toMatchObject(damaged);
      place.refs.delete(absent!);

      const packs: string[] = [];
      for await (const { key } of real.list('xorbs/')) {
        packs.push(key);
      }
      for (const key of packs) {
        const { bytes } = (await real.get(key))!;
        await real.put(key, bytes.subarray(0, 100));
      }
      await expect(place.gc()).rejects.toMatchObject(damaged);
      await real.put(`shards/${'0'.repeat(64)}.mdb`, new Uint8Array(100));
      await expect(place.gc()).rejects.toMatchObject(damaged);
      expect(await place.objects()).toHaveLength(packs.length + 2 + 1 + 1);
    });

    it('leaves alone what serves another history, and goes on where contents were never there if told so', async () => {
      const place = await collectedPlace(await open());
      const [one, never] = await place.ada.put(randomBytes(KB), randomBytes(2 * KB));
      await place.push([one!]);
      place.refs.add(never!);
      expect(await place.gc({ ignoreMissing: true })).toMatchObject({ missing: 1, removed: { packs: 0 } });
      await (await place.open()).keep([one!], { elsewhere: true });
      await expect(place.gc({ ignoreMissing: true })).rejects.toMatchObject(damaged);
    });
  });
}
