import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { CommandEnvironment } from '../commands/command-environment';
import { addCopyAddressCommand } from '../commands/copy-address';
import { addGetCopyCommand } from '../commands/get-copy';
import { addOpenCellCommand } from '../commands/open-cell';
import { addRestoreVersionCommand } from '../commands/restore-version';
import { selectedFiles } from '../commands/selected-files';
import { addShowVersionCommand } from '../commands/show-version';
import { addSnapshotCommand } from '../commands/snapshot';
import { addTrackCommand } from '../commands/track';
import { IBranchbook } from '../tokens';
import { Autosnapshot } from './autosnapshot';
import { defaultSettings, readSettings, type SnapshotSettings } from './snapshot-settings';

const id = 'branchbook:dialogs';

/** Snapshot, restore and what else one does with versions, as commands with their dialogs. */
export const dialogsPlugin: JupyterFrontEndPlugin<void> = {
  id,
  description: 'Commands and dialogs to snapshot, restore, copy and track.',
  autoStart: true,
  requires: [IBranchbook, IDocumentManager],
  optional: [ITranslator, ISettingRegistry, ICommandPalette, IFileBrowserFactory],
  activate: (
    app: JupyterFrontEnd,
    branchbook: IBranchbook,
    docManager: IDocumentManager,
    translator: ITranslator | null,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    browsers: IFileBrowserFactory | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('branchbook');
    const env: CommandEnvironment = { commands, shell, branchbook, docManager, trans };
    const autosnapshot = new Autosnapshot(branchbook, trans);
    const settings = followSettings(registry, values => (autosnapshot.minutes = values.autosnapshot));
    const selected = (): readonly string[] => selectedFiles(browsers);

    addSnapshotCommand(env, settings, selected);
    addRestoreVersionCommand(env, app, settings, () => void registry?.set(id, 'confirmRestore', false));
    addShowVersionCommand(env, app);
    addCopyAddressCommand(env, app);
    addGetCopyCommand(env, app);
    addOpenCellCommand(env);
    addTrackCommand(env, selected);
    for (const command of ['branchbook:snapshot', 'branchbook:track']) {
      palette?.addItem({ command, category: trans.__('Branchbook') });
    }
  }
};

/** The settings as they are now; defaults until they are loaded. */
function followSettings(
  registry: ISettingRegistry | null,
  onChange: (settings: SnapshotSettings) => void
): () => SnapshotSettings {
  let current = defaultSettings;
  void registry?.load(id).then(loaded => {
    const apply = (): void => {
      current = readSettings(loaded);
      onChange(current);
    };
    loaded.changed.connect(apply);
    apply();
  });
  return () => current;
}
