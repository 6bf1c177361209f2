import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { BranchbookError, hasCode } from '../../core/error';
import type { SwitchArgs, SwitchResult } from '../../core/model/result';
import type { DocumentChanges, IProjectModel } from '../tokens';
import { editedDocuments, rememberAuthored } from './edited-documents';
import { followDocuments, type FollowEnvironment, type Left, type Move } from './follow-documents';
import { type OpenDocument, openDocuments } from './open-documents';
import { changedOnDisk } from './outside-changes';
import { withProgress } from './progress-notification';
import type { SaveTracker } from './save-tracker';
import { askAboutBusyKernels, askAboutChanges, askAboutUnsaved, type UnsavedChoice } from './switch-dialogs';

export type KeeperEnvironment = FollowEnvironment & {
  readonly saves: SaveTracker;
  readonly trans: TranslationBundle;
  /** Setting: ask before files change under a kernel that is computing. */
  readonly askWhenBusy: () => boolean;
  readonly refreshFiles: () => Promise<void>;
};

/**
 * Keeps open documents and the files on disk together while something rewrites those files. One change at a time:
 * a second one waits, because two would revert each other's tabs.
 */
export class DocumentKeeper {
  constructor(private readonly _env: KeeperEnvironment) {}

  switchBranch(project: IProjectModel, args: SwitchArgs): Promise<SwitchResult | null> {
    return this._exclusive(async () => {
      const result = await this._guarded(project, true, choice =>
        this._switch(project, choice === 'park' ? { ...args, changes: 'park' } : args)
      );
      return result;
    });
  }

  withDocuments<T extends DocumentChanges>(project: IProjectModel, change: () => Promise<T>): Promise<T | null> {
    return this._exclusive(() => this._guarded(project, false, change));
  }

  /** The work tree moved by other hands: make clean documents follow, name the others. */
  followOutside(project: IProjectModel, change: { readonly from: string | null; readonly to: string }): Promise<void> {
    return this._exclusive(async () => {
      const documents = openDocuments(this._env.shell, this._env.docManager, project);
      const changes = await changedOnDisk(documents, this._env.docManager.services.contents);
      const move = { from: change.from ?? change.to, to: change.to };
      this._report(await followDocuments(project, changes, move, this._env), move);
      await this._env.refreshFiles();
    });
  }

  /** Everything around a change: ask, save, pause autosave, change, follow. null when the user cancelled. */
  private async _guarded<T extends DocumentChanges>(
    project: IProjectModel,
    park: boolean,
    change: (choice: UnsavedChoice | null) => Promise<T | null>
  ): Promise<T | null> {
    const { docManager, shell } = this._env;
    const autosave = docManager.autosave;
    docManager.autosave = false;
    try {
      const documents = openDocuments(shell, docManager, project);
      await this._env.saves.settled(documents.map(document => document.context));
      if (!(await this._kernelsAgreed(documents))) {
        return null;
      }
      const choice = await this._unsavedAgreed(documents, park);
      if (choice === 'cancel') {
        return null;
      }
      const from = project.status?.branch ?? '';
      const markClean = rememberAuthored(documents);
      const result = await change(choice);
      if (result) {
        markClean();
        await this._follow(project, result, from);
      }
      return result;
    } finally {
      docManager.autosave = autosave;
    }
  }

  private async _kernelsAgreed(documents: readonly OpenDocument[]): Promise<boolean> {
    const busy = documents.filter(({ context }) => context.sessionContext.session?.kernel?.status === 'busy');
    if (busy.length === 0 || !this._env.askWhenBusy()) {
      return true;
    }
    return askAboutBusyKernels(
      busy.map(document => document.path),
      this._env.trans
    );
  }

  /** Get every edit to disk, with the user's consent. null when there was nothing to ask. */
  private async _unsavedAgreed(
    documents: readonly OpenDocument[],
    park: boolean
  ): Promise<UnsavedChoice | 'cancel' | null> {
    const unsaved = await editedDocuments(documents, this._env.docManager.services.contents);
    if (unsaved.length === 0) {
      return null;
    }
    const choice = await askAboutUnsaved(
      unsaved.map(document => document.path),
      park,
      this._env.trans
    );
    if (choice === null) {
      return 'cancel';
    }
    for (const { context, path } of unsaved) {
      await saveDocument(context, path, this._env.trans);
    }
    return choice;
  }

  private async _switch(project: IProjectModel, args: SwitchArgs): Promise<SwitchResult | null> {
    const { trans } = this._env;
    try {
      return await this._runSwitch(project, args);
    } catch (error) {
      if (!hasCode(error, 'WORK_TREE_DIRTY')) {
        throw error;
      }
      const choice = await askAboutChanges(error, project.status?.branch ?? '', trans);
      return choice && this._runSwitch(project, { ...args, changes: choice });
    }
  }

  private async _runSwitch(project: IProjectModel, args: SwitchArgs): Promise<SwitchResult> {
    const title = this._env.trans.__('Switching to %1…', args.branch);
    const result = await withProgress(title, this._env.trans, options => project.run('switch', args, options));
    result.notices.forEach(notice => Notification.warning(notice, { autoClose: false }));
    return result;
  }

  private async _follow<T extends DocumentChanges>(project: IProjectModel, result: T, from: string): Promise<void> {
    const move = { from, to: await this._reached(project, result) };
    this._report(await followDocuments(project, result, move, this._env), move);
    await this._env.refreshFiles();
  }

  /** A switch says where it went; an undo may have moved too, which only the status knows. */
  private async _reached(project: IProjectModel, result: DocumentChanges & { readonly to?: string }): Promise<string> {
    if (result.to === undefined) {
      await project.refresh();
    }
    return result.to ?? project.status?.branch ?? '';
  }

  private _report(left: Left, move: Move): void {
    const { trans } = this._env;
    if (left.edited.length > 0) {
      const message = trans.__('Edited while files changed, still as on %1: %2', move.from, left.edited.join(', '));
      Notification.warning(message, { autoClose: false });
    }
    if (left.failed.length > 0) {
      const paths = left.failed.map(({ path, reason }) => `${path} (${reason})`).join(', ');
      Notification.error(trans.__('Could not be loaded again; close and reopen: %1', paths), { autoClose: false });
    }
  }

  private _exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this._last.then(work, work);
    this._last = result.catch(() => undefined);
    return result;
  }

  private _last: Promise<unknown> = Promise.resolve();
}

/** Save, or reject: a save that Lab's own conflict dialog cancelled leaves the document dirty without an error. */
async function saveDocument(context: OpenDocument['context'], path: string, trans: TranslationBundle): Promise<void> {
  try {
    await context.save();
  } catch (error) {
    throw notSaved(path, trans, error instanceof Error ? error.message : String(error));
  }
  if (context.model.dirty) {
    throw notSaved(path, trans, '');
  }
}

function notSaved(path: string, trans: TranslationBundle, reason: string): BranchbookError {
  const hint = trans.__('Nothing was changed. Save it under another name or revert it, then try again.');
  return new BranchbookError('IO', trans.__('“%1” could not be saved.', path), { reason }, hint);
}
