import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { BranchbookError } from '../../core/error';

/** What to do with documents that have unsaved edits. */
export type UnsavedChoice = 'save' | 'park';
/** What to do with changes on disk that are in no snapshot. */
export type ChangesChoice = 'park' | 'discard';

/** Ask about unsaved documents. `park` says whether parking makes sense for what follows. null = cancel. */
export async function askAboutUnsaved(
  paths: readonly string[],
  park: boolean,
  trans: TranslationBundle
): Promise<UnsavedChoice | null> {
  const buttons = [
    Dialog.cancelButton({ label: trans.__('Cancel') }),
    ...(park
      ? [
          Dialog.createButton({
            label: trans.__('Park on this branch'),
            caption: trans.__('Save all, then snapshot them on the branch you leave'),
            className: 'bb-mod-secondary',
            actions: ['park']
          })
        ]
      : []),
    Dialog.okButton({
      label: trans.__('Save all'),
      caption: trans.__('Save all to disk, then go on'),
      actions: ['save']
    })
  ];
  const title = trans._n('Save %1 document first?', 'Save %1 documents first?', paths.length);
  const intro = trans.__('The files behind these open documents may change. They have edits that are not saved:');
  return choose<UnsavedChoice>(title, listBody(intro, paths), buttons);
}

/** Ask what to do with the paths of a WORK_TREE_DIRTY error. null = cancel. */
export async function askAboutChanges(
  error: BranchbookError,
  branch: string,
  trans: TranslationBundle
): Promise<ChangesChoice | null> {
  const buttons = [
    Dialog.cancelButton({ label: trans.__('Cancel') }),
    Dialog.warnButton({
      label: trans.__('Discard'),
      caption: trans.__('Put these files back to their last snapshot. Undo brings the changes back.'),
      actions: ['discard']
    }),
    Dialog.okButton({
      label: trans.__('Park on %1', branch),
      caption: trans.__('Snapshot everything that changed on %1, then go on', branch),
      actions: ['park']
    })
  ];
  const intro = trans.__('These changes are in no snapshot yet, and the other branch has different content there:');
  const title = trans.__('Keep the changes on %1?', branch);
  return choose<ChangesChoice>(title, listBody(intro, dirtyPaths(error), error.message), buttons);
}

/** Before a merge: ask to snapshot the paths of a WORK_TREE_DIRTY error on the current branch. */
export async function askToSnapshotFirst(
  error: BranchbookError,
  branch: string,
  trans: TranslationBundle
): Promise<boolean> {
  const buttons = [
    Dialog.cancelButton({ label: trans.__('Cancel') }),
    Dialog.okButton({ label: trans.__('Snapshot, then merge'), actions: ['park'] })
  ];
  const intro = trans.__('These changes are in no snapshot yet, and the merge would change the same files:');
  const title = trans.__('Snapshot the changes on %1 first?', branch);
  return (await choose<'park'>(title, listBody(intro, dirtyPaths(error), error.message), buttons)) !== null;
}

/** Ask whether to go on although kernels are computing in these notebooks. */
export async function askAboutBusyKernels(paths: readonly string[], trans: TranslationBundle): Promise<boolean> {
  const buttons = [
    Dialog.cancelButton({ label: trans.__('Cancel') }),
    Dialog.warnButton({ label: trans.__('Go on anyway'), actions: ['go-on'] })
  ];
  const intro = trans.__('Cells are running here. What they read or write from now on belongs to the other branch:');
  const title = trans._n('%1 kernel is busy', '%1 kernels are busy', paths.length);
  return (await choose<'go-on'>(title, listBody(intro, paths), buttons)) !== null;
}

async function choose<T extends string>(
  title: string,
  body: Widget,
  buttons: readonly Dialog.IButton[]
): Promise<T | null> {
  const { button } = await showDialog({ title, body, buttons, defaultButton: buttons.length - 1 });
  return button.accept ? ((button.actions[0] as T | undefined) ?? null) : null;
}

function dirtyPaths(error: BranchbookError): readonly string[] {
  const paths = error.data['paths'];
  if (!Array.isArray(paths)) {
    return [];
  }
  return paths.map((entry: string | { path: string; reason?: string }) =>
    typeof entry === 'string' ? entry : [entry.path, entry.reason].filter(Boolean).join(' — ')
  );
}

/** A sentence and the things it is about. `fallback` stands in when there is nothing to list. */
export function listBody(intro: string, items: readonly string[], fallback = ''): Widget {
  const body = new Widget();
  body.addClass('bb-DialogList');
  const paragraph = document.createElement('p');
  paragraph.textContent = items.length > 0 ? intro : fallback || intro;
  body.node.append(paragraph);
  if (items.length > 0) {
    const list = document.createElement('ul');
    list.append(
      ...items.map(text => {
        const item = document.createElement('li');
        item.textContent = text;
        item.title = text;
        return item;
      })
    );
    body.node.append(list);
  }
  return body;
}
