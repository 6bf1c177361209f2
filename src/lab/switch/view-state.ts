import { NotebookPanel, type Notebook } from '@jupyterlab/notebook';
import { DocumentWidget } from '@jupyterlab/docregistry';
import type { Cell } from '@jupyterlab/cells';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { Widget } from '@lumino/widgets';

/** Frames after which a position that cannot be reached is given up: the new content is shorter. */
const patience = 40;
/** Frames a position must hold: cells are measured, and move, while they are drawn. */
const steady = 4;

/**
 * Note where the user is in a view: active cell, cursor, scroll position, focus. The function returned brings them
 * back after the document's content was replaced.
 */
export function captureView(view: Widget): () => Promise<void> {
  if (view instanceof NotebookPanel) {
    return captureNotebook(view);
  }
  const editor = editorOf(view);
  return editor ? captureEditor(view, editor) : captureScroll(view);
}

function captureNotebook(panel: NotebookPanel): () => Promise<void> {
  const notebook = panel.content;
  const hadFocus = panel.node.contains(document.activeElement);
  const index = notebook.activeCellIndex;
  const id = notebook.activeCell?.model.id;
  const restoreScroll = captureAnchor(notebook);
  // A cell in edit mode would take keystrokes into a cell that is about to be replaced.
  notebook.mode = 'command';
  return async () => {
    activate(notebook, id, index);
    if (hadFocus) {
      notebook.node.focus({ preventScroll: true });
    }
    await restoreScroll();
  };
}

function activate(notebook: Notebook, id: string | undefined, index: number): void {
  const same = notebook.widgets.findIndex(cell => cell.model.id === id);
  notebook.activeCellIndex = same >= 0 ? same : Math.min(index, notebook.widgets.length - 1);
  notebook.deselectAll();
}

/**
 * Keep one cell where it stands in the window: the active one when it is in sight, else the topmost. Pixels from the
 * notebook's start would not do, for the other branch's outputs above may be longer or shorter.
 */
function captureAnchor(notebook: Notebook): () => Promise<void> {
  const { outerNode } = notebook;
  const window = outerNode.getBoundingClientRect();
  const offset = (cell: Cell): number => cell.node.getBoundingClientRect().top - window.top;
  const visible = notebook.widgets.filter(cell => {
    const box = cell.node.getBoundingClientRect();
    return box.height > 0 && box.bottom > window.top && box.top < window.bottom;
  });
  const anchor = visible.find(cell => cell === notebook.activeCell) ?? visible[0];
  if (!anchor) {
    // Hidden: there is no position to read, and the browser keeps its own until the notebook is shown.
    return () => Promise.resolve();
  }
  const id = anchor.model.id;
  const wanted = offset(anchor);
  return async () => {
    const index = notebook.widgets.findIndex(cell => cell.model.id === id);
    const cell = notebook.widgets[index];
    if (!cell) {
      return;
    }
    if (!cell.node.isConnected) {
      await notebook.scrollToItem(index, 'start');
    }
    await steadily(() => {
      const missed = offset(cell) - wanted;
      outerNode.scrollTop += missed;
      return Math.abs(missed) <= 1;
    });
  };
}

function captureEditor(view: Widget, editor: CodeEditor.IEditor): () => Promise<void> {
  const position = editor.getCursorPosition();
  const restoreScroll = captureScroll(view);
  return async () => {
    editor.setCursorPosition(position, { scroll: false });
    await restoreScroll();
  };
}

/** Put back whatever was scrolled. */
function captureScroll(view: Widget): () => Promise<void> {
  const scrolled = [...view.node.querySelectorAll<HTMLElement>('*')]
    .filter(node => node.scrollTop > 0)
    .map(node => ({ node, top: node.scrollTop }));
  return async () => {
    await Promise.all(scrolled.filter(({ node }) => node.isConnected).map(({ node, top }) => scrollTo(node, top)));
  };
}

function editorOf(view: Widget): CodeEditor.IEditor | null {
  const content: Widget & { readonly editor?: CodeEditor.IEditor } =
    view instanceof DocumentWidget ? view.content : view;
  return content.editor ?? null;
}

function scrollTo(node: HTMLElement, top: number): Promise<void> {
  return steadily(() => {
    const reached = Math.abs(node.scrollTop - top) <= 1;
    node.scrollTop = top;
    return reached;
  });
}

/** Repeat a correction every frame until nothing was left to correct for a while, or it cannot be reached. */
async function steadily(correct: () => boolean): Promise<void> {
  let held = 0;
  for (let frame = 0; frame < patience && held < steady; frame++) {
    held = correct() ? held + 1 : 0;
    await new Promise(requestAnimationFrame);
  }
}
