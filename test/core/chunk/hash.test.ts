import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileHash, parseHash, rangeHash, spellHash, xorbHash } from '../../../src/core/chunk/hash';
import type { IHasher } from '../../../src/core/chunk/hash';
import { nativeHasher, wasmHasher } from '../../../src/node/store/hasher';
import vectors from './merkle-vectors.json';

const native = await nativeHasher();
const wasm = await wasmHasher();
const plainSalt = '0'.repeat(64);
const cases = vectors.cases.map(({ chunks, xorb, files }) => ({
  chunks: (chunks as [string, number][]).map(([hash, length]) => ({ hash: parseHash(hash), length })),
  xorb,
  file: (files as [string, string][]).find(([salt]) => salt === plainSalt)![1]
}));

describe.each<[string, IHasher]>([['WebAssembly', wasm], ...(native ? [['native', native] as [string, IHasher]] : [])])(
  'hashes by %s BLAKE3',
  (_name, hasher) => {
    it.each(cases)('match the published tree %#', ({ chunks, xorb, file }) => {
      expect(spellHash(xorbHash(hasher, chunks))).toBe(xorb);
      const root = chunks.length > 0 ? xorbHash(hasher, chunks) : null;
      expect(spellHash(fileHash(hasher, root))).toBe(file);
    });
  }
);

describe('hashes', () => {
  it('have a native implementation on the machines that run these tests', () => {
    expect(native).not.toBeNull();
  });

  it('are the same, native and WebAssembly', () => {
    const kinds = fc.constantFrom('chunk', 'node', 'range', 'file');
    fc.assert(
      fc.property(kinds, fc.uint8Array({ maxLength: 5000 }), (kind, bytes) => {
        expect(spellHash(wasm.hash(kind, bytes))).toBe(spellHash(native!.hash(kind, bytes)));
      })
    );
  });

  it('are spelled in groups of eight bytes, reversed', () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => i);
    expect(spellHash(bytes)).toBe('07060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a1918');
    expect(parseHash(spellHash(bytes))).toEqual(bytes);
  });

  it('of a range depend on the order of its chunks', () => {
    const [a, b] = [wasm.hash('chunk', Uint8Array.of(1)), wasm.hash('chunk', Uint8Array.of(2))];
    expect(spellHash(rangeHash(wasm, [a, b]))).not.toBe(spellHash(rangeHash(wasm, [b, a])));
  });
});
