import { withProgress } from '../switch/progress-notification';
import { openDocuments } from '../switch/open-documents';
import type { IProjectModel } from '../tokens';
import { splitPath } from '../panel/words';
import { withSignIn } from '../share/sign-in';
import { argument, type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** Bring the content of an asset that stands here as a pointer only. */
export function addBringHereCommand(env: CommandEnvironment, selectedFiles: () => readonly string[]): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:bring-here', {
    label: trans.__('Get the Content'),
    caption: trans.__('Bring the content of a file that is not here yet'),
    describedBy: describeArgs({
      file: 'Project path of the asset; the file selected in the file browser when missing'
    }),
    execute: async args => {
      const file = argument(args, 'file');
      const selected = selectedFiles()[0];
      if (file !== undefined) {
        return inProject(env, args, project => bringHere(env, project, file));
      }
      return selected === undefined
        ? null
        : inProject(env, { path: selected }, project => bringHere(env, project, project.toProjectPath(selected) ?? ''));
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
