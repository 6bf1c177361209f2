import { Dialog } from '@jupyterlab/apputils';

/**
 * A dialog with forms of its own in it: Enter there presses the button or sends the form it was pressed in, where
 * JupyterLab's dialog would take it for consent to the whole.
 */
export class FormDialog<T> extends Dialog<T> {
  override handleEvent(event: Event): void {
    const inBody = event.target instanceof Element && event.target.closest('.jp-Dialog-body') !== null;
    const isEnter = event.type === 'keydown' && (event as KeyboardEvent).key === 'Enter';
    if (!inBody || !isEnter) {
      super.handleEvent(event);
    }
  }
}
