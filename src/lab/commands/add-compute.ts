import { BranchbookError } from '../../core/error';
import { signedIn } from '../namespace/signed-in';
import { argument, type CommandEnvironment, describeArgs, reporting } from './command-environment';

/** Register a compute endpoint in a namespace. */
export function addAddComputeCommand(env: CommandEnvironment): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:add-compute', {
    label: trans.__('Add Compute Endpoint…'),
    caption: trans.__('Let members of a namespace run notebooks on a Jupyter Server or Kernel Gateway'),
    describedBy: describeArgs({ namespace: 'Address of the namespace, PLACE/NAMESPACE' }),
    execute: args =>
      reporting(env, async () => {
        const namespace = argument(args, 'namespace');
        if (namespace === undefined) {
          throw new BranchbookError('USAGE', trans.__('Open a namespace first: endpoints are added on its page.'));
        }
        const { askEndpoint } = await import('../namespace/ask-endpoint');
        const endpoint = await askEndpoint(namespace, trans);
        if (endpoint) {
          await signedIn(env).run('compute', { action: 'add', namespace, ...endpoint });
        }
      })
  });
}
