const BARS = '▁▂▃▄▅▆▇█';

/** A line of bars as high as the values, the lowest of which has the lowest bar; a gap where there is none. */
export function sparkline(values: readonly (number | null)[]): string {
  const known = values.filter(value => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return values
    .map(value => {
      if (value === null) {
        return ' ';
      }
      return BARS[high === low ? 3 : Math.round(((value - low) / (high - low)) * (BARS.length - 1))]!;
    })
    .join('');
}
