import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { MergeConflict } from '../../core/model/merge';

/** Project paths by the side that wins. */
export type MergeSides = { readonly ours: readonly string[]; readonly theirs: readonly string[] };

/** Ask for each path that both branches changed which version to take. null when cancelled. */
export async function askAboutConflicts(
  conflicts: readonly MergeConflict[],
  branches: { readonly ours: string; readonly theirs: string },
  trans: TranslationBundle
): Promise<MergeSides | null> {
  const { button, value } = await showDialog({
    title: trans._n('%1 file changed on both branches', '%1 files changed on both branches', conflicts.length),
    body: new ConflictBody(conflicts, branches, trans),
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.okButton({ label: trans.__('Merge') })]
  });
  return button.accept ? value : null;
}

class ConflictBody extends Widget implements Dialog.IBodyWidget<MergeSides> {
  constructor(
    conflicts: readonly MergeConflict[],
    branches: { readonly ours: string; readonly theirs: string },
    trans: TranslationBundle
  ) {
    super();
    this.addClass('bb-Conflicts');
    const intro = document.createElement('p');
    intro.textContent = trans.__('Choose which version the merge keeps. The other one stays in the history.');
    const rows = conflicts.map(conflict => this._row(conflict, branches, trans));
    this.node.append(intro, ...rows);
  }

  getValue(): MergeSides {
    const side = (name: string): string[] =>
      [...this._selects].filter(([, select]) => select.value === name).map(([path]) => path);
    return { ours: side('ours'), theirs: side('theirs') };
  }

  private _row(
    conflict: MergeConflict,
    branches: { readonly ours: string; readonly theirs: string },
    trans: TranslationBundle
  ): HTMLElement {
    const row = document.createElement('label');
    row.className = 'bb-Conflicts-row';
    const path = document.createElement('span');
    path.className = 'bb-Conflicts-path';
    path.textContent = conflict.path;
    path.title = conflict.reason;
    const reason = document.createElement('span');
    reason.className = 'bb-Conflicts-reason';
    reason.textContent = conflict.reason;
    const select = document.createElement('select');
    select.className = 'jp-mod-styled';
    select.append(
      new Option(trans.__('Keep %1', branches.ours), 'ours'),
      new Option(trans.__('Take %1', branches.theirs), 'theirs')
    );
    this._selects.set(conflict.path, select);
    row.append(path, reason, select);
    return row;
  }

  private readonly _selects = new Map<string, HTMLSelectElement>();
}
