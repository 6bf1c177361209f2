/** Hashes of the Xet protocol (v1.1.0, https://huggingface.co/docs/xet/hashing): keyed BLAKE3 and Merkle trees over it. */
import type { XetHash } from '../model/asset';

/** Bytes of every hash. */
export const HASH_BYTES = 32;

/** What a hash is of; each has its own key in the protocol. */
export type HashKind = 'chunk' | 'node' | 'range' | 'file';

/** The keys of the protocol. */
export const hashKeys: { readonly [kind in HashKind]: Uint8Array } = {
  chunk: fromHex('6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229'),
  node: fromHex('017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f'),
  range: fromHex('7f1857d6ce56ed66127ff913e7a5c3f3a4cd26d5b5db49e64124987f28fb94c3'),
  file: new Uint8Array(HASH_BYTES)
};

/** BLAKE3 in keyed mode. */
export interface IHasher {
  /** 32 bytes. */
  hash(kind: HashKind, bytes: Uint8Array): Uint8Array;
}

/** One leaf of a Merkle tree: the hash of a chunk and its bytes. */
export type HashedChunk = { readonly hash: Uint8Array; readonly length: number };

const DIGITS = Uint8Array.from('0123456789abcdef', digit => digit.charCodeAt(0));

/** In one piece: a text put together digit by digit takes ten times the memory until it is first compared. */
export function toHex(bytes: Uint8Array): string {
  const codes = new Array<number>(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    codes[2 * i] = DIGITS[bytes[i]! >> 4]!;
    codes[2 * i + 1] = DIGITS[bytes[i]! & 15]!;
  }
  return String.fromCharCode(...codes);
}

/** Value of a hexadecimal digit, given as its character code. */
function valueOf(code: number): number {
  return code <= 57 ? code - 48 : code - 87;
}

export function fromHex(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (valueOf(digits.charCodeAt(2 * i)) << 4) | valueOf(digits.charCodeAt(2 * i + 1));
  }
  return bytes;
}

/** The protocol prints a hash as four little-endian 64-bit numbers: every group of 8 bytes stands reversed. */
function reverseGroups(bytes: Uint8Array): Uint8Array {
  const reversed = new Uint8Array(HASH_BYTES);
  for (let i = 0; i < HASH_BYTES; i++) {
    reversed[i] = bytes[i ^ 7]!;
  }
  return reversed;
}

export function spellHash(bytes: Uint8Array): XetHash {
  return toHex(reverseGroups(bytes));
}

export function parseHash(hash: XetHash): Uint8Array {
  return reverseGroups(fromHex(hash));
}

export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < HASH_BYTES; i++) {
    if (a[i] !== b[i]) {
      return false;
    }
  }
  return true;
}

const MEAN_GROUP = 4;
const LARGEST_GROUP = 2 * MEAN_GROUP + 1;

/** A node closes its group when it is divisible by 4 as a number (its last 64-bit group) and at least the third. */
function closesGroup(group: readonly HashedChunk[]): boolean {
  const last = group[group.length - 1]!;
  return group.length >= LARGEST_GROUP || (group.length > 2 && last.hash[24]! % MEAN_GROUP === 0);
}

const encoder = new TextEncoder();

function mergeNodes(hasher: IHasher, nodes: readonly HashedChunk[]): HashedChunk {
  const lines = nodes.map(node => `${spellHash(node.hash)} : ${node.length}\n`).join('');
  return {
    hash: hasher.hash('node', encoder.encode(lines)),
    length: nodes.reduce((sum, node) => sum + node.length, 0)
  };
}

/** Merkle tree with 2 to 9 children per node, built from left to right: of each level only the open group is kept. */
export class MerkleTree {
  private readonly _levels: { open: HashedChunk[]; count: number }[] = [];

  constructor(private readonly _hasher: IHasher) {}

  push(chunk: HashedChunk): void {
    this._push(0, chunk);
  }

  /** Hash of the root; 32 zero bytes for an empty tree. Nothing may be pushed afterwards. */
  root(): Uint8Array {
    for (let level = 0; level < this._levels.length; level++) {
      const { open, count } = this._levels[level]!;
      if (count === 1) {
        return open[0]!.hash;
      }
      if (open.length > 0) {
        this._push(level + 1, mergeNodes(this._hasher, open));
      }
    }
    return new Uint8Array(HASH_BYTES);
  }

  private _push(index: number, node: HashedChunk): void {
    const level = (this._levels[index] ??= { open: [], count: 0 });
    level.open.push(node);
    level.count += 1;
    if (closesGroup(level.open)) {
      const group = level.open;
      level.open = [];
      this._push(index + 1, mergeNodes(this._hasher, group));
    }
  }
}

/** Name of a xorb: the root over its chunks. */
export function xorbHash(hasher: IHasher, chunks: Iterable<HashedChunk>): Uint8Array {
  const tree = new MerkleTree(hasher);
  for (const chunk of chunks) {
    tree.push(chunk);
  }
  return tree.root();
}

/** The protocol's name of a file, from the root over its chunks; null stands for a file without chunks. */
export function fileHash(hasher: IHasher, root: Uint8Array | null): Uint8Array {
  return root ? hasher.hash('file', root) : new Uint8Array(HASH_BYTES);
}

/** Verification hash of a run of chunks: proves that whoever names the run has its chunk hashes. */
export function rangeHash(hasher: IHasher, hashes: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(hashes.length * HASH_BYTES);
  hashes.forEach((hash, i) => joined.set(hash, i * HASH_BYTES));
  return hasher.hash('range', joined);
}
