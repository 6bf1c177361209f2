import { withProgress } from '../switch/progress-notification';
import { openDocuments } from '../switch/open-documents';
import type { IProjectModel } from '../tokens';
import { splitPath } from '../panel/words';
import { withSignIn } from '../share/sign-in';
import { argument, type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** Bring the content of an asset that stands here as a pointer only. */
export function addBringHereCommand(env: CommandEnvironment): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:bring-here', {
    label: trans.__('Bring Here'),
    caption: trans.__('Bring the content of a file that is not here yet'),
    describedBy: describeArgs({ file: 'Project path of the asset' }),
    execute: args => {
      const file = argument(args, 'file');
      return file === undefined ? null : inProject(env, args, project => bringHere(env, project, file));
    }
  });
}

/** Resolves to false when the user cancelled or would not sign in. Documents that show the pointer show the content then. */
export async function bringHere(env: CommandEnvironment, project: IProjectModel, file: string): Promise<boolean> {
  const title = env.trans.__('Bringing %1…', splitPath(file).name);
  const got = await withSignIn(env, () =>
    withProgress(title, env.trans, options => project.run('get', { address: file }, options))
  );
  if (!got) {
    return false;
  }
  const stale = openDocuments(env.shell, env.docManager, project).filter(
    ({ path, context }) => path === file && !context.model.dirty
  );
  await Promise.all(stale.map(({ context }) => context.revert()));
  await project.refresh();
  return true;
}
