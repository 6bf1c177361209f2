import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { Digests } from '../../../src/node/store/digest';
import type { IDigest } from '../../../src/node/store/digest';
import { randomBytes } from '../../support/random-bytes';
import { bundleStoreWorker } from '../../support/store-worker';

const MiB = 1024 * 1024;
const workerFile = await bundleStoreWorker();
const threaded = new Digests(workerFile);
afterAll(() => threaded.close());

const plain = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Bytes piece by piece, from memory that is used again. */
async function feed(digest: IDigest, bytes: Uint8Array, piece: number): Promise<void> {
  const memory = new Uint8Array(piece);
  for (let at = 0; at < bytes.length; at += piece) {
    const part = bytes.subarray(at, at + piece);
    memory.set(part);
    await digest.update(memory.subarray(0, part.length));
    memory.fill(0);
  }
}

describe.each([
  ['here', new Digests(null)],
  ['in a thread', threaded]
])('a digest %s', (_where, digests) => {
  it.each([0, 1, MiB - 1, MiB, MiB + 1, 11 * MiB + 7])('is the SHA-256 of %i bytes', async size => {
    const bytes = randomBytes(size);
    const digest = digests.begin();
    await feed(digest, bytes, 70_001);
    expect(await digest.hex()).toBe(plain(bytes));
    digest.close();
  });

  it('knows nothing of others, nor of one that was given up', async () => {
    const [a, b] = [randomBytes(5 * MiB), randomBytes(6 * MiB)];
    const [one, two, given] = [digests.begin(), digests.begin(), digests.begin()];
    await Promise.all([feed(one, a, MiB), feed(two, b, 3 * MiB), feed(given, b, MiB)]);
    given.close();
    expect(await Promise.all([one.hex(), two.hex()])).toEqual([plain(a), plain(b)]);
    [one, two].forEach(each => each.close());
  });
});

it('a digest whose thread is gone fails, rather than begin anew', async () => {
  const digests = new Digests(workerFile);
  const digest = digests.begin();
  await digest.update(randomBytes(3 * MiB));
  await digests.close();
  await expect(digest.update(randomBytes(3 * MiB)).then(() => digest.hex())).rejects.toMatchObject({
    code: 'INTERNAL'
  });
  digest.close();
});
