import type { Contents } from '@jupyterlab/services';
import { JSONExt, type JSONObject, type JSONValue, type PartialJSONValue } from '@lumino/coreutils';
import type { OpenDocument } from './open-documents';

/**
 * The documents that hold edits of the user. Lab also marks a notebook dirty when the kernel that started with it
 * reports its language; nobody should be asked to save that, so such documents are marked clean.
 */
export async function editedDocuments(
  documents: readonly OpenDocument[],
  contents: Contents.IManager
): Promise<readonly OpenDocument[]> {
  // Collaborative documents are saved by the server within a second of each edit.
  const dirty = documents.filter(({ context }) => context.model.dirty && !context.model.collaborative);
  const edited = await Promise.all(dirty.map(document => isEdited(document, contents)));
  dirty.filter((_, i) => !edited[i]).forEach(({ context }) => (context.model.dirty = false));
  return dirty.filter((_, i) => edited[i]);
}

/**
 * Remember what the user wrote in documents that are saved. The function returned marks those clean that hold the same
 * still: a kernel that starts meanwhile makes them dirty too, and by then the file on disk is no longer there to compare.
 */
export function rememberAuthored(documents: readonly OpenDocument[]): () => void {
  const written = documents
    .filter(({ context }) => isNotebook(context) && !context.model.collaborative)
    .map(({ context }) => ({ context, content: authored(context.model.toJSON()) }));
  return () => {
    for (const { context, content } of written) {
      if (!context.isDisposed && context.model.dirty && JSONExt.deepEqual(authored(context.model.toJSON()), content)) {
        context.model.dirty = false;
      }
    }
  };
}

async function isEdited({ context }: OpenDocument, contents: Contents.IManager): Promise<boolean> {
  if (!isNotebook(context)) {
    return true;
  }
  try {
    const saved = await contents.get(context.path, { type: 'notebook', format: 'json', content: true });
    return !JSONExt.deepEqual(authored(context.model.toJSON()), authored(saved.content as PartialJSONValue));
  } catch {
    // A file that cannot be read cannot prove that nothing would be lost.
    return true;
  }
}

function isNotebook(context: OpenDocument['context']): boolean {
  return context.contentsModel?.type === 'notebook';
}

/** A notebook without what programs write into its metadata: kernel, language, trust. */
function authored(notebook: PartialJSONValue): JSONValue {
  const { kernelspec: _, language_info: __, ...metadata } = ((notebook as JSONObject)['metadata'] ?? {}) as JSONObject;
  const cells = ((notebook as JSONObject)['cells'] as JSONObject[]).map(cell => {
    const { trusted: ___, ...rest } = (cell['metadata'] ?? {}) as JSONObject;
    return { ...cell, metadata: rest, source: joined(cell['source']) };
  });
  return { cells, metadata } as JSONValue;
}

/** nbformat allows a text as one string or as a list of lines. */
function joined(text: JSONValue | undefined): JSONValue {
  return Array.isArray(text) ? text.join('') : (text ?? '');
}
