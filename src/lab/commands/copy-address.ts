import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import { argument, type CommandEnvironment } from './command-environment';
import { contextTarget } from './context-target';

/** Put a version's address on the clipboard, to paste into a cell or a terminal. */
export function addCopyAddressCommand(env: CommandEnvironment, app: JupyterFrontEnd): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:copy-address', {
    label: trans.__('Copy Address'),
    caption: trans.__('Copy the address of this version, usable in every command'),
    describedBy: { args: { type: 'object', properties: { address: { type: 'string', description: 'What to copy' } } } },
    execute: args => {
      const address = argument(args, 'address') ?? contextTarget(app, 'bbAddress');
      if (address !== undefined) {
        Clipboard.copyToSystem(address);
        Notification.info(trans.__('Copied %1', address), { autoClose: 3000 });
      }
    }
  });
}
