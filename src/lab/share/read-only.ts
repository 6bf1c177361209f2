import type { DocumentRegistry } from '@jupyterlab/docregistry';

const locked = new WeakSet<DocumentRegistry.Context>();

/**
 * Make a document one that cannot be saved, as JupyterLab knows it of files without the permission: Save is off and says
 * why, autosave rests, and closing offers "Save as". A context has no setting for that but what the server said of the
 * file, so that answer is given in its place.
 */
export function setReadOnly(context: DocumentRegistry.Context, readOnly: boolean): void {
  if (readOnly === locked.has(context)) {
    return;
  }
  if (readOnly) {
    locked.add(context);
    const said = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(context), 'contentsModel')!;
    Object.defineProperties(context, {
      canSave: { configurable: true, get: () => false },
      contentsModel: { configurable: true, get: () => withoutWriting(said.get!.call(context)) }
    });
  } else {
    locked.delete(context);
    Reflect.deleteProperty(context, 'canSave');
    Reflect.deleteProperty(context, 'contentsModel');
  }
}

type Model = DocumentRegistry.Context['contentsModel'];

const withoutWriting = (model: Model): Model => model && { ...model, writable: false };
