import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, type MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { addCompareCommand, type CompareEnvironment, type CompareTracker } from '../commands/compare';
import { addPromoteCommand } from '../commands/promote';
import { IBranchbook } from '../tokens';
import type { CompareView } from './compare-view';
import { compareSettings, Directions } from './directions';

/** Branches side by side, and what one does once it is known which is better. */
export const comparePlugin: JupyterFrontEndPlugin<void> = {
  id: compareSettings,
  description: 'The page that compares branches: metrics, parameters, data, models and files.',
  autoStart: true,
  requires: [IBranchbook, IDocumentManager],
  optional: [ITranslator, ISettingRegistry, ICommandPalette, ILayoutRestorer, IRenderMimeRegistry],
  activate: (
    app: JupyterFrontEnd,
    branchbook: IBranchbook,
    docManager: IDocumentManager,
    translator: ITranslator | null,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    rendermime: IRenderMimeRegistry | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('branchbook');
    const tracker: CompareTracker = new WidgetTracker<MainAreaWidget<CompareView>>({ namespace: 'branchbook-compare' });
    const directions = new Directions(registry);
    const env: CompareEnvironment = {
      ...{ commands, shell, branchbook, docManager, trans, rendermime, directions, tracker }
    };
    addCompareCommand(env);
    addPromoteCommand(env);
    for (const command of ['branchbook:compare', 'branchbook:promote']) {
      palette?.addItem({ command, category: trans.__('Branchbook') });
    }
    void restorer?.restore(tracker, {
      command: 'branchbook:compare',
      args: ({ content: { model } }) => ({
        revisions: [...model.revisions],
        ...(model.file === null ? {} : { file: model.file }),
        // With a slash, so that Jupyter's root is a path too.
        path: `${model.project.located.contentsPath ?? ''}/`
      }),
      name: widget => widget.id
    });
  }
};
