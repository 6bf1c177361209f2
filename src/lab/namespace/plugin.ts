import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, type MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { addAddComputeCommand } from '../commands/add-compute';
import type { CommandEnvironment } from '../commands/command-environment';
import { addNamespaceCommand, type NamespaceTracker } from '../commands/namespace';
import { addRunThereCommand } from '../commands/run-there';
import { selectedFiles } from '../commands/selected-files';
import { addShareCommand } from '../commands/share';
import { addShareServerCommand } from '../commands/share-server';
import { IBranchbook } from '../tokens';
import type { NamespacePage } from './namespace-view';

const inPalette = ['share', 'namespace', 'run-there', 'share-server'];

/** Who may do what: the page of a namespace, the Share dialog, and compute that is shared. */
export const namespacePlugin: JupyterFrontEndPlugin<void> = {
  id: 'branchbook:namespace',
  description: 'Commands, page and dialogs to share projects and compute, and to see and set who may do what.',
  autoStart: true,
  requires: [IBranchbook, IDocumentManager],
  optional: [ITranslator, ICommandPalette, ILayoutRestorer, IFileBrowserFactory, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    branchbook: IBranchbook,
    docManager: IDocumentManager,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    browsers: IFileBrowserFactory | null,
    state: IStateDB | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('branchbook');
    const env: CommandEnvironment = { commands, shell, branchbook, docManager, trans };
    const tracker: NamespaceTracker = new WidgetTracker<MainAreaWidget<NamespacePage>>({
      namespace: 'branchbook-namespace'
    });
    addShareCommand({ ...env, app, state, selectedFiles: () => selectedFiles(browsers) });
    addNamespaceCommand(env, tracker);
    addAddComputeCommand(env);
    addRunThereCommand(env);
    addShareServerCommand(env);
    for (const name of inPalette) {
      palette?.addItem({ command: `branchbook:${name}`, category: trans.__('Branchbook') });
    }
    void restorer?.restore(tracker, {
      command: 'branchbook:namespace',
      args: ({ content }) => ({ namespace: content.model.address }),
      name: widget => widget.id
    });
  }
};
