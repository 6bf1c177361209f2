import { PageConfig } from '@jupyterlab/coreutils';
import { type CommandEnvironment, reporting } from './command-environment';

/** Share the running server through JupyterHub. Only there: elsewhere nobody else could sign in to it. */
export function addShareServerCommand(env: CommandEnvironment): void {
  const { trans, branchbook } = env;
  env.commands.addCommand('branchbook:share-server', {
    label: trans.__('Share This Running Server…'),
    caption: trans.__('Let others work in this server as you, through JupyterHub'),
    describedBy: { args: { type: 'object', properties: {} } },
    isVisible: () => PageConfig.getOption('hubPrefix') !== '',
    isEnabled: () => PageConfig.getOption('hubPrefix') !== '',
    execute: () =>
      reporting(env, async () => {
        const [{ ServerSharesModel }, { showServerShares }] = await Promise.all([
          import('../namespace/server-shares-model'),
          import('../namespace/server-shares')
        ]);
        const model = new ServerSharesModel(branchbook);
        void model.load();
        await showServerShares(model, trans);
      })
  });
}
