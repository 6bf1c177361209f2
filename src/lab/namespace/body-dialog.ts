import { Dialog } from '@jupyterlab/apputils';

const kept = new Set(['Enter', 'ArrowLeft', 'ArrowRight']);

/**
 * A dialog whose body has buttons and forms of its own: keys pressed there belong to them, where JupyterLab's dialog
 * would take Enter anywhere for its default button.
 */
export class BodyDialog<T> extends Dialog<T> {
  override handleEvent(event: Event): void {
    const inBody = event.target instanceof Element && event.target.closest('.jp-Dialog-body') !== null;
    if (!(event instanceof KeyboardEvent && inBody && kept.has(event.key))) {
      super.handleEvent(event);
    }
  }
}
