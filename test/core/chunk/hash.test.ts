import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createChunker, PortableChunker } from '../../../src/core/chunk/chunker';
import { fileHash, parseHash, rangeHash, spellHash, xorbHash } from '../../../src/core/chunk/hash';
import type { IHasher } from '../../../src/core/chunk/hash';
import { createHasher, nativeHasher, portableHasher, wasmHasher } from '../../../src/node/store/hasher';
import { splitmix64 } from '../../support/random-bytes';
import vectors from './merkle-vectors.json';

const native = await nativeHasher();
const wasm = (await wasmHasher())!;
const portable = portableHasher();
const plainSalt = '0'.repeat(64);
const cases = vectors.cases.map(({ chunks, xorb, files }) => ({
  chunks: (chunks as [string, number][]).map(([hash, length]) => ({ hash: parseHash(hash), length })),
  xorb,
  file: (files as [string, string][]).find(([salt]) => salt === plainSalt)![1]
}));

describe.each<[string, IHasher]>([
  ['WebAssembly', wasm],
  ['plain TypeScript', portable],
  ...(native ? [['native', native] as [string, IHasher]] : [])
])('hashes by %s BLAKE3', (_name, hasher) => {
  it.each(cases)('match the published tree %#', ({ chunks, xorb, file }) => {
    expect(spellHash(xorbHash(hasher, chunks))).toBe(xorb);
    const root = chunks.length > 0 ? xorbHash(hasher, chunks) : null;
    expect(spellHash(fileHash(hasher, root))).toBe(file);
  });
});

describe('hashes', () => {
  it('have a native implementation on the machines that run these tests', () => {
    expect(native).not.toBeNull();
  });

  const kinds = ['chunk', 'node', 'range', 'file'] as const;
  const expectSame = (kind: (typeof kinds)[number], bytes: Uint8Array): void => {
    const expected = spellHash(native!.hash(kind, bytes));
    expect(spellHash(wasm.hash(kind, bytes))).toBe(expected);
    expect(spellHash(portable.hash(kind, bytes))).toBe(expected);
  };

  it('are the same, native, WebAssembly and plain TypeScript', () => {
    fc.assert(fc.property(fc.constantFrom(...kinds), fc.uint8Array({ maxLength: 5000 }), expectSame));
  });

  // Around the ends of BLAKE3's blocks of 64 bytes and leaves of 1024, and trees that are not full.
  it.each([0, 1, 63, 64, 65, 1023, 1024, 1025, 2047, 2048, 2049, 3073, 7 * 1024, 8193, 65_537, 131_072])(
    'are the same for %i bytes',
    size => {
      const bytes = splitmix64(size, size);
      kinds.forEach(kind => expectSame(kind, bytes));
    }
  );

  it('need no WebAssembly', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    vi.doMock('@napi-rs/blake-hash', () => {
      throw new Error('not installed');
    });
    try {
      const bytes = splitmix64(1, 300_000);
      const expected = native!.hash('chunk', bytes);
      expect(await wasmHasher()).toBeNull();
      expect((await createHasher()).hash('chunk', bytes)).toEqual(new Uint8Array(expected));
      expect(createChunker(1)).toBeInstanceOf(PortableChunker);
    } finally {
      vi.doUnmock('@napi-rs/blake-hash');
      vi.unstubAllGlobals();
    }
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
