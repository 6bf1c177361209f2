/**
 * BLAKE3 in keyed mode, after its specification (https://github.com/BLAKE3-team/BLAKE3-specs). For machines that have
 * neither a native library nor WebAssembly: plain arithmetic, a hundredth of the native speed, the same bytes.
 */
const BLOCK_BYTES = 64;
const LEAF_BYTES = 1024;
const ROUNDS = 7;

const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;
const KEYED_HASH = 16;

const IV = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a] as const;
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

/** Which word of the block is used where, round after round. */
const SCHEDULE = Uint8Array.from({ length: ROUNDS * 16 }, (_, at) => {
  let word = at % 16;
  for (let round = Math.floor(at / 16); round > 0; round--) {
    word = PERMUTATION[word]!;
  }
  return word;
});

/** The four words that each of a round's eight quarters mixes: columns, then diagonals. */
const QUARTERS = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14]
] as const;

const state = new Int32Array(16);

const rotate = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

function mix(a: number, b: number, c: number, d: number, x: number, y: number): void {
  const s = state;
  s[a] = s[a]! + s[b]! + x;
  s[d] = rotate(s[d]! ^ s[a]!, 16);
  s[c] = s[c]! + s[d]!;
  s[b] = rotate(s[b]! ^ s[c]!, 12);
  s[a] = s[a]! + s[b]! + y;
  s[d] = rotate(s[d]! ^ s[a]!, 8);
  s[c] = s[c]! + s[d]!;
  s[b] = rotate(s[b]! ^ s[c]!, 7);
}

/** Mix a block of 16 words into `chaining` (8 words), in place. */
function compress(chaining: Int32Array, block: Int32Array, counter: number, length: number, flags: number): void {
  state.set(chaining);
  state.set(IV, 8);
  state[12] = counter;
  state[13] = Math.floor(counter / 2 ** 32);
  state[14] = length;
  state[15] = flags;
  for (let round = 0; round < ROUNDS; round++) {
    for (let quarter = 0; quarter < 8; quarter++) {
      const [a, b, c, d] = QUARTERS[quarter]!;
      const at = round * 16 + quarter * 2;
      mix(a, b, c, d, block[SCHEDULE[at]!]!, block[SCHEDULE[at + 1]!]!);
    }
  }
  for (let i = 0; i < 8; i++) {
    chaining[i] = state[i]! ^ state[i + 8]!;
  }
}

/** The `length` bytes at `start` as 16 words, filled up with zeros. */
function readBlock(bytes: Uint8Array, start: number, length: number): Int32Array {
  const block = new Int32Array(16);
  for (let i = 0; i < length; i++) {
    block[i >> 2]! |= bytes[start + i]! << (8 * (i & 3));
  }
  return block;
}

/** Chaining value of a leaf of at most 1024 bytes. */
function hashLeaf(key: Int32Array, bytes: Uint8Array, start: number, end: number, root: number): Int32Array {
  const chaining = key.slice();
  let at = start;
  do {
    const length = Math.min(BLOCK_BYTES, end - at);
    const first = at === start ? CHUNK_START : 0;
    const last = at + length === end ? CHUNK_END | root : 0;
    compress(chaining, readBlock(bytes, at, length), start / LEAF_BYTES, length, KEYED_HASH | first | last);
    at += length;
  } while (at < end);
  return chaining;
}

/** Chaining value of a subtree: its left half is the largest power of two of leaves that leaves something to the right. */
function hashTree(key: Int32Array, bytes: Uint8Array, start: number, end: number, root: number): Int32Array {
  if (end - start <= LEAF_BYTES) {
    return hashLeaf(key, bytes, start, end, root);
  }
  const leaves = Math.ceil((end - start) / LEAF_BYTES);
  const middle = start + LEAF_BYTES * 2 ** (31 - Math.clz32(leaves - 1));
  const block = new Int32Array(16);
  block.set(hashTree(key, bytes, start, middle, 0));
  block.set(hashTree(key, bytes, middle, end, 0), 8);
  const chaining = key.slice();
  compress(chaining, block, 0, BLOCK_BYTES, KEYED_HASH | PARENT | root);
  return chaining;
}

/** 32 bytes. `key` has 32, too. */
export function keyedBlake3(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const words = readBlock(key, 0, key.length).subarray(0, 8);
  const hash = hashTree(words, bytes, 0, bytes.length, ROOT);
  return Uint8Array.from({ length: 32 }, (_, i) => hash[i >> 2]! >>> (8 * (i & 3)));
}
