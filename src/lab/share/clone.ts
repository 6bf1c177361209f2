import { Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { BranchbookError } from '../../core/error';
import type { CloneArgs } from '../../core/model/sharing';
import type { CommandEnvironment } from '../commands/command-environment';
import { sizeInWords } from '../panel/words';
import { withProgress } from '../switch/progress-notification';
import type { IProjectModel } from '../tokens';
import { withSignIn } from './sign-in';

/** Make a project from a shared one, in a new folder (contents path). null when the user would not sign in. */
export async function cloneHere(
  env: CommandEnvironment,
  args: CloneArgs & { readonly folder: string }
): Promise<IProjectModel | null> {
  const { trans, branchbook } = env;
  const name = args.address.replace(/\/+$/, '').split('/').pop()!;
  const result = await withSignIn(env, () =>
    withProgress(trans.__('Cloning %1…', name), trans, options => branchbook.run('clone', args, options))
  );
  if (!result) {
    return null;
  }
  result.notices.forEach(notice => Notification.warning(notice, { autoClose: false }));
  const { absent } = result;
  if (absent.assets > 0) {
    const files = trans._n('%1 file', '%1 files', absent.assets);
    const words = trans.__('%1 (%2) stayed there; they come when they are opened.', files, sizeInWords(absent.bytes));
    Notification.info(words, { autoClose: 8000 });
  }
  const project = await branchbook.projectAt(`${args.folder}/`);
  if (!project) {
    throw new BranchbookError('NOT_A_PROJECT', trans.__('“%1” could not be opened as a project.', args.folder));
  }
  return project;
}

/** Contents path of the folder that clones go to: where the user is, but not inside a project. */
export function folderForClones({ branchbook }: CommandEnvironment): string {
  const { current, folder } = branchbook;
  return current ? PathExt.dirname(current.located.contentsPath ?? '') : folder;
}

/** `iris`, or `iris-2` when there is something of that name. */
export async function freeFolder({ docManager }: CommandEnvironment, parent: string, name: string): Promise<string> {
  const listing = await docManager.services.contents.get(parent);
  const taken = new Set((listing.content as readonly { readonly name: string }[]).map(entry => entry.name));
  for (let number = 2, candidate = name; ; number += 1) {
    if (!taken.has(candidate)) {
      return [parent, candidate].filter(Boolean).join('/');
    }
    candidate = `${name}-${number}`;
  }
}
