/**
 * What a device may make of everything that was not flushed when the power went, after SQLite's crash tests
 * (test6.c): each change of a directory is there or not, each sector of a file is the new one, the old one or rubbish.
 */

/** The unit that a device writes as a whole, in bytes. */
const SECTOR = 512;

/** Decides for one loss of power. */
export interface IFate {
  /** On a device that keeps the order: how many of so many waiting changes of directories reached it. */
  keepsFirst(total: number): number;
  /** On any other: did the next one? */
  keeps(): boolean;
  /** What is left of a file whose durable bytes were `before` and whose written ones `after`. */
  contentOf(before: Uint8Array, after: Uint8Array): Uint8Array;
}

/** Nothing that was not flushed is left. */
export const nothing: IFate = { keepsFirst: () => 0, keeps: () => false, contentOf: before => before };

/** One of many fates. `random` gives numbers in [0, 1): the same numbers make the same fate. */
export function createFate(random: () => number): IFate {
  const kept = [0, 0.1, 0.5, 0.9, 1][Math.floor(random() * 5)]!;
  return {
    keepsFirst: total => Math.floor(random() * (total + 1)),
    keeps: () => random() < kept,
    contentOf: (before, after) => (random() < kept / 2 ? after : damaged(before, after, kept, random))
  };
}

/** Sectors of both, rubbish among them. The length may be the new one although the bytes are not. */
function damaged(before: Uint8Array, after: Uint8Array, kept: number, random: () => number): Uint8Array {
  const length = random() < 0.5 ? after.length : Math.min(after.length, Math.floor(random() * (after.length + 1)));
  const result = new Uint8Array(random() < 0.2 ? before.length : length);
  for (let at = 0; at < result.length; at += SECTOR) {
    const end = Math.min(at + SECTOR, result.length);
    const chance = random();
    if (chance < kept) {
      result.set(after.subarray(at, end), at);
    } else if (chance < kept + (1 - kept) / 4) {
      result.fill(Math.floor(random() * 256), at, end);
    } else {
      result.set(before.subarray(at, end), at);
    }
  }
  return result;
}
