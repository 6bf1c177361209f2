import { Notification } from '@jupyterlab/apputils';
import { openCell } from '../dialogs/open-cell';
import { shortId } from '../panel/words';
import type { IProjectModel } from '../tokens';
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
          cell: { type: 'string', description: 'Id of the cell to bring into view' },
          snapshot: { type: 'string', description: 'Show the notebook as it was then when it is another now' }
        }
      }
    },
    execute: async args => {
      const notebook = argument(args, 'notebook');
      if (notebook === undefined) {
        return;
      }
      await inProject(env, args, async project => {
        const cell = argument(args, 'cell');
        const snapshot = argument(args, 'snapshot');
        if (snapshot !== undefined && (await isAnother(project, notebook, snapshot))) {
          const address = `${notebook}@${shortId(snapshot)}`;
          await env.commands.execute('branchbook:open-version', { ...args, address });
          return;
        }
        const contentsPath = project.toContentsPath(notebook);
        if (contentsPath === null) {
          Notification.warning(trans.__('%1 lies outside the folder Jupyter shows.', notebook), { autoClose: 6000 });
        } else {
          await openCell(env.docManager, contentsPath, cell, trans);
        }
      });
    }
  });
}

/** True when the notebook of a snapshot is not the one on disk: a later snapshot changed it, or nobody has snapshotted it since. */
async function isAnother(project: IProjectModel, notebook: string, snapshot: string): Promise<boolean> {
  if (project.status?.changes.some(change => change.path === notebook)) {
    return true;
  }
  try {
    const [then, now] = await Promise.all([
      project.run('show', { address: `${notebook}@${snapshot}` }),
      project.run('show', { address: `${notebook}@HEAD` })
    ]);
    return then.kind === 'version' && now.kind === 'version' && then.version.id !== now.version.id;
  } catch {
    // The snapshot holds no such notebook: there is only the one on disk.
    return false;
  }
}
