/** zlib as git uses it; large contents leave the main thread. */
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { asBuffer } from './bytes';

const deflate = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.deflate);
const inflate = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.inflate);
const LARGE = 128 * 1024;
/** What zlib puts out in one piece by default. Less is enough for most objects, and nothing is cheaper than no memory. */
const PIECE = 16 * 1024;
const SMALLEST_PIECE = 64;
/** The speed matters while somebody waits; `git gc` compresses better later. */
const FAST: zlib.ZlibOptions = { level: 1 };
/** For at most this many bytes zlib gets by with tables of 32 instead of 256 KiB. */
const TINY = 4096;
const FAST_TINY: zlib.ZlibOptions = { ...FAST, windowBits: 12, memLevel: 5 };
/** At most this many bytes are stored as they are: of a pointer, all digits, zlib saves a fifth in twenty times the time. */
const AS_IS = 256;
/** What stands before bytes stored as they are: zlib's header, and that of the one block (RFC 1950, RFC 1951). */
const AS_IS_HEADER = 7;
/** The largest prime below 2^16: zlib's checksum counts in remainders of it. */
const ADLER = 65521;

export async function compress(content: Uint8Array): Promise<Buffer> {
  if (content.length >= LARGE) {
    return deflate(content, FAST);
  }
  if (content.length <= AS_IS) {
    return storeAsIs(content);
  }
  const options = content.length <= TINY ? FAST_TINY : FAST;
  return zlib.deflateSync(content, { ...options, chunkSize: pieceFor(content.length + SMALLEST_PIECE) });
}

function storeAsIs(content: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(AS_IS_HEADER + content.length + 4);
  bytes.writeUInt16BE(0x7801, 0);
  bytes.writeUInt8(1, 2);
  bytes.writeUInt16LE(content.length, 3);
  bytes.writeUInt16LE(0xffff - content.length, 5);
  bytes.set(content, AS_IS_HEADER);
  bytes.writeUInt32BE(adler32(content), AS_IS_HEADER + content.length);
  return bytes;
}

/** What `storeAsIs` stored; null for everything else, damage included, of which zlib tells. */
function bytesStoredAsIs(bytes: Buffer, limit: number): Buffer | null {
  const length = bytes.length > AS_IS_HEADER && bytes.readUInt16BE(0) === 0x7801 ? bytes.readUInt16LE(3) : -1;
  const end = AS_IS_HEADER + length;
  const isStored = length >= 0 && length <= Math.min(AS_IS, limit) && bytes[2] === 1 && bytes.length >= end + 4;
  const content = isStored ? Buffer.from(bytes.subarray(AS_IS_HEADER, end)) : null;
  return content && bytes.readUInt32BE(end) === adler32(content) ? content : null;
}

/** Of so few bytes that the sums need no remainder before the end. */
function adler32(content: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of content) {
    a += byte;
    b += a;
  }
  return ((b % ADLER) * 0x1_0000 + (a % ADLER)) >>> 0;
}

const pieceFor = (bytes: number): number => Math.min(PIECE, Math.max(SMALLEST_PIECE, bytes));

/** As `decompress`, of bytes that must be nothing else: git refuses objects with something behind them. */
export async function decompressAll(bytes: Uint8Array, limit: number): Promise<Buffer> {
  const options = { chunkSize: pieceFor(4 * bytes.length), maxOutputLength: Math.max(1, limit), info: true };
  const inflated: unknown = bytes.length < LARGE ? zlib.inflateSync(bytes, options) : await inflate(bytes, options);
  const { buffer, engine } = inflated as {
    readonly buffer: Buffer;
    readonly engine: { readonly bytesWritten: number };
  };
  if (engine.bytesWritten !== bytes.length) {
    throw new Error('there is something behind its end');
  }
  return buffer;
}

/** Decompress what begins `bytes`. Throws when it is damaged or longer than `limit` bytes. */
export async function decompress(bytes: Uint8Array, limit: number): Promise<Buffer> {
  const stored = bytesStoredAsIs(asBuffer(bytes), limit);
  if (stored) {
    return stored;
  }
  const options = { maxOutputLength: Math.max(1, limit), chunkSize: pieceFor(limit) };
  return bytes.length < LARGE ? zlib.inflateSync(bytes, options) : inflate(bytes, options);
}

/** As much as comes out of the first bytes of what was compressed. Throws when they are damaged. */
export function decompressStart(bytes: Uint8Array): Buffer {
  return zlib.inflateSync(bytes, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
}
