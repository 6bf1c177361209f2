import { MAX_CHUNK } from '../../core/chunk/chunker';
import { MerkleTree, spellHash } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import { BranchbookError } from '../../core/error';
import { CHUNK_HEADER_BYTES, decodeChunk, decodeChunkHeader, XORB_MAX_BYTES } from '../../core/format/xorb';
import type { XetHash } from '../../core/model/asset';

/** Chunks that a xorb may have, as in the reference implementation. */
export const XORB_MAX_CHUNKS = 8 * 1024;

/** Compares a pack with its name while it passes: every chunk is unpacked and hashed. Nothing unpacks to more than 128 KiB. */
export class XorbVerifier {
  private readonly _tree: MerkleTree;
  private readonly _stored: number[] = [];
  /** The chunk that has arrived in part: what is compressed is not longer than the chunk itself. */
  private readonly _rest = new Uint8Array(CHUNK_HEADER_BYTES + MAX_CHUNK);
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
    for (let at = 0; at < piece.length;) {
      const length = this._filled > 0 ? null : this._lengthAt(piece, at);
      if (length !== null && at + length <= piece.length) {
        this._take(piece.subarray(at, at + length));
        at += length;
      } else {
        at += this._keep(piece.subarray(at));
      }
    }
  }

  /** Bytes of the chunk that begins there, and of its header; null when its header has not arrived. */
  private _lengthAt(bytes: Uint8Array, at: number): number | null {
    if (bytes.length - at < CHUNK_HEADER_BYTES) {
      return null;
    }
    const { stored } = this._decode(() => decodeChunkHeader(bytes, at));
    if (stored > MAX_CHUNK || this._stored.length === XORB_MAX_CHUNKS) {
      throw this._wrong('it has a chunk that is too long, or too many');
    }
    return CHUNK_HEADER_BYTES + stored;
  }

  /** Keep what belongs to a chunk that has not arrived in full; gives how many bytes that is. */
  private _keep(bytes: Uint8Array): number {
    const length = this._lengthAt(this._rest.subarray(0, this._filled), 0);
    const count = Math.min((length ?? CHUNK_HEADER_BYTES) - this._filled, bytes.length);
    this._rest.set(bytes.subarray(0, count), this._filled);
    this._filled += count;
    if (this._filled === length) {
      this._take(this._rest.subarray(0, length));
      this._filled = 0;
    }
    return count;
  }

  /** A whole chunk, with its header. */
  private _take(packed: Uint8Array): void {
    const header = decodeChunkHeader(packed, 0);
    const chunk = this._decode(() => decodeChunk(header, packed.subarray(CHUNK_HEADER_BYTES)));
    this._tree.push({ hash: this._hasher.hash('chunk', chunk), length: header.length });
    this._stored.push(header.stored);
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
