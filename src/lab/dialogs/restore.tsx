import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { RestoreResult } from '../../core/model/result';
import type { CommandEnvironment } from '../commands/command-environment';
import type { DocumentChanges, IProjectModel } from '../tokens';

/**
 * Ask before a file on disk is replaced. `changed` = it has changes that are in no snapshot. Resolves to whether to go
 * on, and whether to ask next time.
 */
export async function confirmRestore(
  address: string,
  changed: boolean,
  trans: TranslationBundle
): Promise<{ readonly go: boolean; readonly askAgain: boolean }> {
  const body = (
    <div className="bb-Confirm">
      <p>{trans.__('The file on disk becomes %1.', address)}</p>
      {changed && (
        <p className="bb-Warning">{trans.__('It has changes that are in no snapshot yet. Undo brings them back.')}</p>
      )}
    </div>
  );
  const { button, isChecked } = await showDialog({
    title: trans.__('Restore this version?'),
    body,
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.okButton({ label: trans.__('Restore') })],
    checkbox: { label: trans.__('Do not ask again'), checked: false }
  });
  return { go: button.accept, askAgain: isChecked !== true };
}

/** Put a version back on disk, with open tabs following. null when the user cancelled. */
export async function restoreVersion(
  env: CommandEnvironment,
  project: IProjectModel,
  address: string
): Promise<RestoreResult | null> {
  const { trans } = env;
  const result = await env.branchbook.withDocuments(project, async () => {
    const restored = await project.run('restore', { addresses: [address] });
    return { ...restored, ...changesOf(restored, project) };
  });
  if (result) {
    const undo = (): void => void env.commands.execute('branchbook:undo');
    Notification.success(trans.__('Restored %1.', address), {
      autoClose: 6000,
      actions: [{ label: trans.__('Undo'), callback: undo }]
    });
  }
  return result;
}

function changesOf({ restored }: RestoreResult, project: IProjectModel): DocumentChanges {
  const present = new Set(project.assets.map(asset => asset.path));
  const written = restored.filter(file => file.size !== null).map(file => file.path);
  const removed = restored.filter(file => file.size === null).map(file => file.path);
  return {
    changed: written.filter(path => present.has(path)),
    added: written.filter(path => !present.has(path)),
    removed
  };
}
