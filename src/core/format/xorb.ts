/**
 * Xorbs: many chunks in one object, each behind a header of 8 bytes. Xet protocol v1.1.0,
 * https://huggingface.co/docs/xet/xorb. Chunks are stored as they are, and compressed by
 * maintenance; every scheme is read.
 */
import { MAX_CHUNK } from '../chunk/chunker';
import { BranchbookError } from '../error';
import { decodeLz4Frame } from './lz4';
import { Lz4Encoder } from './lz4-encode';

/** Bytes a serialized xorb may have. */
export const XORB_MAX_BYTES = 64 * 1024 * 1024;
export const CHUNK_HEADER_BYTES = 8;

const VERSION = 0;
const GROUPS = 4;

/** 0 as it is, 1 LZ4 frame, 2 bytes grouped by their position modulo 4, then LZ4 frame. */
export type CompressionScheme = 0 | 1 | 2;

export type ChunkHeader = {
  readonly scheme: CompressionScheme;
  /** Bytes that follow the header. */
  readonly stored: number;
  /** Bytes of the chunk itself. */
  readonly length: number;
};

function invalid(reason: string): BranchbookError {
  return new BranchbookError('FORMAT_INVALID', `A pack is damaged: ${reason}.`, { format: 'xorb', reason });
}

function write24(into: Uint8Array, at: number, value: number): void {
  into[at] = value;
  into[at + 1] = value >> 8;
  into[at + 2] = value >> 16;
}

function read24(from: Uint8Array, at: number): number {
  return from[at]! | (from[at + 1]! << 8) | (from[at + 2]! << 16);
}

/** Write the header of a chunk of `length` bytes that is stored as it is. */
export function encodeChunkHeader(into: Uint8Array, at: number, length: number): void {
  encodePackedHeader(into, at, { scheme: 0, stored: length, length });
}

/** A chunk as it may be written: `bytes` follow the header, and are valid until the next one is packed. */
export type PackedChunk = { readonly scheme: CompressionScheme; readonly bytes: Uint8Array };

/** Compresses chunk after chunk with the same memory. */
export class ChunkPacker {
  private readonly _plain = new Lz4Encoder();
  private readonly _grouped = new Lz4Encoder();
  private readonly _groups = new Uint8Array(MAX_CHUNK);

  /** The shortest form of a chunk; `group`: try scheme 2 as well, which helps for numbers of four bytes. */
  pack(chunk: Uint8Array, group: boolean): PackedChunk {
    const plain = this._plain.encode(chunk);
    const grouped = group ? this._grouped.encode(groupBytes(chunk, this._groups)) : null;
    if (grouped && grouped.length < (plain?.length ?? Infinity)) {
      return { scheme: 2, bytes: grouped };
    }
    return plain ? { scheme: 1, bytes: plain } : { scheme: 0, bytes: chunk };
  }
}

/** Write the header of a chunk, however it is packed. */
export function encodePackedHeader(into: Uint8Array, at: number, { scheme, stored, length }: ChunkHeader): void {
  into[at] = VERSION;
  write24(into, at + 1, stored);
  into[at + 4] = scheme;
  write24(into, at + 5, length);
}

/** FORMAT_INVALID when there is no header at `at`, FORMAT_TOO_NEW for another version. */
export function decodeChunkHeader(from: Uint8Array, at: number): ChunkHeader {
  if (at + CHUNK_HEADER_BYTES > from.length) {
    throw invalid('a chunk header is cut off');
  }
  if (from[at] !== VERSION) {
    const data = { found: from[at], supported: VERSION };
    throw new BranchbookError('FORMAT_TOO_NEW', `A chunk has format version ${from[at]}.`, data, 'Update Branchbook.');
  }
  const scheme = from[at + 4]!;
  const stored = read24(from, at + 1);
  const length = read24(from, at + 5);
  if (scheme !== 0 && scheme !== 1 && scheme !== 2) {
    throw invalid(`unknown compression scheme ${scheme}`);
  }
  if (length === 0 || length > MAX_CHUNK || stored === 0 || (scheme === 0 && stored !== length)) {
    throw invalid('a chunk header has impossible lengths');
  }
  return { scheme, stored, length };
}

/** The chunk itself, from what follows its header. Uncompressed chunks are views of `stored`. Not verified. */
export function decodeChunk(header: ChunkHeader, stored: Uint8Array): Uint8Array {
  switch (header.scheme) {
    case 0:
      return stored;
    case 1:
      return decodeLz4Frame(stored, header.length);
    case 2:
      return ungroupBytes(decodeLz4Frame(stored, header.length));
  }
}

function groupBytes(bytes: Uint8Array, into: Uint8Array): Uint8Array {
  let to = 0;
  for (let group = 0; group < GROUPS; group++) {
    for (let from = group; from < bytes.length; from += GROUPS) {
      into[to++] = bytes[from]!;
    }
  }
  return into.subarray(0, to);
}

/** Inverse of grouping: all first bytes of each four, then all second ones, and so on. */
function ungroupBytes(grouped: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(grouped.length);
  let from = 0;
  for (let group = 0; group < GROUPS; group++) {
    for (let to = group; to < bytes.length; to += GROUPS) {
      bytes[to] = grouped[from++]!;
    }
  }
  return bytes;
}
