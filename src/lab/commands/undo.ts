import { Notification } from '@jupyterlab/apputils';
import { type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** Take back one Branchbook operation after another, whatever they were; and put them back in turn. */
export function addUndoCommands(env: CommandEnvironment): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:undo', {
    label: trans.__('Undo Last Branchbook Operation'),
    caption: trans.__('Take back the last snapshot, switch, merge, restore or branch change; then the one before it'),
    describedBy: describeArgs({}),
    execute: args =>
      inProject(env, args, async project => {
        const result = await env.branchbook.withDocuments(project, () => project.run('undo', {}));
        if (result?.undone) {
          Notification.success(trans.__('Took back: %1', result.undone.description));
        }
      })
  });
  env.commands.addCommand('branchbook:redo', {
    label: trans.__('Redo Branchbook Operation'),
    caption: trans.__('Put back the operation undone last'),
    describedBy: describeArgs({}),
    execute: args =>
      inProject(env, args, async project => {
        const result = await env.branchbook.withDocuments(project, () => project.run('undo', { redo: true }));
        if (result?.redone) {
          Notification.success(trans.__('Done again: %1', result.redone.description));
        }
      })
  });
}
