import type { IDocumentWidgetOpener } from '@jupyterlab/docmanager';
import type { Widget } from '@lumino/widgets';
import type { CommandEnvironment } from '../commands/command-environment';
import { openDocuments } from '../switch/open-documents';
import type { IProjectModel } from '../tokens';
import { type BannerContent, DocumentBanner } from './document-banner';
import { setReadOnly } from './read-only';
import { isViewing, pushBlock } from './standing';

const save = 'docmanager:save';

/**
 * Keeps documents of a project that may not be changed from being saved, and tells above each of them that it is so, and
 * what one can do instead.
 */
export class ViewOnlyBanners {
  constructor(
    private readonly _env: CommandEnvironment,
    opener: IDocumentWidgetOpener
  ) {
    opener.opened.connect((_, widget) => void this._onOpened(widget));
    _env.branchbook.currentChanged.connect(() => this._follow(_env.branchbook.current));
    this._follow(_env.branchbook.current);
  }

  private async _onOpened(widget: Widget): Promise<void> {
    const context = this._env.docManager.contextForWidget(widget);
    this._follow(context ? await this._env.branchbook.projectAt(context.path) : null);
  }

  private _follow(project: IProjectModel | null): void {
    if (project && !this._projects.has(project)) {
      this._projects.add(project);
      project.stateChanged.connect(this._update, this);
    }
    if (project) {
      this._update(project);
    }
  }

  private _update(project: IProjectModel): void {
    const content = this._contentFor(project);
    if (content === null ? !this._told.delete(project) : !this._told.add(project)) {
      return;
    }
    const { shell, docManager, commands } = this._env;
    const viewing = isViewing(project.sharing.check);
    for (const { context, views } of openDocuments(shell, docManager, project)) {
      setReadOnly(context, viewing && !context.model.collaborative);
      views.forEach(({ widget }) => {
        // JupyterLab says once that a document is read-only, and not when it no longer is.
        widget.toggleClass('bb-mod-writable', context.contentsModel?.writable === true);
        this._set(widget, content);
      });
    }
    if (commands.hasCommand(save)) {
      commands.notifyCommandChanged(save);
    }
  }

  private _set(widget: Widget, content: BannerContent | null): void {
    const known = this._banners.get(widget);
    if (content === null) {
      known?.dispose();
      return;
    }
    const banner = known ?? new DocumentBanner('viewOnly');
    // Writing the same again would take the focus from its buttons.
    if (this._shown.get(banner) !== content.text) {
      this._shown.set(banner, content.text);
      banner.content = content;
    }
    if (!known && banner.showAbove(widget)) {
      this._banners.set(widget, banner);
      banner.disposed.connect(() => this._banners.delete(widget));
    }
  }

  private _contentFor(project: IProjectModel): BannerContent | null {
    const { trans, commands } = this._env;
    const { check } = project.sharing;
    const path = `${project.located.contentsPath ?? ''}/`;
    const action = (label: string, command: string): BannerContent['actions'][number] => ({
      label,
      run: () => void commands.execute(command, { path })
    });
    const fork = action(trans.__('Fork to a private branch'), 'branchbook:fork');
    if (check && isViewing(check)) {
      return {
        text: trans.__('You can view %1. What you change here is not saved.', check.project ?? check.remote.name),
        actions: [fork, action(trans.__('Request access'), 'branchbook:request-access')]
      };
    }
    const block = check?.upstream ? pushBlock(project, trans) : null;
    return block === null ? null : { text: trans.__('%1 Changes stay here.', block), actions: [fork] };
  }

  private readonly _projects = new Set<IProjectModel>();
  /** Those whose documents have a banner. */
  private readonly _told = new Set<IProjectModel>();
  private readonly _banners = new Map<Widget, DocumentBanner>();
  private readonly _shown = new WeakMap<DocumentBanner, string>();
}
