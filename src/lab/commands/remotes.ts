import { type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** See, add and remove the places that the project is shared at. */
export function addRemotesCommand(env: CommandEnvironment): void {
  const { trans, branchbook, commands } = env;
  commands.addCommand('branchbook:remotes', {
    label: trans.__('Remotes…'),
    caption: trans.__('Where this project is shared: hubs, folders, buckets and git hosts'),
    describedBy: describeArgs({}),
    isEnabled: () => branchbook.current !== null,
    execute: args =>
      inProject(env, args, async project => {
        // Not before it is needed.
        const { showRemotes } = await import('../share/remotes-dialog');
        await showRemotes(project, trans);
        await project.sharing.refresh();
      })
  });
}
