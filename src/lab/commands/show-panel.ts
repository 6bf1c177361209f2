import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { versionsIcon } from '../icons';
import type { DataVersionPanel } from '../panel/panel';
import type { IBranchbook } from '../tokens';

export type ShowPanelOptions = {
  readonly branchbook: IBranchbook;
  readonly panel: DataVersionPanel;
  readonly palette: ICommandPalette | null;
  /** Contents paths selected in the file browser. */
  readonly selectedFiles: () => readonly string[];
  readonly trans: TranslationBundle;
};

/** Show the data-version panel, at the versions of one asset when asked. */
export function addShowPanelCommand(app: JupyterFrontEnd, options: ShowPanelOptions): void {
  const { branchbook, panel, trans } = options;
  const command = 'branchbook:show-panel';
  app.commands.addCommand(command, {
    label: args => (args['selected'] ? trans.__('Show Versions') : trans.__('Show Data and Model Versions')),
    caption: trans.__('Show the side panel with changes, versions and history'),
    icon: args => (args['isPalette'] ? undefined : versionsIcon),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          file: { type: 'string', description: 'Project path of an asset to open' },
          selected: { type: 'boolean', description: 'Open the asset selected in the file browser' }
        }
      }
    },
    execute: args => {
      app.shell.activateById(panel.id);
      const selected = args['selected'] ? options.selectedFiles()[0] : undefined;
      const inProject = selected === undefined ? undefined : branchbook.current?.toProjectPath(selected);
      const file = typeof args['file'] === 'string' ? args['file'] : inProject;
      if (file) {
        panel.model.show(file);
      }
    }
  });
  options.palette?.addItem({ command, category: trans.__('Branchbook'), args: { isPalette: true } });
}
