import { Notification } from '@jupyterlab/apputils';
import { openCell } from '../dialogs/open-cell';
import { argument, type CommandEnvironment, inProject } from './command-environment';

/** Open the notebook, at the cell, that made a version. */
export function addOpenCellCommand(env: CommandEnvironment): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:open-cell', {
    label: trans.__('Open the Cell That Made This'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          notebook: { type: 'string', description: 'Project path of the notebook' },
          cell: { type: 'string', description: 'Id of the cell to bring into view' }
        }
      }
    },
    execute: async args => {
      const notebook = argument(args, 'notebook');
      if (notebook === undefined) {
        return;
      }
      await inProject(env, args, async project => {
        const contentsPath = project.toContentsPath(notebook);
        if (contentsPath === null) {
          Notification.warning(trans.__('%1 lies outside the folder Jupyter shows.', notebook), { autoClose: 6000 });
        } else {
          await openCell(env.docManager, contentsPath, argument(args, 'cell'), trans);
        }
      });
    }
  });
}
