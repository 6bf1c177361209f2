import { describe, expect, it } from 'vitest';
import { spellHash, xorbHash } from '../../../src/core/chunk/hash';
import { XorbVerifier } from '../../../src/node/assets/xorb-verifier';
import { createHasher } from '../../../src/node/store/hasher';
import { bytesOf } from '../../support/asset-person';
import { serializeChunk } from '../../support/compressed-xorb';
import { randomBytes } from '../../support/random-bytes';

const hasher = await createHasher();
const chunks = [1, 7, 9_000, 40_000, 128 * 1024, 3].map(size => randomBytes(size));
const packed = chunks.map(chunk => serializeChunk(chunk, 0));
packed.push(serializeChunk(Buffer.alloc(20_000, 5), 1));
chunks.push(Buffer.alloc(20_000, 5));
const pack = Buffer.concat(packed);
const hashed = chunks.map(bytes => ({ hash: hasher.hash('chunk', bytes), length: bytes.length }));
const name = spellHash(xorbHash(hasher, hashed));

async function* cut(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) {
    yield bytes.subarray(at, at + length);
  }
}

describe.each([1, 7, 8, 9, 4_097, 65_536, 128 * 1024 + 8, pack.length])('a pack in pieces of %i bytes', length => {
  it('is what its name says', async () => {
    const verifier = new XorbVerifier(hasher, name, pack.length);
    expect(pack.equals(await bytesOf(verifier.through(cut(pack, length))))).toBe(true);
    expect([...verifier.layout]).toEqual(packed.map(each => each.length - 8));
  });

  it('is refused with another byte, wherever that is', async () => {
    for (const at of [8, 9_100, pack.length - 30]) {
      const wrong = Buffer.from(pack);
      wrong[at]! ^= 1;
      const passing = bytesOf(new XorbVerifier(hasher, name, pack.length).through(cut(wrong, length)));
      await expect(passing).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    }
  });
});
