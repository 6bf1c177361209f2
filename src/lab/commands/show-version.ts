import type { JupyterFrontEnd } from '@jupyterlab/application';
import { showVersionDetails } from '../dialogs/version-details';
import { argument, type CommandEnvironment, inProject } from './command-environment';
import { contextTarget } from './context-target';

/** Show all that is known of a version. */
export function addShowVersionCommand(env: CommandEnvironment, app: JupyterFrontEnd): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:show-version', {
    label: trans.__('Version Details'),
    caption: trans.__('Author, message, content, origin and hashes of this version'),
    describedBy: {
      args: {
        type: 'object',
        properties: { address: { type: 'string', description: 'A version, for example data/sales.parquet@main~2' } }
      }
    },
    execute: async args => {
      const address = argument(args, 'address') ?? contextTarget(app, 'bbAddress');
      if (address === undefined) {
        return;
      }
      await inProject(env, args, async project => {
        const details = await project.run('show', { address, used: true });
        if (details.kind === 'version') {
          await showVersionDetails(details, trans);
        }
      });
    }
  });
}
