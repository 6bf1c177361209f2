import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, type MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { CommandEnvironment } from '../commands/command-environment';
import { addOpenVersionCommand } from '../commands/open-version';
import { IBranchbook } from '../tokens';
import type { LookWidget } from './look-widget';

/** Look at any version of any file. What draws it is loaded with the first version that is opened. */
export const lookPlugin: JupyterFrontEndPlugin<void> = {
  id: 'branchbook:look',
  description: 'Views of versions: tables, models, images, notebooks and what else a project holds.',
  autoStart: true,
  requires: [IBranchbook, IDocumentManager, IRenderMimeRegistry, IEditorServices, NotebookPanel.IContentFactory],
  optional: [ITranslator, ICommandPalette, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    branchbook: IBranchbook,
    docManager: IDocumentManager,
    rendermime: IRenderMimeRegistry,
    editorServices: IEditorServices,
    contentFactory: NotebookPanel.IContentFactory,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('branchbook');
    const env: CommandEnvironment = { commands, shell, branchbook, docManager, trans };
    const tracker = new WidgetTracker<MainAreaWidget<LookWidget>>({ namespace: 'branchbook-look' });
    const services = { rendermime, editorServices, contentFactory, commands, trans };
    addOpenVersionCommand(env, app, tracker, services);
    palette?.addItem({ command: 'branchbook:open-version', category: trans.__('Branchbook') });
    void restorer?.restore(tracker, {
      command: 'branchbook:open-version',
      args: ({ content: { model } }) => ({
        address: model.address,
        ...(model.cell === null ? {} : { cell: model.cell }),
        // With a slash, so that Jupyter's root is a path too.
        path: `${model.project.located.contentsPath ?? ''}/`
      }),
      name: widget => widget.id
    });
  }
};
