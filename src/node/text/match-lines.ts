import { LCS } from 'node-diff3';
import type { ILCSResult } from 'node-diff3';
import type { CommonLines, MatchLines } from '../../core/port';

/** Hunt and McIlroy, An Algorithm for Differential File Comparison, 1976. */
export const matchLines: MatchLines = (from, to) => {
  const runs: CommonLines[] = [];
  // The chain leads from the last common line to the first; its end stands before both texts.
  for (let at: ILCSResult | null = LCS([...from], [...to]); at && at.buffer1index >= 0; at = at.chain) {
    const next = runs.at(-1);
    if (next && next.from === at.buffer1index + 1 && next.to === at.buffer2index + 1) {
      runs[runs.length - 1] = { from: at.buffer1index, to: at.buffer2index, length: next.length + 1 };
    } else {
      runs.push({ from: at.buffer1index, to: at.buffer2index, length: 1 });
    }
  }
  return runs.reverse();
};
