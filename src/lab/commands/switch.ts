import { argument, type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** Switch to a branch; without one, open the branch menu. */
export function addSwitchCommand(env: CommandEnvironment, openMenu: () => Promise<void>): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:switch', {
    label: args => (args['branch'] ? trans.__('Switch to %1', String(args['branch'])) : trans.__('Switch Branch…')),
    caption: trans.__('Make notebooks, data and models those of another branch'),
    describedBy: describeArgs({ branch: 'Branch to switch to; the branch menu opens when missing' }),
    execute: args => {
      const branch = argument(args, 'branch');
      return branch === undefined
        ? openMenu()
        : inProject(env, args, project => env.branchbook.switchBranch(project, { branch }));
    }
  });
}
