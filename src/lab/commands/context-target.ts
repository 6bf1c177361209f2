import type { JupyterFrontEnd } from '@jupyterlab/application';

/** A data attribute of the thing the context menu was opened on, or of one around it; undefined when it has none. */
export function contextTarget(app: JupyterFrontEnd, name: 'bbPath' | 'bbAddress'): string | undefined {
  return app.contextMenuHitTest(node => node.dataset[name] !== undefined)?.dataset[name];
}
