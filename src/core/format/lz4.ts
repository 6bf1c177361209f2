/**
 * Decoder of LZ4 frames (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md). Checksums are skipped: every
 * chunk is verified by its BLAKE3 hash. Bytes are untrusted: all lengths are checked before they are used.
 */
import { BranchbookError } from '../error';

const MAGIC = 0x184d2204;
const MIN_MATCH = 4;
const LONG = 15;

function invalid(reason: string): BranchbookError {
  return new BranchbookError('FORMAT_INVALID', `Compressed data is damaged: ${reason}.`, { format: 'lz4', reason });
}

class Reader {
  at = 0;

  constructor(private readonly _bytes: Uint8Array) {}

  take(length: number): Uint8Array {
    if (this.at + length > this._bytes.length) {
      throw invalid('it ends too early');
    }
    this.at += length;
    return this._bytes.subarray(this.at - length, this.at);
  }

  number(bytes: number): number {
    return this.take(bytes).reduceRight((value, byte) => value * 256 + byte, 0);
  }

  /** The 4-bit length of a token, continued by bytes of 255. */
  length(nibble: number): number {
    let length = nibble;
    if (nibble === LONG) {
      let byte: number;
      do {
        byte = this.number(1);
        length += byte;
      } while (byte === 255);
    }
    return length;
  }

  get done(): boolean {
    return this.at === this._bytes.length;
  }
}

class Output {
  at = 0;
  readonly bytes: Uint8Array;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
  }

  append(bytes: Uint8Array): void {
    this._reserve(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Repeat what stands `distance` bytes back; source and target may overlap. */
  repeat(distance: number, length: number): void {
    if (distance === 0 || distance > this.at) {
      throw invalid('a match lies before the start');
    }
    this._reserve(length);
    for (const end = this.at + length; this.at < end; this.at++) {
      this.bytes[this.at] = this.bytes[this.at - distance]!;
    }
  }

  private _reserve(length: number): void {
    if (this.at + length > this.bytes.length) {
      throw invalid('it is longer than announced');
    }
  }
}

function decodeBlock(block: Reader, output: Output): void {
  while (!block.done) {
    const token = block.number(1);
    output.append(block.take(block.length(token >> 4)));
    if (block.done) {
      return;
    }
    const distance = block.number(2);
    output.repeat(distance, block.length(token & 15) + MIN_MATCH);
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
      decodeBlock(new Reader(block), output);
    }
    frame.take((flags & 16) !== 0 ? 4 : 0);
  }
  if (output.at !== length) {
    throw invalid('it is shorter than announced');
  }
  return output.bytes;
}
