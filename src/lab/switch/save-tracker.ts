import type { IDocumentManager, IDocumentWidgetOpener } from '@jupyterlab/docmanager';
import type { DocumentRegistry, IDocumentWidget } from '@jupyterlab/docregistry';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

/** Knows which documents are being saved at this moment; a context tells only when a save starts and ends. */
export class SaveTracker implements IDisposable {
  constructor(opener: IDocumentWidgetOpener, docManager: IDocumentManager) {
    const onOpened = (_: IDocumentWidgetOpener, widget: IDocumentWidget): void => {
      const context = docManager.contextForWidget(widget);
      if (context && !this._watched.has(context)) {
        this._watched.add(context);
        context.saveState.connect(this._onSaveState, this);
        context.disposed.connect(this._onDisposed, this);
      }
    };
    opener.opened.connect(onOpened);
    this._disconnect = () => opener.opened.disconnect(onOpened);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._disconnect();
    Signal.clearData(this);
  }

  /** Resolves when none of the documents is being saved. */
  async settled(contexts: readonly DocumentRegistry.Context[]): Promise<void> {
    while (contexts.some(context => this._saving.has(context))) {
      await new Promise<void>(resolve => this._waiting.push(resolve));
    }
  }

  private _onSaveState(context: DocumentRegistry.Context, state: DocumentRegistry.SaveState): void {
    if (state === 'started') {
      this._saving.add(context);
    } else {
      this._ended(context);
    }
  }

  private _onDisposed(context: DocumentRegistry.Context): void {
    this._ended(context);
  }

  private _ended(context: DocumentRegistry.Context): void {
    this._saving.delete(context);
    this._waiting.splice(0).forEach(resolve => resolve());
  }

  private _isDisposed = false;
  private readonly _disconnect: () => void;
  private readonly _watched = new WeakSet<DocumentRegistry.Context>();
  private readonly _saving = new Set<DocumentRegistry.Context>();
  private readonly _waiting: (() => void)[] = [];
}
