import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Widget } from '@lumino/widgets';
import type { IProjectModel } from '../tokens';

const areas = ['main', 'left', 'right', 'down'];

export type OpenView = { readonly widget: Widget; readonly area: string };

/** One open file with every view of it: several factories, several tabs. */
export type OpenDocument = {
  /** Project path. */
  readonly path: string;
  readonly context: DocumentRegistry.Context;
  readonly views: readonly OpenView[];
};

/**
 * The documents of a project that are open anywhere in the shell. Walks the widgets instead of asking for paths, so that
 * no factory, drive prefix or second context of a file is missed.
 */
export function openDocuments(
  shell: JupyterFrontEnd.IShell,
  docManager: IDocumentManager,
  project: IProjectModel
): OpenDocument[] {
  const found = new Map<DocumentRegistry.Context, { path: string; views: OpenView[] }>();
  for (const view of openViews(shell)) {
    const context = docManager.contextForWidget(view.widget);
    const path = context ? project.toProjectPath(context.path) : null;
    if (!context || path === null) {
      continue;
    }
    const document = found.get(context) ?? { path, views: [] };
    document.views.push(view);
    found.set(context, document);
  }
  return [...found].map(([context, { path, views }]) => ({ context, path, views }));
}

function openViews(shell: JupyterFrontEnd.IShell): OpenView[] {
  return areas.flatMap(area => [...shell.widgets(area)].map(widget => ({ widget, area })));
}

/** Name of the widget factory that made a view; undefined for a view that the document manager did not open. */
export function factoryOf(docManager: IDocumentManager, path: string, widget: Widget): string | undefined {
  const factories = docManager.registry.preferredWidgetFactories(path);
  return factories.find(factory => docManager.findWidget(path, factory.name) === widget)?.name;
}
