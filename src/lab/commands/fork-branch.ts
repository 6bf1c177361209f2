import { InputDialog, Notification } from '@jupyterlab/apputils';
import { nameForFork } from '../share/names';
import { isViewing } from '../share/standing';
import type { IProjectModel } from '../tokens';
import { argument, type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** Go on with a branch that is only here, where those who may only look can keep changes of their own. */
export function addForkBranchCommand(env: CommandEnvironment): void {
  const { trans, branchbook, commands } = env;
  const isViewer = (): boolean => isViewing(branchbook.current?.sharing.check ?? null);
  commands.addCommand('branchbook:fork', {
    label: trans.__('Fork to a Private Branch…'),
    caption: trans.__('Make a branch that stays on this machine, and switch to it'),
    describedBy: describeArgs({ name: 'Name of the branch; asked for when missing' }),
    isVisible: isViewer,
    execute: args =>
      inProject(env, args, async project => {
        const name = argument(args, 'name') ?? (await askName(env, project));
        if (!name) {
          return null;
        }
        await project.run('branch', { action: 'create', name });
        const result = await branchbook.switchBranch(project, { branch: name });
        if (result) {
          Notification.success(trans.__('You are on %1, which only you have.', name), { autoClose: 5000 });
        }
        return result;
      })
  });
}

async function askName({ trans }: CommandEnvironment, project: IProjectModel): Promise<string | null> {
  const { button, value } = await InputDialog.getText({
    title: trans.__('Fork to a private branch'),
    label: trans.__('Name. The branch stays on this machine.'),
    text: nameForFork(project),
    okLabel: trans.__('Fork')
  });
  return button.accept ? value?.trim() || null : null;
}
