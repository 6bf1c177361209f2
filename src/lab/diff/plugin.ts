import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, type MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { addDiffCommand, type DiffTracker } from '../commands/diff';
import { selectedFiles } from '../commands/selected-files';
import { IBranchbook } from '../tokens';
import type { DiffView } from './diff-view';

/** What changed inside a file, between any two of its versions. */
export const diffPlugin: JupyterFrontEndPlugin<void> = {
  id: 'branchbook:diff',
  description: 'Diffs of tables, models, notebooks, pictures and text between two versions.',
  autoStart: true,
  requires: [IBranchbook, IDocumentManager],
  optional: [ITranslator, ICommandPalette, IFileBrowserFactory, ILayoutRestorer, IRenderMimeRegistry],
  activate: (
    app: JupyterFrontEnd,
    branchbook: IBranchbook,
    docManager: IDocumentManager,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    browsers: IFileBrowserFactory | null,
    restorer: ILayoutRestorer | null,
    rendermime: IRenderMimeRegistry | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('branchbook');
    const tracker: DiffTracker = new WidgetTracker<MainAreaWidget<DiffView>>({ namespace: 'branchbook-diff' });
    addDiffCommand({
      ...{ app, commands, shell, branchbook, docManager, trans, rendermime, tracker },
      selectedFiles: () => selectedFiles(browsers)
    });
    palette?.addItem({ command: 'branchbook:diff', category: trans.__('Branchbook') });
    void restorer?.restore(tracker, {
      command: 'branchbook:diff',
      args: ({ content: { model } }) => {
        const { from, to, path, key } = model.target;
        return {
          from,
          ...(to === null ? {} : { to }),
          ...(path === null ? { all: true } : { file: path }),
          ...(key === null ? {} : { key: [...key] }),
          // With a slash, so that Jupyter's root is a path too.
          path: `${model.project.located.contentsPath ?? ''}/`
        };
      },
      name: widget => widget.id
    });
  }
};
