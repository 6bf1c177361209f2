import { createHash } from 'node:crypto';
import type { IHasher } from '../../core/chunk/hash';
import { BranchbookError, hasCode } from '../../core/error';
import type { Sha256 } from '../../core/model/asset';
import type { IFileSystem } from '../../core/port';
import { REPAIR } from './catalog';
import type { Catalog, FileRecord } from './catalog';
import type { Layout } from './layout';
import { XorbReader } from './xorb-reader';

/** Largest piece given out, in bytes. */
export const PIECE_BYTES = 1024 * 1024;

export type ReadTools = {
  readonly files: IFileSystem;
  readonly layout: Layout;
  readonly catalog: Catalog;
  readonly hasher: IHasher;
};

/** A range of bytes, and where the pieces of it go: called for every piece, so that buffers can be reused. */
export type ReadRequest = { readonly start: number; readonly end: number; readonly buffer: () => Uint8Array };

/** Collects bytes into pieces of one size. */
class Pieces {
  private _piece: Uint8Array;
  private _filled = 0;

  constructor(private readonly _buffer: () => Uint8Array) {
    this._piece = _buffer();
  }

  *push(bytes: Uint8Array): Generator<Uint8Array> {
    for (let done = 0; done < bytes.length;) {
      const count = Math.min(bytes.length - done, this._piece.length - this._filled);
      this._piece.set(bytes.subarray(done, done + count), this._filled);
      this._filled += count;
      done += count;
      if (this._filled === this._piece.length) {
        yield this._piece;
        this._piece = this._buffer();
        this._filled = 0;
      }
    }
  }

  *rest(): Generator<Uint8Array> {
    if (this._filled > 0) {
      yield this._piece.subarray(0, this._filled);
    }
  }
}

/** Verified bytes of a stored file. OBJECT_CORRUPT instead of any wrong byte. */
export async function* readStored(
  tools: ReadTools,
  record: FileRecord,
  request: ReadRequest
): AsyncGenerator<Uint8Array> {
  const pieces = new Pieces(request.buffer);
  let position = 0;
  for (const term of record.terms) {
    const termEnd = position + term.bytes;
    if (termEnd > request.start && position < request.end) {
      yield* readTerm(tools, record.sha256, term, { position, request, pieces });
    }
    position = termEnd;
  }
  yield* pieces.rest();
}

type TermContext = { position: number; readonly request: ReadRequest; readonly pieces: Pieces };

async function* readTerm(
  tools: ReadTools,
  sha256: Sha256,
  term: FileRecord['terms'][number],
  context: TermContext
): AsyncGenerator<Uint8Array> {
  const { request, pieces } = context;
  const reader = await XorbReader.open(tools, term.xorb);
  try {
    for (let index = term.start; index < term.end; index++) {
      const length = reader.chunks.length(index);
      const from = Math.max(0, request.start - context.position);
      const to = Math.min(length, request.end - context.position);
      if (from < to) {
        yield* pieces.push((await reader.chunk(index)).subarray(from, to));
      }
      context.position += length;
    }
  } catch (error) {
    if (hasCode(error, 'OBJECT_CORRUPT')) {
      await tools.catalog.markDamaged(term.xorb);
      throw new BranchbookError(error.code, error.message, { sha256, ...error.data }, error.hint);
    }
    throw error;
  } finally {
    await reader.close();
  }
}

/** Bytes of a file in git-lfs's cache, which knows only the hash of the whole: it is checked first. */
export async function* readLfsObject(
  tools: ReadTools,
  sha256: Sha256,
  request: ReadRequest
): AsyncGenerator<Uint8Array> {
  const path = tools.layout.lfsObject(sha256);
  const handle = await tools.files.open(path, 'read');
  try {
    await verifyWhole(handle.read.bind(handle), sha256, path);
    for (let at = request.start; at < request.end;) {
      const piece = request.buffer().subarray(0, request.end - at);
      const count = await handle.read(piece, at);
      if (count === 0) {
        return;
      }
      yield piece.subarray(0, count);
      at += count;
    }
  } finally {
    await handle.close();
  }
}

async function verifyWhole(
  read: (buffer: Uint8Array, position: number) => Promise<number>,
  sha256: Sha256,
  path: string
): Promise<void> {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(PIECE_BYTES);
  let position = 0;
  for (let count = -1; count !== 0; position += count) {
    count = await read(buffer, position);
    hash.update(buffer.subarray(0, count));
  }
  if (hash.digest('hex') !== sha256) {
    const message = `The git-lfs object ${path} is damaged: its bytes do not match its name.`;
    const repair = 'Delete that file and run `git lfs fetch`.';
    throw new BranchbookError('OBJECT_CORRUPT', message, { sha256, repair }, `${repair} ${REPAIR}`);
  }
}
