import type { JupyterFrontEnd } from '@jupyterlab/application';
import { InputDialog, showErrorMessage } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { BranchbookError, hasCode } from '../../core/error';
import { askIdentity } from '../dialogs/identity';
import type { IBranchbook, IProjectModel } from '../tokens';

/** What every Branchbook command needs. */
export type CommandEnvironment = {
  readonly commands: CommandRegistry;
  readonly shell: JupyterFrontEnd.IShell;
  readonly branchbook: IBranchbook;
  readonly docManager: IDocumentManager;
  readonly trans: TranslationBundle;
};

export type CommandArgs = ReadonlyPartialJSONObject;

/** JSON schema of a command's arguments: all optional strings; what is missing is asked for. */
export function describeArgs(properties: { readonly [name: string]: string }): { args: ReadonlyJSONObject } {
  const path = 'Contents path of any file in the project; the current project when missing';
  const entries = Object.entries({ ...properties, path }).map(([name, description]) => [
    name,
    { type: 'string', description }
  ]);
  return { args: { type: 'object', properties: Object.fromEntries(entries) as ReadonlyJSONObject } };
}

/** A string argument; undefined when it is missing. */
export function argument(args: CommandArgs, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' && value ? value : undefined;
}

/** The project a command is about; null outside any. */
export async function projectFor(env: CommandEnvironment, args: CommandArgs): Promise<IProjectModel | null> {
  const path = argument(args, 'path');
  return path === undefined ? env.branchbook.current : env.branchbook.projectAt(path);
}

/** Run a command in its project and report failures in words. null when there is no result: it failed or was cancelled. */
export async function inProject<T>(
  env: CommandEnvironment,
  args: CommandArgs,
  action: (project: IProjectModel) => Promise<T>
): Promise<T | null> {
  const project = await projectFor(env, args);
  if (!project) {
    const message = env.trans.__('This folder is not versioned by Branchbook. Start versioning it first.');
    await showErrorMessage(env.trans.__('No project here'), message);
    return null;
  }
  return reporting(env, () => withIdentity(env, project, () => action(project)));
}

/** Show a failure of `action` as a dialog. A cancelled one needs no words: the user did it. */
export async function reporting<T>(env: CommandEnvironment, action: () => Promise<T>): Promise<T | null> {
  try {
    return await action();
  } catch (cause) {
    const error = BranchbookError.from(cause);
    if (error.code !== 'CANCELLED') {
      const message = [error.message, error.hint].filter(Boolean).join('\n\n');
      await showErrorMessage(env.trans.__('Branchbook could not do that'), message);
    }
    return null;
  }
}

/** Run `action`; when git does not know who the user is, ask, store it in the repository's config, and run it again. */
export async function withIdentity<T>(
  env: CommandEnvironment,
  project: IProjectModel,
  action: () => Promise<T>
): Promise<T | null> {
  try {
    return await action();
  } catch (error) {
    if (!hasCode(error, 'IDENTITY_MISSING')) {
      throw error;
    }
  }
  const identity = await askIdentity(env.trans);
  if (!identity) {
    return null;
  }
  await project.run('init', { identity });
  return action();
}

/** The branch named in the arguments, else one the user picks. null when cancelled. */
export async function branchArgument(
  env: CommandEnvironment,
  project: IProjectModel,
  args: CommandArgs,
  title: string
): Promise<string | null> {
  const given = argument(args, 'branch');
  if (given !== undefined) {
    return given;
  }
  const items = project.branches.filter(branch => !branch.current).map(branch => branch.name);
  if (items.length === 0) {
    await showErrorMessage(title, env.trans.__('There is no other branch yet.'));
    return null;
  }
  const { button, value } = await InputDialog.getItem({ title, items, okLabel: title });
  return button.accept ? value : null;
}
