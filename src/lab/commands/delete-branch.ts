import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { type BranchbookError, hasCode } from '../../core/error';
import type { IProjectModel } from '../tokens';
import { branchArgument, type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** Delete a branch; asks when its commits are on no other branch. */
export function addDeleteBranchCommand(env: CommandEnvironment): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:delete-branch', {
    label: trans.__('Delete Branch…'),
    caption: trans.__('Delete a branch; its snapshots stay where other branches hold them'),
    describedBy: describeArgs({ branch: 'Branch to delete; asked for when missing' }),
    execute: args =>
      inProject(env, args, async project => {
        const name = await branchArgument(env, project, args, trans.__('Delete branch'));
        if (name && (await remove(env, project, name))) {
          Notification.success(trans.__('Deleted branch %1.', name), {
            actions: [{ label: trans.__('Undo'), callback: () => void env.commands.execute('branchbook:undo', {}) }]
          });
        }
      })
  });
}

async function remove(env: CommandEnvironment, project: IProjectModel, name: string): Promise<boolean> {
  try {
    await project.run('branch', { action: 'delete', name });
    return true;
  } catch (error) {
    if (!hasCode(error, 'BRANCH_NOT_MERGED')) {
      throw error;
    }
    const agreed = await confirmUnmerged(env, name, error);
    if (agreed) {
      await project.run('branch', { action: 'delete', name, force: true });
    }
    return agreed;
  }
}

async function confirmUnmerged({ trans }: CommandEnvironment, name: string, error: BranchbookError): Promise<boolean> {
  const { button } = await showDialog({
    title: trans.__('Delete %1 although it is not merged?', name),
    body: trans.__('%1 Undo brings the branch back.', error.message),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Keep it') }),
      Dialog.warnButton({ label: trans.__('Delete anyway') })
    ],
    defaultButton: 0
  });
  return button.accept;
}
