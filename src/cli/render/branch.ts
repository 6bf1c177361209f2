import type { BranchInfo, BranchResult } from '../../core/model/result';
import { renderSwitch } from './switch';
import { formatTime, joinLines, shortId, table } from './words';
import type { Style } from './words';

/** `action` is what was asked for. */
export function renderBranch(result: BranchResult, style: Style, action: string): string {
  const name = style.bold(result.branch ?? '');
  if (result.switched) {
    return joinLines(`Created branch ${name}.`, renderSwitch(result.switched, style));
  }
  switch (action) {
    case 'create':
      return joinLines(`Created branch ${name}.`, style.dim(`Next: branchbook switch ${result.branch}`));
    case 'rename':
      return `The branch is now called ${name}.`;
    case 'delete':
      return joinLines(`Deleted branch ${name}.`, style.dim('branchbook undo brings it back'));
    case 'worktree':
      return joinLines(`${name} is open in ${result.worktree}.`, ...(result.notices ?? []));
    default:
      return renderList(result.branches, style);
  }
}

function renderList(branches: readonly BranchInfo[], style: Style): string {
  if (branches.length === 0) {
    return 'No branch has a snapshot yet. Take the first: branchbook snapshot -m "first"';
  }
  return table(
    branches.map(branch => [
      branch.current ? style.green('*') : '',
      branch.current ? style.bold(branch.name) : branch.name,
      style.dim(shortId(branch.commit)),
      formatTime(branch.time),
      branch.worktree ? `${branch.subject} (open in ${branch.worktree})` : branch.subject
    ])
  );
}
