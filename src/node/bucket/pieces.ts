/** Streams of bytes: their length is checked, and they are cut to the size that a service wants. */
import { throwIfCancelled } from '../../core/cancel';
import { BranchbookError } from '../../core/error';
import type { Activity } from '../../core/port';

function wrongLength(key: string, expected: number, found: number): BranchbookError {
  return new BranchbookError(
    'OBJECT_CORRUPT',
    `${key} should have ${expected} bytes, and ${found < expected ? 'ended after' : 'has at least'} ${found}.`,
    { key, expected, found, repair: false },
    'Send it again.'
  );
}

/** The same pieces. OBJECT_CORRUPT when they are not `size` bytes together; CANCELLED. */
export async function* checked(
  key: string,
  size: number,
  pieces: AsyncIterable<Uint8Array>,
  activity: Activity = {}
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const piece of pieces) {
    throwIfCancelled(activity);
    done += piece.length;
    if (done > size) {
      throw wrongLength(key, size, done);
    }
    yield piece;
  }
  throwIfCancelled(activity);
  if (done !== size) {
    throw wrongLength(key, size, done);
  }
}

/** The same bytes in parts of `length`, the last one shorter; holds one part. */
export function inParts(pieces: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  return cut(pieces, () => new Uint8Array(length));
}

/** The same bytes in pieces of `length`, the last one shorter; each is valid until the next: the memory is used again. */
export function gathered(pieces: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(length);
  return cut(pieces, () => buffer);
}

/** `next` gives the memory that the next part fills. */
async function* cut(pieces: AsyncIterable<Uint8Array>, next: () => Uint8Array): AsyncGenerator<Uint8Array> {
  let part = next();
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const taken = piece.subarray(at, at + part.length - filled);
      part.set(taken, filled);
      at += taken.length;
      filled += taken.length;
      if (filled === part.length) {
        yield part;
        part = next();
        filled = 0;
      }
    }
  }
  if (filled > 0) {
    yield part.subarray(0, filled);
  }
}

export async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const found: Uint8Array[] = [];
  for await (const piece of pieces) {
    found.push(piece);
  }
  return found.length === 1 ? found[0]! : Buffer.concat(found);
}

/** `size` bytes that come in pieces, each valid until the next. */
export async function copied(pieces: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let filled = 0;
  for await (const piece of pieces) {
    bytes.set(piece, filled);
    filled += piece.length;
  }
  return bytes;
}

/** The same pieces; `tooLong` is thrown when none comes for so many milliseconds. */
export async function* unlessSilent(
  pieces: AsyncIterable<Uint8Array>,
  milliseconds: number,
  tooLong: () => Error
): AsyncGenerator<Uint8Array> {
  const source = pieces[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await within(source.next(), milliseconds, tooLong);
      if (next.done) {
        ended = true;
        return;
      }
      yield next.value;
    }
  } finally {
    // Frees the connection when not all was wanted. A silent one may never answer.
    if (!ended) {
      void Promise.resolve(source.return?.()).catch(() => undefined);
    }
  }
}

async function within<T>(work: Promise<T>, milliseconds: number, tooLong: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLong()), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
