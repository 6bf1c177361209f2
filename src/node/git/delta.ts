/** An object as changes to another one (Documentation/gitformat-pack.adoc, "Deltified representation"). */

/** A number in groups of seven bits, the lowest first. */
function readSize(delta: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let scale = 1;
  for (let at = start; ; at += 1) {
    const byte = delta[at];
    if (byte === undefined) {
      throw new RangeError('a delta ends in the middle of a number');
    }
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) {
      return { value, end: at + 1 };
    }
  }
}

/** Size of the object that the delta makes, in bytes. */
export function deltaResultSize(delta: Uint8Array): number {
  return readSize(delta, readSize(delta, 0).end).value;
}

/** RangeError when the delta does not fit the base. */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Uint8Array {
  const source = readSize(delta, 0);
  const target = readSize(delta, source.end);
  if (source.value !== base.length) {
    throw new RangeError('a delta was made for another object');
  }
  const result = new Uint8Array(target.value);
  let filled = 0;
  let at = target.end;
  /** The bytes of a number that the instruction says are there. */
  const operand = (bits: number, count: number): number => {
    let value = 0;
    for (let index = 0; index < count; index += 1) {
      value += bits & (1 << index) ? (delta[at++] ?? 0) * 2 ** (8 * index) : 0;
    }
    return value;
  };
  while (at < delta.length) {
    const instruction = delta[at++] as number;
    const copies = instruction >= 0x80;
    const from = copies ? operand(instruction & 0xf, 4) : at;
    const length = copies ? operand((instruction >> 4) & 7, 3) || 0x10000 : instruction;
    const piece = (copies ? base : delta).subarray(from, from + length);
    if (length === 0 || piece.length !== length) {
      throw new RangeError('a delta reaches beyond its base');
    }
    result.set(piece, filled);
    filled += length;
    at += copies ? 0 : length;
  }
  if (filled !== result.length) {
    throw new RangeError('a delta makes less than it says');
  }
  return result;
}
