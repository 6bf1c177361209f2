/** zlib as git uses it; large contents leave the main thread. */
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

const deflate = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.deflate);
const inflate = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.inflate);
const LARGE = 128 * 1024;
/** The speed matters while somebody waits; `git gc` compresses better later. */
const level = { level: 1 };

export async function compress(content: Uint8Array): Promise<Buffer> {
  return content.length < LARGE ? zlib.deflateSync(content, level) : deflate(content, level);
}

/** Decompress what begins `bytes`. Throws when it is damaged or longer than `limit` bytes. */
export async function decompress(bytes: Uint8Array, limit: number): Promise<Buffer> {
  const options = { maxOutputLength: Math.max(1, limit) };
  return bytes.length < LARGE ? zlib.inflateSync(bytes, options) : inflate(bytes, options);
}
