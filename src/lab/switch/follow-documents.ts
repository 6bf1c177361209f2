import type { JupyterFrontEnd } from '@jupyterlab/application';
import { PathExt } from '@jupyterlab/coreutils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import { NotebookModel } from '@jupyterlab/notebook';
import type { Widget } from '@lumino/widgets';
import type { DocumentChanges, IProjectModel } from '../tokens';
import { factoryOf, type OpenDocument, openDocuments } from './open-documents';
import type { RememberedTab, TabMemory } from './tab-memory';
import { captureView } from './view-state';

/** Milliseconds to give a real-time collaboration room to load the new content by itself. */
const roomPatience = 5000;

export type FollowEnvironment = {
  readonly shell: JupyterFrontEnd.IShell;
  readonly docManager: IDocumentManager;
  readonly tabs: TabMemory;
  /** Setting: open the tabs of a branch again when it returns. */
  readonly reopenTabs: () => boolean;
};

/** Branches the work tree left and reached; equal for a change within one branch. */
export type Move = { readonly from: string; readonly to: string };

/** What could not follow, as project paths. */
export type Left = {
  /** Edited while the files changed: they keep their edits and show the old content. */
  readonly edited: readonly string[];
  readonly failed: readonly { readonly path: string; readonly reason: string }[];
};

/** Make the open documents of a project show what is on disk after `changes`. */
export async function followDocuments(
  project: IProjectModel,
  changes: DocumentChanges,
  move: Move,
  env: FollowEnvironment
): Promise<Left> {
  const removed = new Set(changes.removed);
  const rewritten = new Set([...changes.changed, ...changes.added]);
  const documents = openDocuments(env.shell, env.docManager, project);
  const gone = documents.filter(document => removed.has(document.path));
  const stale = documents.filter(document => rewritten.has(document.path) && !removed.has(document.path));
  const edited = [...gone, ...stale].filter(isEdited);
  await closeDocuments(
    project,
    gone.filter(document => !isEdited(document)),
    move.from,
    env
  );
  const failed: { path: string; reason: string }[] = [];
  await Promise.all(
    stale
      .filter(document => !isEdited(document))
      .map(document =>
        reloadDocument(document).catch((error: unknown) => {
          failed.push({ path: document.path, reason: error instanceof Error ? error.message : String(error) });
        })
      )
  );
  if (move.from !== move.to && env.reopenTabs()) {
    await reopenDocuments(project, move.to, env);
  }
  return { edited: edited.map(document => document.path), failed };
}

function isEdited({ context }: OpenDocument): boolean {
  return context.model.dirty && !context.model.collaborative;
}

async function reloadDocument({ context, views }: OpenDocument): Promise<void> {
  if (context.model.collaborative) {
    await roomFollowed(context);
    return;
  }
  const restore = views.map(({ widget }) => captureView(widget));
  const language = languageOf(context);
  await context.revert();
  keepLanguage(context, language);
  await Promise.all(restore.map(bringBack => bringBack()));
}

type Language = { readonly name: string };

/** What the notebook's metadata says of its language; null when that is nothing: Lab then puts an empty name there. */
function languageOf({ model }: OpenDocument['context']): Language | null {
  const language = model instanceof NotebookModel ? model.getMetadata('language_info') : undefined;
  return language?.name ? language : null;
}

/** Lab learns a notebook's language from its kernel, once; a file that does not say it must not lose its highlighting. */
function keepLanguage(context: OpenDocument['context'], language: Language | null): void {
  const { model } = context;
  if (model instanceof NotebookModel && language && !languageOf(context)) {
    model.setMetadata('language_info', language);
    model.dirty = false;
  }
}

/** A collaborative document is rewritten by the server; reverting it from here would do nothing. */
function roomFollowed(context: OpenDocument['context']): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      window.clearTimeout(timer);
      context.model.contentChanged.disconnect(done);
      resolve();
    };
    const timer = window.setTimeout(done, roomPatience);
    context.model.contentChanged.connect(done);
  });
}

async function closeDocuments(
  project: IProjectModel,
  documents: readonly OpenDocument[],
  branch: string,
  env: FollowEnvironment
): Promise<void> {
  if (documents.length === 0) {
    return;
  }
  const tabs = documents.flatMap(document => document.views.map(view => remember(document, view, env)));
  await env.tabs.remember(project.located.root, branch, tabs);
  for (const { widget } of documents.flatMap(document => document.views)) {
    widget.close();
  }
}

function remember(document: OpenDocument, view: OpenDocument['views'][number], env: FollowEnvironment): RememberedTab {
  const siblings = [...env.shell.widgets(view.area)];
  const before = siblings[siblings.indexOf(view.widget) - 1];
  return {
    path: document.path,
    factory: factoryOf(env.docManager, document.context.path, view.widget) ?? null,
    area: view.area,
    after: before?.id ?? null,
    active: env.shell.currentWidget === view.widget
  };
}

async function reopenDocuments(project: IProjectModel, branch: string, env: FollowEnvironment): Promise<void> {
  const current = env.shell.currentWidget;
  let active: Widget | undefined;
  for (const tab of await env.tabs.take(project.located.root, branch)) {
    const path = project.toContentsPath(tab.path);
    if (path === null || !(await exists(env.docManager, path))) {
      continue;
    }
    const widget = reopen(tab, path, env);
    active = tab.active ? widget : active;
  }
  const front = active ?? current;
  if (front && !front.isDisposed) {
    env.shell.activateById(front.id);
  }
}

function reopen(tab: RememberedTab, path: string, env: FollowEnvironment): Widget | undefined {
  const neighbour = [...env.shell.widgets(tab.area)].find(widget => widget.id === tab.after);
  return env.docManager.openOrReveal(path, tab.factory ?? 'default', undefined, {
    activate: false,
    ...(neighbour && tab.area === 'main' ? { ref: neighbour.id, mode: 'tab-after' as const } : {})
  });
}

async function exists(docManager: IDocumentManager, path: string): Promise<boolean> {
  try {
    // The folder is listed instead of the file fetched: asking for a missing file is an error in the server's log.
    const folder = await docManager.services.contents.get(PathExt.dirname(path));
    return (folder.content as { path: string }[]).some(entry => entry.path === path);
  } catch {
    return false;
  }
}
