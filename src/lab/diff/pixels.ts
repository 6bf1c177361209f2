/** A picture's pixels: red, green, blue, alpha, row by row. */
export type Pixels = { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray };

export type PixelDifference = Pixels & {
  /** Pixels that differ by more than `tolerance` in any channel; those that only one picture has count too. */
  readonly different: number;
};

/**
 * What differs between two pictures: the second one, pale, with the pixels that differ in `mark`.
 * Pictures of different sizes are laid over each other at their top left corner.
 */
export function pixelDifference(
  from: Pixels,
  to: Pixels,
  mark: readonly [number, number, number],
  tolerance = 0
): PixelDifference {
  const width = Math.max(from.width, to.width);
  const height = Math.max(from.height, to.height);
  const data = new Uint8ClampedArray(width * height * 4);
  let different = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const a = at(from, x, y);
      const b = at(to, x, y);
      const target = (y * width + x) * 4;
      if (differs(from.data, a, to.data, b, tolerance)) {
        different++;
        data.set([...mark, 255], target);
      } else {
        data.set([pale(to.data[b]!), pale(to.data[b + 1]!), pale(to.data[b + 2]!), to.data[b + 3]!], target);
      }
    }
  }
  return { width, height, data, different };
}

const pale = (value: number): number => 255 - (255 - value) * 0.25;

/** Where a pixel begins; −1 outside the picture. */
const at = ({ width, height }: Pixels, x: number, y: number): number =>
  x < width && y < height ? (y * width + x) * 4 : -1;

function differs(a: Uint8ClampedArray, i: number, b: Uint8ClampedArray, j: number, tolerance: number): boolean {
  if (i < 0 || j < 0) {
    return true;
  }
  // What cannot be seen has no colour.
  if (a[i + 3] === 0 && b[j + 3] === 0) {
    return false;
  }
  return [0, 1, 2, 3].some(channel => Math.abs(a[i + channel]! - b[j + channel]!) > tolerance);
}
