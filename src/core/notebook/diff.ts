/** The difference of two notebooks, cell by cell. */
import { diffLines, splitLines, withContext } from '../content/diff/lines';
import type { CellDiff, NotebookDiff } from '../model/diff';
import type { MatchLines } from '../port';
import { canonical, outputsKey } from './parse';
import type { Cell, Notebook } from './parse';

/** Cells whose lines are this much alike, of 1, are versions of one cell. */
const ALIKE = 0.5;
/** Cells compared with each other at most. */
const MAX_COMPARISONS = 40_000;

type Pair = readonly [number, number];

/** In the order of the new notebook; removed cells stand where they were. Execution counts are ignored. */
export function diffNotebooks(from: Notebook, to: Notebook, match: MatchLines): NotebookDiff {
  const pairs = pairCells(from.cells, to.cells);
  const stayed = stayingPairs(pairs);
  const partner = new Map(pairs.map(([a, b]) => [b, a]));
  const gone = removedBefore(from.cells.length, pairs, stayed);
  const cells: CellDiff[] = [];
  const remove = (positions: readonly number[] = []): void =>
    positions.forEach(a => cells.push(oneSided(from.cells[a]!, 'removed', [a, null])));
  remove(gone.get(-1));
  to.cells.forEach((cell, b) => {
    const a = partner.get(b);
    if (a === undefined) {
      cells.push(oneSided(cell, 'added', [null, b]));
    } else {
      cells.push(bothSided([from.cells[a]!, cell], [a, b], stayed.has(a), match));
      remove(gone.get(a));
    }
  });
  return { kind: 'notebook', cells, metadata: canonical(from.metadata) !== canonical(to.metadata) };
}

/** Cells that are one: those with one id; without ids, or where ids changed, equal ones, then similar ones. */
function pairCells(from: readonly Cell[], to: readonly Cell[]): readonly Pair[] {
  const pairs: Pair[] = [];
  const [left, right] = [new Set(from.keys()), new Set(to.keys())];
  const pair = (a: number, b: number): void => {
    pairs.push([a, b]);
    left.delete(a);
    right.delete(b);
  };
  const ids = new Map(to.flatMap((cell, b) => (cell.id === null ? [] : [[cell.id, b] as const])));
  from.forEach((cell, a) => {
    const b = cell.id === null ? undefined : ids.get(cell.id);
    if (b !== undefined && right.has(b)) {
      pair(a, b);
    }
  });
  pairEqual(from, to, left, right, pair);
  pairSimilar(from, to, left, right, pair);
  return pairs.sort((x, y) => x[1] - y[1]);
}

type Pairing = (a: number, b: number) => void;

/** Cells of one type and source, first with first. */
function pairEqual(
  from: readonly Cell[],
  to: readonly Cell[],
  left: ReadonlySet<number>,
  right: ReadonlySet<number>,
  pair: Pairing
): void {
  const bySource = new Map<string, number[]>();
  for (const b of right) {
    const key = `${to[b]!.type}\n${to[b]!.source}`;
    bySource.set(key, [...(bySource.get(key) ?? []), b]);
  }
  for (const a of [...left]) {
    const b = bySource.get(`${from[a]!.type}\n${from[a]!.source}`)?.shift();
    if (b !== undefined && mayPair(from[a]!, to[b]!)) {
      pair(a, b);
    }
  }
}

/** Two ids that both notebooks' authors gave are two cells. */
function mayPair(from: Cell, to: Cell): boolean {
  return from.type === to.type && (from.id === null || to.id === null);
}

