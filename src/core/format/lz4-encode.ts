/**
 * Encoder of LZ4 frames (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md): one block without checksums, as
 * chunks are verified by their BLAKE3 hash. Greedy: maintenance compresses what was stored raw, once.
 */

const MIN_MATCH = 4;
/** The format wants the last bytes of a block as literals, and no match to begin in the last twelve. */
const LAST_LITERALS = 5;
const MATCH_LIMIT = 12;
const MAX_DISTANCE = 0xffff;
const HASH_BITS = 14;
/** After 2^6 places in vain the steps grow: what does not compress is passed quickly. */
const SKIP_BITS = 6;
/** Magic number; version 1 with independent blocks; blocks up to 256 KiB; checksum of these two bytes. */
const HEADER = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x50, 0xfb);
const BLOCK_HEADER_BYTES = 4;
const END_MARK_BYTES = 4;
/** Bytes a frame may hold. */
const MAX_BYTES = 256 * 1024;

/** Compresses one input after the other with the same memory. */
export class Lz4Encoder {
  /** Where four bytes with this hash were seen last, plus one. */
  private readonly _seen = new Int32Array(1 << HASH_BITS);
  private _output = new Uint8Array(0);
  private _at = 0;

  /** The frame of up to 256 KiB, valid until the next call; null when it would not be shorter than `input`. */
  encode(input: Uint8Array): Uint8Array | null {
    if (input.length > MAX_BYTES) {
      throw new RangeError(`An LZ4 frame of ${input.length} bytes is not written here.`);
    }
    if (this._output.length < input.length) {
      this._output = new Uint8Array(input.length);
    }
    const start = HEADER.length + BLOCK_HEADER_BYTES;
    this._at = start;
    if (!this._encodeBlock(input, input.length - END_MARK_BYTES)) {
      return null;
    }
    this._output.set(HEADER);
    writeNumber(this._output, HEADER.length, this._at - start);
    writeNumber(this._output, this._at, 0);
    return this._output.subarray(0, this._at + END_MARK_BYTES);
  }

  /** False when more than `limit` bytes of output would be needed. */
  private _encodeBlock(input: Uint8Array, limit: number): boolean {
    const seen = this._seen.fill(0);
    const end = input.length - LAST_LITERALS;
    const lastMatch = input.length - MATCH_LIMIT;
    let anchor = 0;
    let misses = 1 << SKIP_BITS;
    for (let at = 0; at < lastMatch;) {
      const hash = hashAt(input, at);
      const candidate = seen[hash]! - 1;
      seen[hash] = at + 1;
      if (candidate < 0 || at - candidate > MAX_DISTANCE || !isSameFour(input, at, candidate)) {
        at += misses++ >> SKIP_BITS;
        continue;
      }
      misses = 1 << SKIP_BITS;
      const length = matchLength(input, at, candidate, end);
      if (!this._sequence(input, { anchor, at, distance: at - candidate, length }, limit)) {
        return false;
      }
      at += length;
      anchor = at;
    }
    return this._sequence(input, { anchor, at: input.length, distance: 0, length: 0 }, limit);
  }

  /** Literals `[anchor, at)`, then a match, but for the last sequence. False when there is no room for them. */
  private _sequence(input: Uint8Array, { anchor, at, distance, length }: Sequence, limit: number): boolean {
    const literals = at - anchor;
    const extra = Math.max(0, length - MIN_MATCH);
    if (this._at + 5 + literals + ((literals / 255) | 0) + ((extra / 255) | 0) > limit) {
      return false;
    }
    const output = this._output;
    output[this._at++] = (Math.min(literals, 15) << 4) | Math.min(extra, 15);
    this._length(literals);
    let to = this._at;
    for (let from = anchor; from < at; from++) {
      output[to++] = input[from]!;
    }
    this._at = to;
    if (distance > 0) {
      output[this._at++] = distance;
      output[this._at++] = distance >> 8;
      this._length(extra);
    }
    return true;
  }

  /** What the four bits in the token do not hold of a length. */
  private _length(length: number): void {
    if (length >= 15) {
      let rest = length - 15;
      for (; rest >= 255; rest -= 255) {
        this._output[this._at++] = 255;
      }
      this._output[this._at++] = rest;
    }
  }
}

type Sequence = { readonly anchor: number; readonly at: number; readonly distance: number; readonly length: number };

function hashAt(bytes: Uint8Array, at: number): number {
  const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  return Math.imul(four, 0x9e3779b1) >>> (32 - HASH_BITS);
}

function isSameFour(bytes: Uint8Array, a: number, b: number): boolean {
  return (
    bytes[a] === bytes[b] &&
    bytes[a + 1] === bytes[b + 1] &&
    bytes[a + 2] === bytes[b + 2] &&
    bytes[a + 3] === bytes[b + 3]
  );
}

function matchLength(bytes: Uint8Array, at: number, candidate: number, end: number): number {
  let length = MIN_MATCH;
  while (at + length < end && bytes[at + length] === bytes[candidate + length]) {
    length += 1;
  }
  return length;
}

function writeNumber(into: Uint8Array, at: number, value: number): void {
  for (let index = 0; index < 4; index++) {
    into[at + index] = value >>> (8 * index);
  }
}
