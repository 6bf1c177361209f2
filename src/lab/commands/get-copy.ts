import type { JupyterFrontEnd } from '@jupyterlab/application';
import { InputDialog, Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { BranchbookError } from '../../core/error';
import type { GetResult } from '../../core/model/result';
import { splitPath } from '../panel/words';
import type { IProjectModel } from '../tokens';
import { argument, type CommandEnvironment, inProject } from './command-environment';
import { contextTarget } from './context-target';

/** Write a version beside the current file, under a name the user chooses. */
export function addGetCopyCommand(env: CommandEnvironment, app: JupyterFrontEnd): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:get-copy', {
    label: trans.__('Get a Copy…'),
    caption: trans.__('Write this version to a new file'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          address: { type: 'string', description: 'Version to copy, for example data/sales.parquet@main~2' },
          output: { type: 'string', description: 'Project path of the copy; asked for when missing' }
        }
      }
    },
    execute: async args => {
      const address = argument(args, 'address') ?? contextTarget(app, 'bbAddress');
      if (address === undefined) {
        return null;
      }
      return inProject(env, args, async project => {
        const output = argument(args, 'output') ?? (await askOutput(env, address));
        return output === null ? null : getCopy(env, project, address, output);
      });
    }
  });
}

async function askOutput({ trans }: CommandEnvironment, address: string): Promise<string | null> {
  const { button, value } = await InputDialog.getText({
    title: trans.__('Copy %1 to', address),
    label: trans.__('Path in the project'),
    text: nameForCopy(address),
    okLabel: trans.__('Copy')
  });
  return button.accept && value ? value : null;
}

async function getCopy(
  env: CommandEnvironment,
  project: IProjectModel,
  address: string,
  output: string
): Promise<GetResult> {
  if (output.startsWith('/') || PathExt.normalize(output).startsWith('..')) {
    throw new BranchbookError('PATH_UNSAFE', `'${output}' lies outside the project.`, {}, 'Choose a path inside it.');
  }
  if (project.assets.some(asset => asset.path === output)) {
    throw new BranchbookError('PATH_UNSAFE', `'${output}' exists already.`, { path: output }, 'Choose another name.');
  }
  const result = await project.run('get', { address, output: `${project.located.root}/${output}` });
  void project.refresh();
  const contentsPath = project.toContentsPath(output);
  const actions =
    contentsPath === null
      ? []
      : [{ label: env.trans.__('Open'), callback: () => void env.docManager.openOrReveal(contentsPath) }];
  Notification.success(env.trans.__('Copied to %1', output), { autoClose: 6000, actions });
  return result;
}

/** `data/sales.parquet@3f2c1ab` → `data/sales@3f2c1ab.parquet`: the type stays recognisable. */
export function nameForCopy(address: string): string {
  const cut = address.lastIndexOf('@');
  const { folder, name } = splitPath(address.slice(0, cut));
  const ending = PathExt.extname(name);
  const stem = ending ? name.slice(0, -ending.length) : name;
  return `${folder}${stem}@${address.slice(cut + 1)}${ending}`;
}
