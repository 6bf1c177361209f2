import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { absoluteToContentsPath } from '../model/paths';
import type { IProjectModel } from '../tokens';
import { branchArgument, type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** Check a branch out in a second folder (a git worktree) and open it next to this one. */
export function addOpenBesideCommand(env: CommandEnvironment): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:open-beside', {
    label: trans.__('Open Branch Beside…'),
    caption: trans.__('Open another branch in a folder of its own, to work on both at once'),
    describedBy: describeArgs({ branch: 'Branch to open; asked for when missing' }),
    execute: args =>
      inProject(env, args, async project => {
        const name = await branchArgument(env, project, args, trans.__('Open beside'));
        if (name) {
          await openBeside(env, project, name);
        }
      })
  });
}

async function openBeside(env: CommandEnvironment, project: IProjectModel, name: string): Promise<void> {
  const known = project.branches.find(branch => branch.name === name)?.worktree;
  const folder = known ?? (await project.run('branch', { action: 'worktree', name })).worktree;
  const contentsPath = folder === undefined ? null : absoluteToContentsPath(project.located, folder);
  if (folder === undefined || contentsPath === null) {
    await explainFolder(env, name, folder ?? '');
    return;
  }
  const document = await counterpart(env, project, contentsPath);
  if (document !== null) {
    env.docManager.openOrReveal(document, 'default', undefined, { mode: 'split-right' });
  }
  await env.commands.execute('filebrowser:go-to-path', { path: contentsPath, dontShowBrowser: document !== null });
  Notification.info(env.trans.__('%1 is open in the folder %2.', name, contentsPath));
}

/** Contents path, in the other folder, of the document that is open in front; null when it has none there. */
async function counterpart(
  { docManager, shell }: CommandEnvironment,
  project: IProjectModel,
  folder: string
): Promise<string | null> {
  const context = shell.currentWidget ? docManager.contextForWidget(shell.currentWidget) : undefined;
  const path = context ? project.toProjectPath(context.path) : null;
  if (path === null) {
    return null;
  }
  const other = `${folder}/${path}`;
  try {
    await docManager.services.contents.get(other, { content: false });
    return other;
  } catch {
    return null;
  }
}

async function explainFolder({ trans }: CommandEnvironment, name: string, folder: string): Promise<void> {
  await showDialog({
    title: trans.__('%1 has a folder of its own', name),
    body: trans.__(
      'It is %1, outside the folder this JupyterLab shows. Start another JupyterLab there to work on it.',
      folder
    ),
    buttons: [Dialog.okButton({ label: trans.__('OK') })]
  });
}
