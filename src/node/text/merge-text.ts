import { diff3Merge } from 'node-diff3';
import type { TextMerge } from '../../core/port';

/** Lines with their own line ends, so that CRLF and a missing newline at the end of the file survive. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** diff3 (Khanna, Kunal, Pierce: A Formal Investigation of Diff3, 2007) over lines. */
export const mergeText: TextMerge = (base, ours, theirs) => {
  const regions = diff3Merge(linesOf(ours), linesOf(base), linesOf(theirs), { excludeFalseConflicts: true });
  const merged: string[] = [];
  for (const region of regions) {
    if (!region.ok) {
      return null;
    }
    merged.push(...region.ok);
  }
  // A last line without newline that is no longer last would run into the next one.
  return merged.slice(0, -1).every(line => line.endsWith('\n')) ? merged.join('') : null;
};
