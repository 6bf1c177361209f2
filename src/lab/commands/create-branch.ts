import { InputDialog } from '@jupyterlab/apputils';
import type { IProjectModel } from '../tokens';
import { argument, type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** Make a branch here (or from `from`) and switch to it. */
export function addCreateBranchCommand(env: CommandEnvironment): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:create-branch', {
    label: trans.__('Create Branch…'),
    caption: trans.__('Make a branch that starts here and switch to it'),
    describedBy: describeArgs({
      name: 'Name of the new branch; asked for when missing',
      from: 'Branch or revision to start from; the current branch when missing'
    }),
    execute: args =>
      inProject(env, args, async project => {
        const name = argument(args, 'name') ?? (await askName(env, project));
        const from = argument(args, 'from');
        if (name) {
          await project.run('branch', { action: 'create', name, ...(from ? { from } : {}) });
          await env.branchbook.switchBranch(project, { branch: name });
        }
      })
  });
}

async function askName({ trans }: CommandEnvironment, project: IProjectModel): Promise<string | null> {
  const { button, value } = await InputDialog.getText({
    title: trans.__('Create a branch from %1', project.status?.branch ?? 'HEAD'),
    label: trans.__('Name'),
    placeholder: trans.__('for example experiment-2'),
    okLabel: trans.__('Create')
  });
  return button.accept ? value : null;
}
