import { PageConfig } from '@jupyterlab/coreutils';
import { type CommandEnvironment, reporting } from './command-environment';

/** True in a server of a JupyterHub. */
export const isServerShareable = (): boolean => PageConfig.getOption('hubPrefix') !== '';

/** Share the running server through JupyterHub. Only there: elsewhere nobody else could sign in to it. */
export function addShareServerCommand(env: CommandEnvironment): void {
  const { trans, branchbook } = env;
  env.commands.addCommand('branchbook:share-server', {
    label: trans.__('Share This Running Server…'),
    caption: trans.__('Let others work in this server as you, through JupyterHub'),
    describedBy: { args: { type: 'object', properties: {} } },
    isVisible: isServerShareable,
    isEnabled: isServerShareable,
    execute: () =>
      reporting(env, async () => {
        const [{ ServerSharesModel }, { showServerShares }] = await Promise.all([
          import('../namespace/server-shares-model'),
          import('../namespace/server-shares')
        ]);
        await showServerShares(new ServerSharesModel(branchbook), trans);
      })
  });
}