/** The most alike first. */
function pairSimilar(
  from: readonly Cell[],
  to: readonly Cell[],
  left: ReadonlySet<number>,
  right: ReadonlySet<number>,
  pair: Pairing
): void {
  const candidates: { readonly a: number; readonly b: number; readonly alike: number }[] = [];
  let comparisons = 0;
  for (const a of left) {
    for (const b of right) {
      if (mayPair(from[a]!, to[b]!) && comparisons++ < MAX_COMPARISONS) {
        const alike = similarity(from[a]!.source, to[b]!.source);
        if (alike >= ALIKE) {
          candidates.push({ a, b, alike });
        }
      }
    }
  }
  candidates.sort((x, y) => y.alike - x.alike || Math.abs(x.a - x.b) - Math.abs(y.a - y.b));
  for (const { a, b } of candidates) {
    if (left.has(a) && right.has(b)) {
      pair(a, b);
    }
  }
}

/** Share of words that both have (Dice), 0 to 1. */
function similarity(from: string, to: string): number {
  const words = (text: string): readonly string[] => text.slice(0, 20_000).match(/\w+|[^\s\w]/g) ?? [];
  const counts = new Map<string, number>();
  const left = words(from);
  const right = words(to);
  left.forEach(word => counts.set(word, (counts.get(word) ?? 0) + 1));
  let common = 0;
  for (const word of right) {
    const rest = counts.get(word) ?? 0;
    common += rest > 0 ? 1 : 0;
    counts.set(word, rest - 1);
  }
  return left.length + right.length === 0 ? 1 : (2 * common) / (left.length + right.length);
}

/** Old positions of the cells that did not move: the longest rising subsequence. */
function stayingPairs(pairs: readonly Pair[]): ReadonlySet<number> {
  const best: { length: number; before: number }[] = [];
  let last = -1;
  pairs.forEach(([a], index) => {
    let chosen = { length: 1, before: -1 };
    for (let earlier = 0; earlier < index; earlier++) {
      if (pairs[earlier]![0] < a && best[earlier]!.length + 1 > chosen.length) {
        chosen = { length: best[earlier]!.length + 1, before: earlier };
      }
    }
    best.push(chosen);
    last = last < 0 || chosen.length > best[last]!.length ? index : last;
  });
  const stayed = new Set<number>();
  for (let at = last; at >= 0; at = best[at]!.before) {
    stayed.add(pairs[at]![0]);
  }
  return stayed;
}

/** Removed cells by the old cell that they stood behind, of those that stayed; −1 for the beginning. */
function removedBefore(
  count: number,
  pairs: readonly Pair[],
  stayed: ReadonlySet<number>
): ReadonlyMap<number, readonly number[]> {
  const kept = new Set(pairs.map(([a]) => a));
  const gone = new Map<number, number[]>();
  let behind = -1;
  for (let a = 0; a < count; a++) {
    if (!kept.has(a)) {
      gone.set(behind, [...(gone.get(behind) ?? []), a]);
    } else if (stayed.has(a)) {
      behind = a;
    }
  }
  return gone;
}

function oneSided(cell: Cell, change: 'added' | 'removed', positions: CellDiff['positions']): CellDiff {
  const mark = change === 'added' ? '+' : '-';
  return {
    id: cell.id ?? `cell-${positions[0] ?? positions[1]}`,
    type: cell.type,
    change,
    positions,
    source: splitLines(cell.source).map(text => ({ mark, text })),
    outputs:
      cell.outputs.length === 0
        ? null
        : { from: change === 'removed' ? cell.outputs : [], to: change === 'added' ? cell.outputs : [] }
  };
}

function bothSided(
  [from, to]: readonly [Cell, Cell],
  positions: readonly [number, number],
  stays: boolean,
  match: MatchLines
): CellDiff {
  const outputs = outputsKey(from.outputs) === outputsKey(to.outputs) ? null : { from: from.outputs, to: to.outputs };
  const same = from.source === to.source && from.type === to.type;
  const metadata = canonical(from.metadata) === canonical(to.metadata);
  return {
    id: to.id ?? from.id ?? `cell-${positions[1]}`,
    type: to.type,
    change: same && !outputs && metadata ? (stays ? 'same' : 'moved') : 'changed',
    positions,
    source: same
      ? splitLines(to.source).map(text => ({ mark: ' ', text }))
      : withContext(diffLines(from.source, to.source, match)),
    outputs
  };
}
