import { describe, expect, it } from 'vitest';
import { fetchContents } from '../../../src/core/sync/fetch-contents';
import { sendContents } from '../../../src/core/sync/send-contents';
import { BucketAssets } from '../../../src/node/assets/bucket-assets';
import { disk } from '../../../src/node/fs/disk';
import { Digests } from '../../../src/node/store/digest';
import { createHasher } from '../../../src/node/store/hasher';
import { bytesOf, damage, person, sha256 } from '../../support/asset-person';
import { randomBytes } from '../../support/random-bytes';
import { temporaryDirectory } from '../../support/temporary-directory';
import { watchedBucket } from '../../support/watched-bucket';

const MiB = 1024 * 1024;

async function place(verify = true, describedAtOnce?: number) {
  const hasher = await createHasher();
  const watched = await watchedBucket(temporaryDirectory());
  const { bucket } = watched;
  const digests = verify ? new Digests(null) : null;
  const options = { bucket, files: disk, hasher, verify: digests, ...(describedAtOnce && { describedAtOnce }) };
  const open = () => new BucketAssets({ ...options, cache: temporaryDirectory() });
  return { watched, open, assets: open() };
}

describe('contents through a bucket', () => {
  it.each([true, false])('arrive as they were sent (verified on arrival: %s)', async verify => {
    const { watched, assets, open } = await place(verify);
    const [anna, bo] = [await person(), await person()];
    const contents = [randomBytes(3 * MiB), Buffer.alloc(2 * MiB), Buffer.from('small'), Buffer.alloc(0)];
    const names = await anna.put(...contents);
    const sent = await sendContents(anna.store, assets, names);
    expect(sent.contents).toBe(3);
    expect(sent.bytes).toBe(5 * MiB + 5);
    expect(sent.transferred).toBe(watched.written);
    expect(sent.transferred).toBeLessThan(3.5 * MiB);
    const received = await fetchContents(bo.store, open(), names);
    expect(received).toMatchObject({ contents: 3, bytes: 5 * MiB + 5 });
    expect(received.transferred).toBeLessThan(3.5 * MiB);
    for (const [index, name] of names.entries()) {
      expect(sha256(await bytesOf(bo.store.read(name)))).toBe(sha256(contents[index]!));
    }
    expect(await damage(bo.store)).toEqual([]);
  });

  it('are described some at a time when there are many, each at least by itself', async () => {
    const { assets } = await place(false, 10);
    const [anna, bo] = [await person(), await person()];
    const contents = [...Array.from({ length: 6 }, (_, each) => Buffer.from(`small ${each}`)), randomBytes(2 * MiB)];
    const names: string[] = [];
    for (const content of contents) {
      names.push(...(await anna.put(content)));
      await sendContents(anna.store, assets, [names.at(-1)!]);
    }
    const { length } = await assets.manifest(names);
    expect(length).toBeLessThan((await assets.manifest(names.slice(-1))).length);
    const received = await fetchContents(bo.store, assets, names.toReversed());
    expect(received).toMatchObject({ contents: 7, bytes: 2 * MiB + 6 * 7 });
    expect(await damage(bo.store)).toEqual([]);
    await expect(assets.manifest([...names, '0'.repeat(64)])).rejects.toMatchObject({ code: 'ASSET_MISSING' });
  });

  it('send nothing that is there, and little of what changed', async () => {
    const { watched, assets, open } = await place();
    const anna = await person();
    const big = randomBytes(24 * MiB);
    await sendContents(anna.store, assets, await anna.put(big));
    expect((await sendContents(anna.store, assets, [sha256(big)])).transferred).toBe(0);
    const edited = Buffer.from(big);
    randomBytes(MiB).copy(edited, 10 * MiB);
    const names = await anna.put(edited);
    const before = watched.written;
    const sent = await sendContents(anna.store, open(), names);
    expect(watched.written - before).toBe(sent.transferred);
    expect(sent.transferred).toBeLessThan(1.5 * MiB);
    // Who has the first version gets the second for as little.
    const bo = await person();
    await fetchContents(bo.store, open(), [sha256(big)]);
    const received = await fetchContents(bo.store, open(), names);
    expect(received.transferred).toBeLessThan(1.5 * MiB);
    expect(sha256(await bytesOf(bo.store.read(names[0]!)))).toBe(names[0]);
  });

  it('are read in part without being stored', async () => {
    const { assets, open } = await place();
    const anna = await person();
    const big = randomBytes(5 * MiB);
    const [name] = await anna.put(big);
    await sendContents(anna.store, assets, [name!]);
    const part = await bytesOf(open().read(name!, MiB + 7, 3 * MiB + 9));
    expect(part.equals(big.subarray(MiB + 7, 3 * MiB + 9))).toBe(true);
    expect((await bytesOf(open().read(name!, 5 * MiB - 1, 9 * MiB))).equals(big.subarray(5 * MiB - 1))).toBe(true);
    await expect(bytesOf(open().read('0'.repeat(64)))).rejects.toMatchObject({ code: 'ASSET_MISSING' });
  });
});

describe('whatever is edited', () => {
  it('arrives, for about as much as was changed', async () => {
    const { assets, open } = await place();
    const [anna, bo] = [await person(), await person()];
    // Numbers that are the same in every run.
    const next = (below: number): number => randomBytes(4).readUInt32LE() % below;
    let content = randomBytes(3 * MiB);
    for (let round = 0; round < 6; round++) {
      const names = await anna.put(content);
      const sent = await sendContents(anna.store, assets, names);
      const received = await fetchContents(bo.store, open(), names);
      expect(sha256(await bytesOf(bo.store.read(names[0]!)))).toBe(sha256(content));
      expect(received.transferred).toBeLessThan((round === 0 ? 3.2 : 1.5) * MiB);
      expect(sent.transferred).toBeLessThan((round === 0 ? 3.2 : 1.5) * MiB);
      const [at, cut] = [next(content.length), next(100_000)];
      content = Buffer.concat([content.subarray(0, at), randomBytes(next(100_000)), content.subarray(at + cut)]);
    }
    expect(await damage(bo.store)).toEqual([]);
  });

  it('and a fetch that broke goes on where it was', async () => {
    const { assets } = await place();
    const [anna, bo] = [await person(), await person()];
    const names = await anna.put(randomBytes(40 * MiB));
    await sendContents(anna.store, assets, names);
    let left = 34 * MiB;
    const broken = Object.create(assets) as typeof assets;
    broken.readXorb = async (...asked) => {
      const count = await assets.readXorb(...asked);
      left -= count;
      if (left < 0) {
        throw new Error('the network is gone');
      }
      return count;
    };
    await expect(fetchContents(bo.store, broken, names)).rejects.toThrow('the network is gone');
    expect(await bo.store.has(names[0]!)).toBe(false);
    const received = await fetchContents(bo.store, assets, names);
    expect(received.transferred).toBeLessThan(26 * MiB);
    expect(sha256(await bytesOf(bo.store.read(names[0]!)))).toBe(names[0]);
  });
});
