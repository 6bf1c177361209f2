import type { BranchInfo } from '../../core/model/result';

/** Recently used branches first, then those never checked out here, newest commit first. */
export function byRecency(branches: readonly BranchInfo[]): readonly BranchInfo[] {
  const rank = (branch: BranchInfo): number => (branch.current ? Infinity : (branch.lastUsed ?? -Infinity));
  return [...branches].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    return left === right ? b.time.localeCompare(a.time) : right > left ? 1 : -1;
  });
}

/** Branches whose name holds every word of the query, in any case. */
export function matching(branches: readonly BranchInfo[], query: string): readonly BranchInfo[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return branches.filter(branch => words.every(word => branch.name.toLowerCase().includes(word)));
}
