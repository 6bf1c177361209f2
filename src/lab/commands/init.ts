import { Notification } from '@jupyterlab/apputils';
import { argument, type CommandEnvironment, describeArgs, reporting } from './command-environment';

/** Start versioning a folder. */
export function addInitCommand(env: CommandEnvironment): void {
  const { trans, branchbook } = env;
  env.commands.addCommand('branchbook:init', {
    label: trans.__('Start Versioning This Folder'),
    caption: trans.__('Make the folder a Branchbook project, or manage its git repository'),
    describedBy: describeArgs({}),
    isEnabled: () => !branchbook.unavailable,
    execute: args =>
      reporting(env, async () => {
        const folder = argument(args, 'path') ?? branchbook.folder;
        const project = await branchbook.init(folder);
        Notification.success(trans.__('Branchbook now versions %1.', project.located.root));
      })
  });
}
