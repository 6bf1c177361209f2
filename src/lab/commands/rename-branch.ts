import { InputDialog } from '@jupyterlab/apputils';
import { argument, type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** Give a branch another name. */
export function addRenameBranchCommand(env: CommandEnvironment): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:rename-branch', {
    label: trans.__('Rename Branch…'),
    caption: trans.__('Give a branch another name'),
    describedBy: describeArgs({
      branch: 'Branch to rename; the current one when missing',
      to: 'The new name; asked for when missing'
    }),
    execute: args =>
      inProject(env, args, async project => {
        const name = argument(args, 'branch') ?? project.status?.branch ?? '';
        const to = argument(args, 'to') ?? (await askName(env, name));
        if (to && to !== name) {
          await project.run('branch', { action: 'rename', name, to });
        }
      })
  });
}

async function askName({ trans }: CommandEnvironment, name: string): Promise<string | null> {
  const { button, value } = await InputDialog.getText({
    title: trans.__('Rename branch %1', name),
    label: trans.__('New name'),
    text: name,
    okLabel: trans.__('Rename')
  });
  return button.accept ? value : null;
}
