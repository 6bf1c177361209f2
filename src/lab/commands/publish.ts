import { projectNameOf } from '../share/names';
import type { IProjectModel } from '../tokens';
import { argument, type CommandEnvironment, describeArgs, inProject } from './command-environment';
import { tell } from './push';

/** Put a project that is only here where others can get at it. */
export function addPublishCommand(env: CommandEnvironment): void {
  const { trans, branchbook, commands } = env;
  commands.addCommand('branchbook:publish', {
    label: trans.__('Publish This Project…'),
    caption: trans.__('Put this project into a namespace, where others can get it'),
    describedBy: describeArgs({ to: 'PLACE/NAMESPACE/PROJECT; asked for when missing' }),
    isEnabled: () => branchbook.current !== null,
    execute: args =>
      inProject(env, args, async project => {
        const to = argument(args, 'to') ?? (await ask(env, project));
        if (to !== null) {
          const { pushWithDecisions } = await import('../share/transfer');
          const result = await pushWithDecisions(env, project, { to });
          await project.sharing.refresh().catch(() => undefined);
          tell(env, project, result);
        }
      })
  });
}

async function ask(env: CommandEnvironment, project: IProjectModel): Promise<string | null> {
  // Not before it is needed.
  const { askPlace } = await import('../share/picker/picker-dialog');
  const choice = await askPlace({
    mode: 'publish',
    run: (verb, args, options) => env.branchbook.run(verb, args, options),
    projectName: projectNameOf(project.located.root),
    folderFor: () => Promise.resolve(''),
    trans: env.trans
  });
  return choice?.address ?? null;
}
