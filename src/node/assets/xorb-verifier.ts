import { MAX_CHUNK } from '../../core/chunk/chunker';
import { MerkleTree, spellHash } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import { BranchbookError } from '../../core/error';
import { CHUNK_HEADER_BYTES, decodeChunk, decodeChunkHeader, XORB_MAX_BYTES } from '../../core/format/xorb';
import type { XetHash } from '../../core/model/asset';

/** Chunks that a xorb may have, as in the reference implementation. */
export const XORB_MAX_CHUNKS = 8 * 1024;
/** More than the header and bytes of a chunk can take: what is compressed is not longer than the chunk itself. */
const WINDOW_BYTES = 4 * (CHUNK_HEADER_BYTES + MAX_CHUNK);

/** Compares a pack with its name while it passes: every chunk is unpacked and hashed. Nothing unpacks to more than 128 KiB. */
export class XorbVerifier {
  private readonly _tree: MerkleTree;
  private readonly _stored: number[] = [];
  private readonly _window = new Uint8Array(WINDOW_BYTES);
  private _filled = 0;
  private _seen = 0;

  constructor(
    private readonly _hasher: IHasher,
    private readonly _name: XetHash,
    private readonly _size: number
  ) {
    this._tree = new MerkleTree(_hasher);
    if (_size === 0 || _size > XORB_MAX_BYTES) {
      throw this._wrong(`it has ${_size} bytes, and may have 1 to ${XORB_MAX_BYTES}`);
    }
  }

  /** The same pieces; fails with OBJECT_CORRUPT before the end is reached when they are not what the name says. */
  async *through(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      this._push(piece);
      if (this._seen === this._size) {
        // Whoever writes must not see the last byte of what is wrong.
        this._finish();
      }
      yield piece;
    }
    if (this._seen !== this._size) {
      throw this._wrong(`it has ${this._seen} bytes instead of ${this._size}`);
    }
  }

  /** Bytes of every chunk in the pack, without headers; after all has passed. */
  get layout(): Uint32Array {
    return Uint32Array.from(this._stored);
  }

  private _push(piece: Uint8Array): void {
    this._seen += piece.length;
    if (this._seen > this._size) {
      throw this._wrong(`it has more than ${this._size} bytes`);
    }
    for (let done = 0; done < piece.length;) {
      const count = Math.min(piece.length - done, WINDOW_BYTES - this._filled);
      this._window.set(piece.subarray(done, done + count), this._filled);
      this._filled += count;
      done += count;
      this._takeWhole();
    }
  }

  /** Hash the chunks that have arrived in full, and keep the rest. */
  private _takeWhole(): void {
    let at = 0;
    while (this._filled - at >= CHUNK_HEADER_BYTES) {
      const header = this._decode(() => decodeChunkHeader(this._window, at));
      if (header.stored > MAX_CHUNK || this._stored.length === XORB_MAX_CHUNKS) {
        throw this._wrong('it has a chunk that is too long, or too many');
      }
      const end = at + CHUNK_HEADER_BYTES + header.stored;
      if (end > this._filled) {
        break;
      }
      const chunk = this._decode(() => decodeChunk(header, this._window.subarray(at + CHUNK_HEADER_BYTES, end)));
      this._tree.push({ hash: this._hasher.hash('chunk', chunk), length: header.length });
      this._stored.push(header.stored);
      at = end;
    }
    this._window.copyWithin(0, at, this._filled);
    this._filled -= at;
  }

  private _finish(): void {
    if (this._filled > 0) {
      throw this._wrong('its last chunk is cut off');
    }
    if (spellHash(this._tree.root()) !== this._name) {
      throw this._wrong('its chunks have another hash');
    }
  }

  private _decode<T>(decode: () => T): T {
    try {
      return decode();
    } catch (error) {
      throw this._wrong(BranchbookError.from(error).message);
    }
  }

  private _wrong(reason: string): BranchbookError {
    return new BranchbookError('OBJECT_CORRUPT', `The pack ${this._name} was refused: ${reason}.`, {
      xorb: this._name,
      reason
    });
  }
}
