import { Notification } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Open a notebook and bring one of its cells into view. Says so when the cell is no longer there. */
export async function openCell(
  docManager: IDocumentManager,
  contentsPath: string,
  cell: string | undefined,
  trans: TranslationBundle
): Promise<void> {
  const widget = docManager.openOrReveal(contentsPath);
  if (!(widget instanceof NotebookPanel) || cell === undefined) {
    return;
  }
  await widget.revealed;
  const notebook = widget.content;
  const index = notebook.widgets.findIndex(candidate => candidate.model.id === cell);
  if (index < 0) {
    Notification.info(trans.__('The cell that made this version is no longer in %1.', contentsPath), {
      autoClose: 6000
    });
    return;
  }
  notebook.deselectAll();
  notebook.activeCellIndex = index;
  await notebook.scrollToItem(index, 'center');
}
