import { createCipheriv } from 'node:crypto';

/**
 * `length` bytes from the SplitMix64 generator (https://prng.di.unimi.it/splitmix64.c), little-endian: the test data of
 * the Xet reference implementation.
 */
export function splitmix64(seed: number, length: number): Uint8Array {
  const words = new BigUint64Array(Math.ceil(length / 8));
  let state = BigInt(seed);
  for (let i = 0; i < words.length; i++) {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let word = state;
    word = BigInt.asUintN(64, (word ^ (word >> 30n)) * 0xbf58476d1ce4e5b9n);
    word = BigInt.asUintN(64, (word ^ (word >> 27n)) * 0x94d049bb133111ebn);
    words[i] = word ^ (word >> 31n);
  }
  return new Uint8Array(words.buffer).slice(0, length);
}

/** AES-128 in counter mode with a key of zeros. */
const stream = createCipheriv('aes-128-ctr', new Uint8Array(16), new Uint8Array(16));

/** Bytes like random ones, other ones at each call, but the same in every run: no test passes or fails by luck. */
export function randomBytes(length: number): Buffer {
  return stream.update(Buffer.alloc(length));
}
