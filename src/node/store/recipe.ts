import { fileHash, MerkleTree, rangeHash } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import type { ChunkPlace } from './chunk-table';

/** A run of chunks of one xorb: of the store, or written by this session. */
export type IngestedTerm = {
  readonly origin: 'store' | 'session';
  /** Number in the catalog, or ordinal in the session. */
  readonly xorb: number;
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
  readonly verification: Uint8Array;
};

export type Ingested = {
  readonly size: number;
  readonly fileHash: Uint8Array;
  readonly chunks: number;
  /** Bytes of it that this session appended. */
  readonly newBytes: number;
  readonly terms: readonly IngestedTerm[];
};

type OpenTerm = {
  origin: 'store' | 'session';
  xorb: number;
  start: number;
  end: number;
  bytes: number;
  hashes: Uint8Array[];
};

/** Collects what one file is made of. */
export class Recipe {
  private readonly _terms: IngestedTerm[] = [];
  private readonly _tree: MerkleTree;
  private _open: OpenTerm | null = null;
  private _chunks = 0;
  private _size = 0;

  constructor(private readonly _hasher: IHasher) {
    this._tree = new MerkleTree(_hasher);
  }

  push(origin: 'store' | 'session', { xorb, index }: ChunkPlace, hash: Uint8Array, length: number): void {
    const open = this._open;
    if (open && open.origin === origin && open.xorb === xorb && open.end === index) {
      open.end += 1;
      open.bytes += length;
      open.hashes.push(hash);
    } else {
      this._close();
      this._open = { origin, xorb, start: index, end: index + 1, bytes: length, hashes: [hash] };
    }
    this._tree.push({ hash, length });
    this._chunks += 1;
    this._size += length;
  }

  finish(newBytes: number): Ingested {
    this._close();
    const root = this._chunks > 0 ? this._tree.root() : null;
    const hash = fileHash(this._hasher, root);
    return { size: this._size, fileHash: hash, chunks: this._chunks, newBytes, terms: this._terms };
  }

  private _close(): void {
    if (this._open) {
      const { hashes, ...term } = this._open;
      this._terms.push({ ...term, verification: rangeHash(this._hasher, hashes) });
      this._open = null;
    }
  }
}
