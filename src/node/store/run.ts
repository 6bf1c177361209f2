import type { Catalog, FileRecord, XorbRecord } from './catalog';
import { findLast } from './xorb-map';

/** A wanted part of a file that lies in one xorb. Plain data: any thread can read it. */
export type Run = {
  readonly xorb: XorbRecord;
  /** Chunks of the term it belongs to: first index, and the one behind the last. */
  readonly start: number;
  readonly end: number;
  /** Where the term lies in the file, and its length, in bytes. */
  readonly at: number;
  readonly bytes: number;
  /** The wanted bytes of the file, all within the term. */
  readonly from: number;
  readonly to: number;
};

/** The runs that make up bytes `[from, to)` of a file, in order. */
export function runsOf(catalog: Catalog, { terms }: FileRecord, from: number, to: number): readonly Run[] {
  const runs: Run[] = [];
  for (let i = findLast(terms.length, index => terms[index]!.at <= from); i < terms.length; i++) {
    const { at, bytes, xorb, start, end } = terms[i]!;
    if (at >= to) {
      break;
    }
    const run = { at, bytes, start, end, from: Math.max(at, from), to: Math.min(at + bytes, to) };
    if (run.from < run.to) {
      runs.push({ xorb: catalog.xorbs[xorb]!, ...run });
    }
  }
  return runs;
}
