import fc from 'fast-check';
import lz4 from 'lz4js';
import { describe, expect, it } from 'vitest';
import { decodeLz4Frame } from '../../../src/core/format/lz4';
import { Lz4Encoder } from '../../../src/core/format/lz4-encode';
import { ChunkPacker, decodeChunk, decodeChunkHeader, encodePackedHeader } from '../../../src/core/format/xorb';
import { randomBytes } from '../../support/random-bytes';

const MAX_CHUNK = 131_072;

/** Short pieces, repeated and scattered: literals and matches of all lengths and distances, some of them overlapping. */
const mixed = fc
  .array(
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 300 }), fc.nat({ max: 1 })),
    { minLength: 1, maxLength: 12 }
  )
  .map(parts =>
    Buffer.concat(
      parts.map(([part, times, kind]) => (kind === 0 ? Buffer.alloc(part.length * times, part) : randomBytes(times)))
    ).subarray(0, MAX_CHUNK)
  );

function floats(count: number): Uint8Array {
  const values = new Float32Array(count);
  for (let at = 1; at < count; at++) {
    values[at] = values[at - 1]! + Math.sin(at) / 3;
  }
  return new Uint8Array(values.buffer);
}

describe('LZ4 frames that are written', () => {
  it('are read by this decoder and by another one', () => {
    const encoder = new Lz4Encoder();
    fc.assert(
      fc.property(mixed, bytes => {
        const frame = encoder.encode(bytes)?.slice();
        if (frame) {
          expect(frame.length).toBeLessThan(bytes.length);
          expect(Buffer.from(decodeLz4Frame(frame, bytes.length)).equals(bytes)).toBe(true);
          expect(Buffer.from(lz4.decompress(frame)).equals(bytes)).toBe(true);
        }
      }),
      { numRuns: 300 }
    );
  });

  it.each([
    ['zeros', Buffer.alloc(MAX_CHUNK), 1000],
    ['a repeated word', Buffer.alloc(MAX_CHUNK, 'branchbook '), 1000],
    ['twelve and one', Buffer.alloc(100, 'x'), 40],
    ['matches at the largest distance', Buffer.concat(Array(2).fill(randomBytes(65_535)) as Buffer[]), 66_500]
  ])('are short for %s', (_, bytes, most) => {
    const frame = new Lz4Encoder().encode(bytes)!;
    expect(frame.length).toBeLessThan(most);
    expect(Buffer.from(decodeLz4Frame(frame, bytes.length)).equals(bytes)).toBe(true);
    expect(Buffer.from(lz4.decompress(frame)).equals(bytes)).toBe(true);
  });

  it.each([0, 1, 4, 12, 13, 1000, MAX_CHUNK])('are not made of %i random bytes', length => {
    expect(new Lz4Encoder().encode(randomBytes(length))).toBeNull();
  });

  it('hold at most 256 KiB', () => {
    expect(new Lz4Encoder().encode(new Uint8Array(256 * 1024))).not.toBeNull();
    expect(() => new Lz4Encoder().encode(new Uint8Array(256 * 1024 + 1))).toThrow(RangeError);
  });
});

describe('a packed chunk', () => {
  const packer = new ChunkPacker();

  it.each([
    ['random bytes', randomBytes(70_001), true, 0],
    ['text', Buffer.alloc(70_001, 'one two three '), true, 1],
    ['numbers', floats(16_384), true, 2],
    ['numbers at an odd length', floats(16_384).subarray(0, 65_533), true, 2],
    ['numbers that are not to be grouped', floats(16_384), false, 0]
  ] as const)('has the shortest form: %s', (_, chunk, group, scheme) => {
    const packed = packer.pack(chunk, group);
    const serialized = new Uint8Array(8 + packed.bytes.length);
    encodePackedHeader(serialized, 0, { scheme: packed.scheme, stored: packed.bytes.length, length: chunk.length });
    serialized.set(packed.bytes, 8);
    const header = decodeChunkHeader(serialized, 0);
    expect(header).toEqual({ scheme, stored: packed.bytes.length, length: chunk.length });
    expect(Buffer.from(decodeChunk(header, serialized.subarray(8))).equals(chunk)).toBe(true);
  });
});
