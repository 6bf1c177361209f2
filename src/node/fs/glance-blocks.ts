/**
 * Looking at many files from two threads: both take the next block of paths until there is none. What the helper saw
 * stands in shared memory; what the main thread saw it tells at once.
 */
import * as fs from 'node:fs';
import type { Glance } from '../../core/port';

/** Paths that a thread takes at once. */
export const BLOCK = 128;
/** Doubles of one glance: mode, size, ino, mtimeMs, ctimeMs. */
const FIELDS = 5;
/** In place of the mode: there is no such file; the look failed. */
const ABSENT = -1;
const FAILED = -2;

/** Shared by the threads. */
export type GlancePlaces = {
  /** [0]: the next block; [1 + n]: 1 when the helper has seen all of block n. */
  readonly blocks: Int32Array;
  readonly seen: Float64Array;
};

export function makePlaces(count: number): GlancePlaces {
  const blocks = Math.ceil(count / BLOCK);
  return {
    blocks: new Int32Array(new SharedArrayBuffer(4 * (1 + blocks))),
    seen: new Float64Array(new SharedArrayBuffer(8 * FIELDS * count))
  };
}

/** The next block nobody has taken; null when all are. */
export function takeBlock({ blocks }: GlancePlaces): number | null {
  const block = Atomics.add(blocks, 0, 1);
  return block < blocks.length - 1 ? block : null;
}

const QUIETLY = { throwIfNoEntry: false } as const;

/** For the helper: look at blocks until all are taken. */
export function lookAtBlocks(paths: readonly string[], places: GlancePlaces): void {
  for (let block = takeBlock(places); block !== null; block = takeBlock(places)) {
    const end = Math.min((block + 1) * BLOCK, paths.length);
    for (let at = block * BLOCK; at < end; at += 1) {
      note(places.seen, at, paths[at] as string);
    }
    Atomics.store(places.blocks, 1 + block, 1);
  }
}

function note(seen: Float64Array, at: number, path: string): void {
  const place = at * FIELDS;
  try {
    const stats = fs.lstatSync(path, QUIETLY);
    if (!stats) {
      seen[place] = ABSENT;
      return;
    }
    seen[place] = stats.mode;
    seen[place + 1] = stats.size;
    seen[place + 2] = stats.ino;
    seen[place + 3] = stats.mtimeMs;
    seen[place + 4] = stats.ctimeMs;
  } catch {
    seen[place] = FAILED;
  }
}

/** True when the helper has seen the whole block. */
export const isSeen = ({ blocks }: GlancePlaces, block: number): boolean => Atomics.load(blocks, 1 + block) === 1;

/** What the helper saw; undefined when its look failed: the caller looks again and meets the error itself. */
export function seenAt({ seen }: GlancePlaces, at: number): Glance | null | undefined {
  const place = at * FIELDS;
  const mode = seen[place] as number;
  if (mode < 0) {
    return mode === ABSENT ? null : undefined;
  }
  return {
    mode,
    size: seen[place + 1] as number,
    ino: seen[place + 2] as number,
    mtimeMs: seen[place + 3] as number,
    ctimeMs: seen[place + 4] as number
  };
}
