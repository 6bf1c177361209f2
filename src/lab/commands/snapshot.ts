import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { SnapshotResult } from '../../core/model/result';
import { fillTemplate, type SnapshotSettings } from '../dialogs/snapshot-settings';
import { askSnapshot } from '../dialogs/snapshot-form';
import { saveDocuments, takeSnapshot } from '../dialogs/take-snapshot';
import { snapshotBlock } from '../share/standing';
import type { IProjectModel } from '../tokens';
import { argument, type CommandArgs, type CommandEnvironment, inProject } from './command-environment';

/** Snapshot changed files: with `message` at once, without it after a dialog. Gives the SnapshotResult or null. */
export function addSnapshotCommand(
  env: CommandEnvironment,
  settings: () => SnapshotSettings,
  selectedFiles: () => readonly string[]
): void {
  const { trans, branchbook } = env;
  env.commands.addCommand('branchbook:snapshot', {
    label: args => (args['selected'] ? trans.__('Snapshot This File…') : trans.__('Snapshot…')),
    caption: trans.__('Keep a version of the files that changed'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          message: { type: 'string', description: 'What changed; missing = ask, and let the user choose files' },
          files: { type: 'array', items: { type: 'string' }, description: 'Project paths; missing = all that changed' },
          selected: { type: 'boolean', description: 'Take the files selected in the file browser' },
          path: { type: 'string', description: 'Contents path of any file in the project' }
        }
      }
    },
    isEnabled: () => branchbook.current !== null,
    execute: args => {
      const selected = args['selected'] ? selectedFiles() : [];
      const path = selected[0] ?? argument(args, 'path');
      return inProject(env, path === undefined ? {} : { path }, project =>
        snapshot(env, project, settings(), { ...readArgs(args), ...filesOf(project, selected) })
      );
    }
  });
}

type Wanted = { readonly message?: string; readonly files?: readonly string[] };

function readArgs(args: CommandArgs): Wanted {
  const files = args['files'];
  return {
    ...(typeof args['message'] === 'string' ? { message: args['message'] } : {}),
    ...(Array.isArray(files) ? { files: files.filter(file => typeof file === 'string') } : {})
  };
}

/** Selected contents paths as project paths; those outside the project are left out. */
function filesOf(project: IProjectModel, selected: readonly string[]): Wanted {
  const files = selected.map(path => project.toProjectPath(path)).filter(path => path !== null);
  return files.length > 0 ? { files } : {};
}

async function snapshot(
  env: CommandEnvironment,
  project: IProjectModel,
  settings: SnapshotSettings,
  wanted: Wanted
): Promise<SnapshotResult | null> {
  const { message, files } = wanted;
  const block = snapshotBlock(project, env.trans);
  if (block !== null) {
    await offerFork(env, project, block);
    return null;
  }
  if (message !== undefined) {
    return takeSnapshot(env, project, { message, ...(files ? { paths: files } : {}) });
  }
  // What the dialog lists must be what a snapshot would hold: edits in open tabs included.
  await saveDocuments(env, project, files);
  await project.refresh();
  const { branch = '', changes = [] } = project.status ?? {};
  if (changes.length === 0) {
    Notification.info(env.trans.__('Everything is in a snapshot.'), { autoClose: 4000 });
    return null;
  }
  const template = fillTemplate(settings.messageTemplate, { branch, files: changes.length, date: new Date() });
  const choice = await askSnapshot(
    { branch, changes, message: template, ...(files ? { preset: files } : {}) },
    env.trans
  );
  return (
    choice && takeSnapshot(env, project, { message: choice.message, ...(choice.paths ? { paths: choice.paths } : {}) })
  );
}

/** A branch that is shared with somebody who may only look at it: their own branch is one click away. */
async function offerFork(
  { commands, trans }: CommandEnvironment,
  project: IProjectModel,
  block: string
): Promise<void> {
  const { button } = await showDialog({
    title: trans.__('No snapshots on this branch'),
    body: block,
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.okButton({ label: trans.__('Fork…') })]
  });
  if (button.accept) {
    await commands.execute('branchbook:fork', { path: `${project.located.contentsPath ?? ''}/` });
  }
}
