import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { selectedFiles } from '../commands/selected-files';
import { addShowPanelCommand } from '../commands/show-panel';
import { IBranchbook } from '../tokens';
import { DataVersionPanel } from './panel';
import { PanelModel } from './panel-model';
import type { AssetSort } from './rows';

const id = 'branchbook:panel';
/** Third-party panels live between 501 and 899. */
const rank = 510;

export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id,
  description: 'Side panel: what changed, the versions of data and models, and the history of operations.',
  autoStart: true,
  requires: [IBranchbook],
  optional: [ILayoutRestorer, ITranslator, ISettingRegistry, ICommandPalette, IFileBrowserFactory],
  activate: (
    app: JupyterFrontEnd,
    branchbook: IBranchbook,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null,
    settings: ISettingRegistry | null,
    palette: ICommandPalette | null,
    browsers: IFileBrowserFactory | null
  ): void => {
    const language = translator ?? nullTranslator;
    const panel = new DataVersionPanel(new PanelModel(branchbook, app.commands), language);
    app.shell.add(panel, 'left', { rank, type: 'Data and model versions' });
    restorer?.add(panel, panel.id);
    addShowPanelCommand(app, {
      branchbook,
      panel,
      palette,
      selectedFiles: () => selectedFiles(browsers),
      trans: language.load('branchbook')
    });
    void settings?.load(id).then(loaded => {
      const apply = (): void => {
        panel.model.sort = loaded.get('sort').composite as AssetSort;
      };
      loaded.changed.connect(apply);
      apply();
    });
  }
};
