/** Which lines two texts have in common, in time that stays bounded for texts of any size. */
import type { CommonLines, MatchLines } from '../../port';

/** Products of lengths that the exact way is worth. */
const MAX_PRODUCT = 16_000_000;

/** Common runs in order. Long texts are first cut at lines that stand once in each (patience diff). */
export function commonLines(from: readonly string[], to: readonly string[], match: MatchLines): readonly CommonLines[] {
  const found: CommonLines[] = [];
  const work: Span[] = [{ from: 0, fromEnd: from.length, to: 0, toEnd: to.length }];
  for (let span = work.pop(); span; span = work.pop()) {
    const middle = trim(span, from, to, found);
    if (middle.from === middle.fromEnd || middle.to === middle.toEnd) {
      continue;
    }
    const left = from.slice(middle.from, middle.fromEnd);
    const right = to.slice(middle.to, middle.toEnd);
    if (left.length * right.length <= MAX_PRODUCT) {
      const runs = match(left, right);
      runs.forEach(run => found.push({ ...run, from: run.from + middle.from, to: run.to + middle.to }));
      continue;
    }
    // Nothing that stands once in both: these parts are taken to have nothing in common.
    const anchors = longestRising(uniquePairs(left, right));
    work.push(...between(anchors, middle));
    anchors.forEach(([a, b]) => found.push({ from: middle.from + a, to: middle.to + b, length: 1 }));
  }
  return found.sort((a, b) => a.from - b.from);
}

type Span = { readonly from: number; readonly fromEnd: number; readonly to: number; readonly toEnd: number };
type Pair = readonly [number, number];

/** Equal lines at both ends are common; what is left between them. */
function trim(span: Span, from: readonly string[], to: readonly string[], found: CommonLines[]): Span {
  const limit = Math.min(span.fromEnd - span.from, span.toEnd - span.to);
  let head = 0;
  while (head < limit && from[span.from + head] === to[span.to + head]) {
    head += 1;
  }
  let tail = 0;
  while (tail < limit - head && from[span.fromEnd - 1 - tail] === to[span.toEnd - 1 - tail]) {
    tail += 1;
  }
  if (head > 0) {
    found.push({ from: span.from, to: span.to, length: head });
  }
  if (tail > 0) {
    found.push({ from: span.fromEnd - tail, to: span.toEnd - tail, length: tail });
  }
  return { from: span.from + head, fromEnd: span.fromEnd - tail, to: span.to + head, toEnd: span.toEnd - tail };
}

/** Positions of lines that stand exactly once on each side, by position on the left. */
function uniquePairs(left: readonly string[], right: readonly string[]): readonly Pair[] {
  const once = onlyOnce(right);
  const pairs: Pair[] = [];
  for (const [line, a] of onlyOnce(left)) {
    const b = once.get(line) ?? -1;
    if (a >= 0 && b >= 0) {
      pairs.push([a, b]);
    }
  }
  return pairs.sort((a, b) => a[0] - b[0]);
}

/** Position of each line; −1 when it stands there more than once. */
function onlyOnce(lines: readonly string[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  lines.forEach((line, index) => positions.set(line, positions.has(line) ? -1 : index));
  return positions;
}

/** The longest subsequence that rises on the right too. */
function longestRising(pairs: readonly Pair[]): readonly Pair[] {
  const ends: number[] = [];
  const before = new Array<number>(pairs.length).fill(-1);
  pairs.forEach((pair, index) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[ends[middle]!]![1] < pair[1]) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    before[index] = low > 0 ? ends[low - 1]! : -1;
    ends[low] = index;
  });
  const rising: Pair[] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at]!) {
    rising.push(pairs[at]!);
  }
  return rising.reverse();
}

/** What lies between anchors; nothing when there are none. */
function between(anchors: readonly Pair[], span: Span): readonly Span[] {
  if (anchors.length === 0) {
    return [];
  }
  const spans: Span[] = [];
  let [from, to] = [span.from, span.to];
  for (const [a, b] of anchors) {
    spans.push({ from, fromEnd: span.from + a, to, toEnd: span.to + b });
    [from, to] = [span.from + a + 1, span.to + b + 1];
  }
  return [...spans, { from, fromEnd: span.fromEnd, to, toEnd: span.toEnd }];
}
