/**
 * Decoder of LZ4 frames (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md). Checksums are skipped: every
 * chunk is verified by its BLAKE3 hash. Bytes are untrusted: all lengths are checked before they are used.
 */
import { BranchbookError } from '../error';

const MAGIC = 0x184d2204;
const MIN_MATCH = 4;
const LONG = 15;
/** So many bytes are copied faster one by one than by a call. */
const SHORT = 64;
const TOO_SHORT = 'it ends too early';
const TOO_LONG = 'it is longer than announced';

function invalid(reason: string): BranchbookError {
  return new BranchbookError('FORMAT_INVALID', `Compressed data is damaged: ${reason}.`, { format: 'lz4', reason });
}

class Reader {
  at = 0;

  constructor(private readonly _bytes: Uint8Array) {}

  take(length: number): Uint8Array {
    if (this.at + length > this._bytes.length) {
      throw invalid(TOO_SHORT);
    }
    this.at += length;
    return this._bytes.subarray(this.at - length, this.at);
  }

  number(bytes: number): number {
    return this.take(bytes).reduceRight((value, byte) => value * 256 + byte, 0);
  }
}

class Output {
  at = 0;
  readonly bytes: Uint8Array;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
  }

  append(bytes: Uint8Array): void {
    if (this.at + bytes.length > this.bytes.length) {
      throw invalid(TOO_LONG);
    }
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }
}

/** One loop over local variables: every byte of a compressed chunk goes through it. */
function decodeBlock(block: Uint8Array, output: Output): void {
  const { bytes } = output;
  let from = 0;
  let to = output.at;
  while (from < block.length) {
    const token = block[from++]!;
    let literals = token >> 4;
    for (let more = literals === LONG ? 255 : 0; more === 255; literals += more) {
      more = byteOf(block, from++);
    }
    if (from + literals > block.length || to + literals > bytes.length) {
      throw invalid(from + literals > block.length ? TOO_SHORT : TOO_LONG);
    }
    if (literals > SHORT) {
      bytes.set(block.subarray(from, from + literals), to);
      from += literals;
      to += literals;
    } else {
      for (const end = from + literals; from < end;) {
        bytes[to++] = block[from++]!;
      }
    }
    if (from === block.length) {
      break;
    }
    const distance = byteOf(block, from++) | (byteOf(block, from++) << 8);
    let length = (token & LONG) + MIN_MATCH;
    for (let more = length === LONG + MIN_MATCH ? 255 : 0; more === 255; length += more) {
      more = byteOf(block, from++);
    }
    repeat(bytes, to, distance, length);
    to += length;
  }
  output.at = to;
}

function byteOf(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) {
    throw invalid(TOO_SHORT);
  }
  return bytes[at]!;
}

/** Repeat what stands `distance` bytes before `to`; source and target may overlap. */
function repeat(bytes: Uint8Array, to: number, distance: number, length: number): void {
  if (distance === 0 || distance > to) {
    throw invalid('a match lies before the start');
  }
  if (to + length > bytes.length) {
    throw invalid(TOO_LONG);
  }
  if (length > SHORT && distance >= length) {
    bytes.copyWithin(to, to - distance, to - distance + length);
  } else if (length > SHORT && distance === 1) {
    bytes.fill(bytes[to - 1]!, to, to + length);
  } else {
    for (const end = to + length; to < end; to++) {
      bytes[to] = bytes[to - distance]!;
    }
  }
}

/** The content of one frame, which must be exactly `length` bytes. FORMAT_INVALID otherwise. */
export function decodeLz4Frame(bytes: Uint8Array, length: number): Uint8Array {
  const frame = new Reader(bytes);
  const output = new Output(length);
  if (frame.number(4) !== MAGIC) {
    throw invalid('it is not an LZ4 frame');
  }
  const flags = frame.number(1);
  if (flags >> 6 !== 1 || (flags & 1) !== 0) {
    throw invalid('it needs a newer version or a dictionary');
  }
  // Block size, content size if present, header checksum.
  frame.take(1 + ((flags & 8) !== 0 ? 8 : 0) + 1);
  for (let header = frame.number(4); header !== 0; header = frame.number(4)) {
    const block = frame.take(header & 0x7fffffff);
    if (header >= 0x80000000) {
      output.append(block);
    } else {
      decodeBlock(block, output);
    }
    frame.take((flags & 16) !== 0 ? 4 : 0);
  }
  if (output.at !== length) {
    throw invalid('it is shorter than announced');
  }
  return output.bytes;
}
