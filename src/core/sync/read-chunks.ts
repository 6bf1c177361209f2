/** Reading chunks out of packs that are far away: neighbours together, several ranges at once, in the order asked for. */
import { throwIfCancelled } from '../cancel';
import { sameHash, spellHash } from '../chunk/hash';
import type { IHasher } from '../chunk/hash';
import { BranchbookError } from '../error';
import { CHUNK_HEADER_BYTES, decodeChunk, decodeChunkHeader } from '../format/xorb';
import type { XetHash } from '../model/asset';
import type { Activity, IRemoteAssets } from '../port';
import type { RemoteChunk, RemoteXorb } from './remote-manifest';

/** Bytes asked for at once. */
const RANGE_BYTES = 4 * 1024 * 1024;
/** Ranges under way or waiting to be used: what this takes in memory. */
const AT_ONCE = 4;
/** So many bytes that nobody wants are read along, rather than ask once more. */
const GAP_BYTES = 64 * 1024;

export type ReadChunk = RemoteChunk & {
  /** The chunk itself, unpacked; not verified. Valid until the next one. */
  readonly bytes: Uint8Array;
};

type Range = { readonly xorb: RemoteXorb; readonly indices: readonly number[] };

/** Where the bytes of packs come from; `onBytes` is told of what travelled. */
export type ReadOptions = Activity & { readonly onBytes?: (bytes: number) => void };

/** OBJECT_CORRUPT when what comes are no chunks. */
export async function* readChunks(
  remote: Pick<IRemoteAssets, 'readXorb'>,
  chunks: Iterable<RemoteChunk>,
  options: ReadOptions
): AsyncGenerator<ReadChunk> {
  const ranges = rangesOf(chunks);
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const under: { readonly range: Range; readonly bytes: Promise<Uint8Array> }[] = [];
  const buffers = new Buffers();
  const ask = (): void => {
    const { value: range, done } = ranges.next();
    if (!done) {
      const bytes = readRange(remote, range, buffers.take(sizeOf(range)), { ...options, signal });
      bytes.catch(() => undefined); // Told when its turn comes.
      under.push({ range, bytes });
    }
  };
  try {
    for (let i = 0; i < AT_ONCE; i++) {
      ask();
    }
    for (let next = under.shift(); next; next = under.shift()) {
      const bytes = await next.bytes;
      throwIfCancelled(options);
      ask();
      yield* chunksIn(next.range, bytes);
      buffers.give(bytes);
    }
  } finally {
    stop.abort();
    await Promise.allSettled(under.map(({ bytes }) => bytes));
  }
}

/** The same, each compared with its hash. OBJECT_CORRUPT. */
export async function* verifiedChunks(hasher: IHasher, chunks: AsyncIterable<ReadChunk>): AsyncGenerator<ReadChunk> {
  for await (const chunk of chunks) {
    const { xorb, index, bytes } = chunk;
    if (!sameHash(hasher.hash('chunk', bytes), xorb.chunks.hash(index))) {
      throw corrupt(xorb.name, `the chunk ${spellHash(xorb.chunks.hash(index))} is not what its hash says`);
    }
    yield chunk;
  }
}

function* rangesOf(chunks: Iterable<RemoteChunk>): Generator<Range> {
  let xorb: RemoteXorb | null = null;
  let indices: number[] = [];
  for (const chunk of chunks) {
    if (xorb && !(xorb === chunk.xorb && continues(xorb, indices, chunk.index))) {
      yield { xorb, indices };
      indices = [];
    }
    xorb = chunk.xorb;
    indices.push(chunk.index);
  }
  if (xorb) {
    yield { xorb, indices };
  }
}

/** True when the chunk stands behind the last one, not far from it, and the range stays small enough. */
function continues({ offsets }: RemoteXorb, indices: readonly number[], index: number): boolean {
  const [first, last] = [indices[0]!, indices[indices.length - 1]!];
  const gap = offsets[index]! - offsets[last + 1]!;
  return index > last && gap <= GAP_BYTES && offsets[index + 1]! - offsets[first]! <= RANGE_BYTES;
}

const sizeOf = ({ xorb, indices }: Range): number =>
  xorb.offsets[indices[indices.length - 1]! + 1]! - xorb.offsets[indices[0]!]!;

/** Memory of ranges, used again: to get and clear it anew took as long as to hash what comes. */
class Buffers {
  private readonly _free: ArrayBufferLike[] = [];

  take(size: number): Uint8Array {
    const fits = this._free.findIndex(({ byteLength }) => byteLength >= size);
    // Ranges differ a little in length: what is taken for one must do for the next.
    const [buffer = new ArrayBuffer(powerOfTwo(size))] = fits < 0 ? [] : this._free.splice(fits, 1);
    return new Uint8Array(buffer, 0, size);
  }

  /** Nobody looks at it any more. */
  give({ buffer }: Uint8Array): void {
    this._free.push(buffer);
    if (this._free.length > AT_ONCE) {
      this._free.shift();
    }
  }
}

const powerOfTwo = (atLeast: number): number => 2 ** Math.ceil(Math.log2(atLeast));

async function readRange(
  remote: Pick<IRemoteAssets, 'readXorb'>,
  { xorb, indices }: Range,
  bytes: Uint8Array,
  options: ReadOptions
): Promise<Uint8Array> {
  const start = xorb.offsets[indices[0]!]!;
  const filled = await remote.readXorb(xorb.name, start, bytes, options);
  options.onBytes?.(filled);
  if (filled < bytes.length) {
    throw corrupt(xorb.name, 'it ends too early');
  }
  return bytes;
}

function* chunksIn({ xorb, indices }: Range, bytes: Uint8Array): Generator<ReadChunk> {
  const start = xorb.offsets[indices[0]!]!;
  for (const index of indices) {
    const packed = bytes.subarray(xorb.offsets[index]! - start, xorb.offsets[index + 1]! - start);
    yield { xorb, index, bytes: unpack(xorb, index, packed) };
  }
}

function unpack({ name, chunks }: RemoteXorb, index: number, packed: Uint8Array): Uint8Array {
  try {
    const header = decodeChunkHeader(packed, 0);
    if (header.length === chunks.length(index) && CHUNK_HEADER_BYTES + header.stored === packed.length) {
      return decodeChunk(header, packed.subarray(CHUNK_HEADER_BYTES));
    }
  } catch (error) {
    throw corrupt(name, BranchbookError.from(error).message);
  }
  throw corrupt(name, 'the header of a chunk says another length than the manifest');
}

/** What a place gave is not what it should be. */
export function corrupt(xorb: XetHash, reason: string): BranchbookError {
  return new BranchbookError(
    'OBJECT_CORRUPT',
    `What came from the place is damaged: ${reason} (pack ${xorb}).`,
    { xorb, reason },
    'Try again; ask who runs the place when it stays so.'
  );
}
