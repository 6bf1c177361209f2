import { cloneHere, folderForClones, freeFolder } from '../share/clone';
import { openWorkspace } from '../share/open-workspace';
import type { Choice } from '../share/picker/picker-model';
import { argument, type CommandArgs, type CommandEnvironment, reporting } from './command-environment';

/** Open a shared project: with `address` and `folder` at once, without them after a dialog. */
export function addCloneCommand(env: CommandEnvironment): void {
  const { trans, branchbook } = env;
  env.commands.addCommand('branchbook:clone', {
    label: trans.__('Open a Shared Project…'),
    caption: trans.__('Find a project in a hub, folder or bucket, and clone it here'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          address: { type: 'string', description: 'PLACE/NAMESPACE/PROJECT; asked for when missing' },
          folder: { type: 'string', description: 'Contents path of the new folder' },
          branch: { type: 'string', description: 'Branch to check out' },
          lazy: { type: 'boolean', description: 'Bring data and models only when they are opened' }
        }
      }
    },
    isEnabled: () => !branchbook.unavailable,
    execute: args =>
      reporting(env, async () => {
        const choice = choiceIn(args) ?? (await ask(env));
        const branch = argument(args, 'branch');
        const project = choice && (await cloneHere(env, { ...choice, ...(branch === undefined ? {} : { branch }) }));
        if (project) {
          await openWorkspace(env, project, null);
        }
      })
  });
}

function choiceIn(args: CommandArgs): Choice | null {
  const address = argument(args, 'address');
  const folder = argument(args, 'folder');
  return address === undefined || folder === undefined ? null : { address, folder, lazy: args['lazy'] === true };
}

async function ask(env: CommandEnvironment): Promise<Choice | null> {
  // Not before it is needed.
  const { askPlace } = await import('../share/picker/picker-dialog');
  return askPlace({
    mode: 'clone',
    run: (verb, args, options) => env.branchbook.run(verb, args, options),
    projectName: '',
    folderFor: name => freeFolder(env, folderForClones(env), name),
    trans: env.trans
  });
}
