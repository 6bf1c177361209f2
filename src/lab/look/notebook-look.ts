import type { IEditorServices } from '@jupyterlab/codeeditor';
import { NotebookModel, type NotebookPanel, StaticNotebook } from '@jupyterlab/notebook';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { BranchbookError } from '../../core/error';

/** A notebook as its file has it. */
type NotebookContent = ReturnType<NotebookModel['toJSON']>;

export type NotebookServices = {
  readonly rendermime: IRenderMimeRegistry;
  readonly contentFactory: NotebookPanel.IContentFactory;
  readonly editorServices: IEditorServices;
};

/** A notebook as it was: cells and outputs, nothing to edit or to run, nothing trusted. */
export class NotebookLook extends StaticNotebook {
  constructor(content: NotebookContent, services: NotebookServices, label: string) {
    super({
      rendermime: services.rendermime,
      contentFactory: services.contentFactory,
      mimeTypeService: services.editorServices.mimeTypeService,
      notebookConfig: { ...StaticNotebook.defaultNotebookConfig, windowingMode: 'none' }
    });
    this.addClass('bb-NotebookLook');
    this.addClass('jp-Notebook');
    this.node.tabIndex = 0;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', label);
    const model = new NotebookModel();
    model.fromJSON(content);
    model.readOnly = true;
    this._shown = model;
    this.model = model;
    for (const cell of this.widgets) {
      cell.readOnly = true;
    }
  }

  override dispose(): void {
    if (!this.isDisposed) {
      super.dispose();
      this._shown.dispose();
    }
  }

  /** Bring a cell into view and mark it. False when the notebook has no such cell. */
  reveal(cellId: string): boolean {
    const cell = this.widgets.find(widget => widget.model.id === cellId);
    if (!cell) {
      return false;
    }
    cell.addClass('bb-mod-origin');
    void cell.ready.then(() => cell.node.scrollIntoView({ block: 'center' }));
    return true;
  }

  private readonly _shown: NotebookModel;
}

/**
 * A notebook's JSON, made harmless: `trusted` in a cell's metadata would let its outputs run scripts. FORMAT_INVALID when
 * it is no notebook.
 */
export function readNotebook(text: string, trans: TranslationBundle): NotebookContent {
  let content: NotebookContent;
  try {
    content = JSON.parse(text) as NotebookContent;
  } catch {
    throw notANotebook(trans);
  }
  if (typeof content !== 'object' || content === null || !Array.isArray(content.cells) || content.nbformat < 4) {
    throw notANotebook(trans);
  }
  const cells = content.cells.map(cell => ({ ...cell, metadata: { ...cell.metadata, trusted: false } }));
  return { ...content, cells };
}

function notANotebook(trans: TranslationBundle): BranchbookError {
  return new BranchbookError('FORMAT_INVALID', trans.__('This version is not a notebook that JupyterLab can show.'));
}
