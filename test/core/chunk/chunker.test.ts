import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileGear } from '../../../scripts/build-wasm.mjs';
import { createChunker, MAX_CHUNK, MIN_CHUNK, PortableChunker, WasmChunker } from '../../../src/core/chunk/chunker';
import type { IChunker } from '../../../src/core/chunk/chunker';
import vectors from './chunk-vectors.json';
import { splitmix64 } from '../../support/random-bytes';

const SIZE = 1_100_000;

/** Where the chunks of `data` end. */
function boundaries(chunker: IChunker, data: Uint8Array): number[] {
  chunker.buffer.set(data);
  const ends: number[] = [];
  for (let at = 0; at < data.length;) {
    at += chunker.cut(at, data.length);
    ends.push(at);
  }
  return ends;
}

/** The repeated pattern of the reference implementation, which hits a boundary once per repetition. */
function hittingData(padding: number): Uint8Array {
  const pattern = [...vectors.hitting.pattern, ...new Array<number>(padding).fill(0)];
  return Uint8Array.from({ length: vectors.hitting.length }, (_, i) => pattern[i % pattern.length]!);
}

describe.each([
  ['WebAssembly', new WasmChunker(SIZE)],
  ['portable', new PortableChunker(SIZE)]
])('%s chunker', (_name, chunker) => {
  it('cuts the published random megabyte', () => {
    const data = splitmix64(vectors.random.seed, vectors.random.length);
    expect([data[0], data[127], data[111111]]).toEqual([175, 132, 118]);
    expect(boundaries(chunker, data)).toEqual(vectors.random.boundaries);
  });

  it('cuts the published constant megabyte', () => {
    const data = new Uint8Array(vectors.constant.length).fill(vectors.constant.byte);
    expect(boundaries(chunker, data)).toEqual(vectors.constant.boundaries);
  });

  it.each(vectors.hitting.cases)(
    'cuts the published pattern with padding $padding',
    ({ padding, sample, boundaries: ends }) => {
      const data = hittingData(padding);
      expect(data[11111]).toBe(sample);
      expect(boundaries(chunker, data)).toEqual(ends);
    }
  );

  it.each([0, 1, MIN_CHUNK - 1, MIN_CHUNK])('takes %i bytes as one chunk', size => {
    expect(boundaries(chunker, splitmix64(1, size))).toEqual(size === 0 ? [] : [size]);
  });
});

describe('chunkers', () => {
  const wasm = createChunker(SIZE);
  const portable = new PortableChunker(SIZE);

  it('cut the same', () => {
    const runs = fc.array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 900 })), {
      maxLength: 6
    });
    fc.assert(
      fc.property(runs, fc.nat(), (pieces, seed) => {
        const repeated = Buffer.concat(pieces.map(([piece, times]) => Buffer.alloc(piece.length * times, piece)));
        const data = Buffer.concat([repeated.subarray(0, 500_000), splitmix64(seed, 300_000)]);
        const ends = boundaries(wasm, data);
        expect(boundaries(portable, data)).toEqual(ends);
        const lengths = ends.map((end, i) => end - (ends[i - 1] ?? 0));
        expect(lengths.every(length => length <= MAX_CHUNK)).toBe(true);
        expect(lengths.slice(0, -1).every(length => length >= MIN_CHUNK)).toBe(true);
      }),
      { numRuns: 40 }
    );
  });

  it('need no more than the longest chunk ahead', () => {
    const data = splitmix64(7, 1_000_000);
    const whole = boundaries(wasm, data);
    let at = 0;
    const windowed = whole.map(() => (at += wasm.cut(at, Math.min(data.length, at + MAX_CHUNK))));
    expect(windowed).toEqual(whole);
  });

  it('use the module that the source gives', async () => {
    const committed = readFileSync(new URL('../../../src/core/chunk/gear-wasm.ts', import.meta.url), 'utf8');
    expect(committed).toBe(await compileGear());
  });
});
