import { describe, expect, it } from 'vitest';
import type { BranchInfo } from '../../src/core/model/result';
import { byRecency, matching } from '../../src/lab/branch/branch-order';

const branch = (name: string, lastUsed: number | null, more: Partial<BranchInfo> = {}): BranchInfo => ({
  name,
  current: false,
  commit: '0'.repeat(40),
  subject: '',
  time: '2026-01-01T00:00:00Z',
  lastUsed,
  worktree: null,
  ...more
});

const names = (branches: readonly BranchInfo[]) => branches.map(({ name }) => name);

describe('branches in the menu', () => {
  it('come with the current one first, then the most recently used, then the newest', () => {
    const branches = [
      branch('old', null, { time: '2025-01-01T00:00:00Z' }),
      branch('new', null, { time: '2026-06-01T00:00:00Z' }),
      branch('used', 10),
      branch('here', 5, { current: true }),
      branch('used-later', 20)
    ];
    expect(names(byRecency(branches))).toEqual(['here', 'used-later', 'used', 'new', 'old']);
    expect(names(branches)[0]).toBe('old');
  });

  it('match every word typed, in any case and order', () => {
    const branches = [branch('Feature/Tree-Depth', null), branch('feature/linear', null)];
    expect(names(matching(branches, 'DEPTH feat'))).toEqual(['Feature/Tree-Depth']);
    expect(names(matching(branches, ''))).toHaveLength(2);
    expect(names(matching(branches, 'none'))).toEqual([]);
  });
});
