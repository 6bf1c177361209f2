// AssemblyScript, compiled by scripts/build-wasm.mjs to ../gear-wasm.ts; not part of the TypeScript program.
// Memory: 256 gear constants (u64) at address 0, the bytes to cut anywhere above.

const MIN: usize = 8 * 1024;
const MAX: usize = 128 * 1024;
/** The hash shifts one bit per byte, so only the last 64 bytes matter. */
const WINDOW: usize = 64;

// @ts-ignore: AssemblyScript decorator
@inline
function roll(hash: u64, at: usize): u64 {
  return (hash << 1) + load<u64>(<usize>load<u8>(at) << 3);
}

// @ts-ignore: AssemblyScript decorator
@inline
function isBoundary(hash: u64): bool {
  // The upper 16 bits are zero. Measured 25 % faster than `hash >> 48 == 0`.
  return hash < 0x1000000000000;
}

/** Length of the chunk that starts at `start`, given that the data ends at `end` or goes on beyond MAX. */
export function cut(start: usize, end: usize): usize {
  const size = end - start;
  if (size <= MIN) {
    return size;
  }
  const limit = start + (size < MAX ? size : MAX);
  let hash: u64 = 0;
  let at = start + MIN - WINDOW;
  for (const first = start + MIN; at < first; at++) {
    hash = roll(hash, at);
  }
  if (isBoundary(hash)) {
    return MIN;
  }
  for (; at + 4 <= limit; at += 4) {
    hash = roll(hash, at);
    if (isBoundary(hash)) return at + 1 - start;
    hash = roll(hash, at + 1);
    if (isBoundary(hash)) return at + 2 - start;
    hash = roll(hash, at + 2);
    if (isBoundary(hash)) return at + 3 - start;
    hash = roll(hash, at + 3);
    if (isBoundary(hash)) return at + 4 - start;
  }
  for (; at < limit; at++) {
    hash = roll(hash, at);
    if (isBoundary(hash)) return at + 1 - start;
  }
  return limit - start;
}
