import type { IDocumentWidgetOpener } from '@jupyterlab/docmanager';
import type { Widget } from '@lumino/widgets';
import { BranchbookError } from '../../core/error';
import type { AssetInfo } from '../../core/model/result';
import { bringHere } from '../commands/bring-here';
import type { CommandEnvironment } from '../commands/command-environment';
import { sizeInWords, splitPath } from '../panel/words';
import type { IProjectModel } from '../tokens';
import { DocumentBanner } from './document-banner';

/**
 * Brings the content when a document is opened whose file is not here yet. Until then the document shows that, and not
 * the pointer that stands in its place.
 */
export class StandIns {
  constructor(
    private readonly _env: CommandEnvironment,
    opener: IDocumentWidgetOpener
  ) {
    opener.opened.connect((_, widget) => void this._onOpened(widget));
  }

  private async _onOpened(widget: Widget): Promise<void> {
    const context = this._env.docManager.contextForWidget(widget);
    const project = context ? await this._env.branchbook.projectAt(context.path) : null;
    const path = context && project ? project.toProjectPath(context.path) : null;
    if (!project || path === null) {
      return;
    }
    if (!project.status) {
      await project.refresh();
    }
    const asset = project.assets.find(candidate => candidate.path === path && candidate.standIn);
    if (asset && !widget.isDisposed) {
      await this._bring(project, asset, widget);
    }
  }

  private async _bring(project: IProjectModel, asset: AssetInfo, widget: Widget): Promise<void> {
    const { trans } = this._env;
    const name = splitPath(asset.path).name;
    const banner = new DocumentBanner('standIn');
    const size = sizeInWords(asset.size);
    const retry = { label: trans.__('Bring here (%1)', size), run: () => void attempt() };
    const wait = (reason: string): void => {
      banner.content = { text: [trans.__('%1 is not here yet.', name), reason].join(' '), actions: [retry] };
    };
    const attempt = async (): Promise<void> => {
      banner.content = { text: trans.__('%1 is not here yet. Bringing %2…', name, size), actions: [] };
      try {
        if (await bringHere(this._env, project, asset.path)) {
          banner.dispose();
        } else {
          wait('');
        }
      } catch (cause) {
        const { code, message } = BranchbookError.from(cause);
        wait(code === 'CANCELLED' ? '' : message);
      }
    };
    banner.showAbove(widget);
    await attempt();
  }
}
