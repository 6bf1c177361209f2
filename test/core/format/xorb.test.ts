import fc from 'fast-check';
import lz4 from 'lz4js';
import { describe, expect, it } from 'vitest';
import { BranchbookError } from '../../../src/core/error';
import { decodeLz4Frame } from '../../../src/core/format/lz4';
import { decodeChunk, decodeChunkHeader, encodeChunkHeader } from '../../../src/core/format/xorb';
import { serializeChunk } from '../../support/compressed-xorb';

/** Bytes with repetitions near and far, so that LZ4 finds matches of all kinds. */
const compressible = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 400 })), {
    minLength: 1,
    maxLength: 8
  })
  .map(parts =>
    Buffer.concat(parts.map(([part, times]) => Buffer.alloc(part.length * times, part))).subarray(0, 131_072)
  );

function decode(serialized: Uint8Array): Uint8Array {
  const header = decodeChunkHeader(serialized, 0);
  return decodeChunk(header, serialized.subarray(8, 8 + header.stored));
}

describe('LZ4 frames', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(compressible, bytes => {
        expect(Buffer.from(decodeLz4Frame(lz4.compress(bytes), bytes.length)).equals(bytes)).toBe(true);
      })
    );
  });

  it('that are damaged give an error or wrong bytes, never a crash or more bytes', () => {
    fc.assert(
      fc.property(compressible, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, flip) => {
        const frame = Buffer.from(lz4.compress(bytes));
        frame[at % frame.length]! ^= flip;
        try {
          expect(decodeLz4Frame(frame, bytes.length)).toHaveLength(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(BranchbookError);
        }
      })
    );
  });
});

describe('chunks of a xorb', () => {
  it.each([0, 1, 2] as const)('come back from scheme %i, whatever their length modulo 4', scheme => {
    fc.assert(
      fc.property(compressible, bytes => {
        expect(Buffer.from(decode(serializeChunk(bytes, scheme))).equals(bytes)).toBe(true);
      }),
      { numRuns: 30 }
    );
  });

  it('have a header of eight bytes', () => {
    const header = new Uint8Array(8);
    encodeChunkHeader(header, 0, 0x01f203);
    expect([...header]).toEqual([0, 0x03, 0xf2, 0x01, 0, 0x03, 0xf2, 0x01]);
    expect(decodeChunkHeader(header, 0)).toEqual({ scheme: 0, stored: 0x01f203, length: 0x01f203 });
  });

  it.each([
    ['cut off', [0, 1, 0, 0, 0, 1, 0], 'FORMAT_INVALID'],
    ['of a newer version', [1, 1, 0, 0, 0, 1, 0, 0], 'FORMAT_TOO_NEW'],
    ['with an unknown scheme', [0, 1, 0, 0, 3, 1, 0, 0], 'FORMAT_INVALID'],
    ['with differing raw lengths', [0, 1, 0, 0, 0, 2, 0, 0], 'FORMAT_INVALID'],
    ['of an empty chunk', [0, 0, 0, 0, 0, 0, 0, 0], 'FORMAT_INVALID'],
    ['of a chunk over 128 KiB', [0, 1, 0, 2, 0, 1, 0, 2], 'FORMAT_INVALID']
  ])('refuse a header %s', (_name, bytes, code) => {
    expect(() => decodeChunkHeader(Uint8Array.from(bytes), 0)).toThrow(expect.objectContaining({ code }));
  });
});
