import { Notification } from '@jupyterlab/apputils';
import { hasCode } from '../../core/error';
import type { MergeArgs, MergeConflict, MergeResult } from '../../core/model/merge';
import { askAboutConflicts } from '../switch/conflict-dialog';
import { askToSnapshotFirst } from '../switch/switch-dialogs';
import type { IProjectModel } from '../tokens';
import { branchArgument, type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** Merge a branch into the current one. */
export function addMergeBranchCommand(env: CommandEnvironment): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:merge-branch', {
    label: trans.__('Merge Branch…'),
    caption: trans.__('Bring the changes of another branch into the current one'),
    describedBy: describeArgs({ branch: 'Branch to merge into the current one; asked for when missing' }),
    execute: args =>
      inProject(env, args, async project => {
        const branch = await branchArgument(env, project, args, trans.__('Merge'));
        const result = branch && (await mergeWithDecisions(env, project, { branch }));
        if (result) {
          Notification.success(describe(env, result));
        }
      })
  });
}

/** Merge with open documents kept in step, asking for what only the user can decide. null when cancelled. */
export async function mergeWithDecisions(
  env: CommandEnvironment,
  project: IProjectModel,
  args: MergeArgs
): Promise<MergeResult | null> {
  const head = project.status?.branch ?? '';
  const current = args.into ?? head;
  const merge = (): Promise<MergeResult> => project.run('merge', args);
  try {
    // Only the branch that is checked out has documents.
    return await (current === head ? env.branchbook.withDocuments(project, merge) : merge());
  } catch (error) {
    if (hasCode(error, 'MERGE_CONFLICT') && !args.ours && !args.theirs) {
      const conflicts = (error.data['conflicts'] ?? []) as readonly MergeConflict[];
      const sides = await askAboutConflicts(conflicts, { ours: current, theirs: args.branch }, env.trans);
      return sides && mergeWithDecisions(env, project, { ...args, ...sides });
    }
    if (hasCode(error, 'WORK_TREE_DIRTY') && (await askToSnapshotFirst(error, head, env.trans))) {
      await project.run('snapshot', {});
      return mergeWithDecisions(env, project, args);
    }
    if (hasCode(error, 'WORK_TREE_DIRTY')) {
      return null;
    }
    throw error;
  }
}

function describe({ trans }: CommandEnvironment, result: MergeResult): string {
  return result.kind === 'up-to-date'
    ? trans.__('%1 already holds everything of %2.', result.branch, result.merged)
    : trans.__('Merged %1 into %2.', result.merged, result.branch);
}
