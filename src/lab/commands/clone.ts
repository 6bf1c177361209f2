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
          address: {
            type: 'string',
            description: 'PLACE/NAMESPACE/PROJECT; chosen in the dialog, or asked for when missing'
          },
          folder: { type: 'string', description: 'Contents path of the new folder' },
          branch: { type: 'string', description: 'Branch to check out' },
          lazy: { type: 'boolean', description: 'Bring data and models only when they are opened' }
        }
      }
    },
    isEnabled: () => !branchbook.unavailable,
    execute: args =>
      reporting(env, async () => {
        // Not before it is needed.
        const [{ cloneHere }, { openWorkspace }] = await Promise.all([
          import('../share/clone'),
          import('../share/open-workspace')
        ]);
        const choice = choiceIn(args) ?? (await ask(env, argument(args, 'address')));
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

async function ask(env: CommandEnvironment, wanted?: string): Promise<Choice | null> {
  const [{ askPlace }, { folderForClones, freeFolder }] = await Promise.all([
    import('../share/picker/picker-dialog'),
    import('../share/clone')
  ]);
  return askPlace({
    mode: 'clone',
    run: (verb, args, options) => env.branchbook.run(verb, args, options),
    projectName: '',
    folderFor: name => freeFolder(env, folderForClones(env), name),
    ...(wanted !== undefined && { wanted }),
    trans: env.trans
  });
}
