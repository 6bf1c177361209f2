import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { RestoreResult } from '../../core/model/result';
import { confirmRestore, restoreVersion } from '../dialogs/restore';
import type { SnapshotSettings } from '../dialogs/snapshot-settings';
import type { IProjectModel } from '../tokens';
import { argument, type CommandEnvironment, inProject } from './command-environment';
import { contextTarget } from './context-target';

/** Put a version back on disk. */
export function addRestoreVersionCommand(
  env: CommandEnvironment,
  app: JupyterFrontEnd,
  settings: () => SnapshotSettings,
  stopAsking: () => void
): void {
  const { trans } = env;
  const restore = async (project: IProjectModel, address: string): Promise<RestoreResult | null> => {
    const changed = project.status?.changes.some(change => address.startsWith(`${change.path}@`)) ?? false;
    if (settings().confirmRestore || changed) {
      const answer = await confirmRestore(address, changed, trans);
      if (!answer.go) {
        return null;
      }
      if (!answer.askAgain) {
        stopAsking();
      }
    }
    return restoreVersion(env, project, address);
  };
  env.commands.addCommand('branchbook:restore-version', {
    label: trans.__('Restore This Version'),
    caption: trans.__('Put this version back on disk'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          address: { type: 'string', description: 'Version to restore, for example data/sales.parquet@main~2' }
        }
      }
    },
    execute: async args => {
      const address = argument(args, 'address') ?? contextTarget(app, 'bbAddress');
      return address === undefined ? null : inProject(env, args, project => restore(project, address));
    }
  });
}
