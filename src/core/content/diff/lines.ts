/** The difference of two texts, line by line. */
import type { DiffLine, TextDiff } from '../../model/diff';
import type { MatchLines } from '../../port';
import { commonLines } from './match';

/** Unchanged lines shown before and after a change. */
const CONTEXT = 3;
const MAX_LINES = 5000;
const MAX_LINE_LENGTH = 2000;

/** Lines without their line ends; a text that ends with one has no empty last line. */
export function splitLines(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** All lines of both texts. A change is told as what was removed, then what was added. */
export function diffLines(from: string, to: string, match: MatchLines): readonly DiffLine[] {
  const [left, right] = [splitLines(from), splitLines(to)];
  const lines: DiffLine[] = [];
  let [a, b] = [0, 0];
  const changed = (untilA: number, untilB: number): void => {
    for (; a < untilA; a++) {
      lines.push(line('-', left[a]!));
    }
    for (; b < untilB; b++) {
      lines.push(line('+', right[b]!));
    }
  };
  for (const run of commonLines(left, right, match)) {
    changed(run.from, run.to);
    for (let index = 0; index < run.length; index++, a++, b++) {
      lines.push(line(' ', left[a]!));
    }
  }
  changed(left.length, right.length);
  return lines;
}

function line(mark: DiffLine['mark'], text: string): DiffLine {
  return { mark, text: text.length > MAX_LINE_LENGTH ? `${text.slice(0, MAX_LINE_LENGTH - 1)}…` : text };
}

/** Changes with a little of what stands around them. Texts that differ in line ends only have no lines. */
export function diffText(from: string, to: string, match: MatchLines): TextDiff {
  const lines = withContext(diffLines(from, to, match));
  return { kind: 'text', lines: lines.slice(0, MAX_LINES), truncated: lines.length > MAX_LINES };
}

/** Longer runs of unchanged lines become one `@` with their number. */
export function withContext(lines: readonly DiffLine[]): readonly DiffLine[] {
  const shown: DiffLine[] = [];
  for (let start = 0; start < lines.length;) {
    let end = start;
    while (end < lines.length && lines[end]!.mark === ' ') {
      end += 1;
    }
    if (end > start) {
      const before = start === 0 ? 0 : CONTEXT;
      const after = end === lines.length ? 0 : CONTEXT;
      shown.push(...shorten(lines.slice(start, end), before, after));
      start = end;
    } else {
      shown.push(lines[start]!);
      start += 1;
    }
  }
  return shown.every(({ mark }) => mark === '@') ? [] : shown;
}

function shorten(run: readonly DiffLine[], before: number, after: number): readonly DiffLine[] {
  const hidden = run.length - before - after;
  if (hidden <= 1) {
    return run;
  }
  const gap: DiffLine = { mark: '@', text: `${hidden} unchanged lines` };
  return [...run.slice(0, before), gap, ...run.slice(run.length - after)];
}
