import '../../../style/diff.css';
import '../../../style/compare.css';
import '../../../style/look.css';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Panel, type Widget } from '@lumino/widgets';
import { BranchbookError } from '../../core/error';
import type { MediaContent } from '../../core/model/content';
import { kindIcons } from '../icons';
import { shortId, splitPath } from '../panel/words';
import { BinaryLook } from './binary-look';
import { LookHeader } from './look-header';
import { LookModel, type LookResult } from './look-model';
import { Failure, Waiting } from './look-state';
import { mediaLook, textLook } from './media-look';
import { ModelLook } from './model-look';
import { NotebookLook, type NotebookServices, readNotebook } from './notebook-look';
import { TableLook } from './table-look';
import { TableModel } from './table-model';
import type { IProjectModel } from '../tokens';

export type LookServices = NotebookServices & {
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
};

/** One version of a file: what it is, above what is in it. */
export class LookWidget extends Panel {
  constructor(
    readonly model: LookModel,
    private readonly _services: LookServices
  ) {
    super();
    this.addClass('bb-Look');
    const header = ReactWidget.create(<UseSignal signal={model.stateChanged}>{() => this._renderHeader()}</UseSignal>);
    header.addClass('bb-Look-header');
    this.addWidget(header);
    this.title.label = model.address;
    model.stateChanged.connect(this._onState, this);
    this._onState();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._abort.abort();
      this.model.dispose();
      super.dispose();
    }
  }

  protected override onActivateRequest(): void {
    const body = this._body;
    if (body instanceof TableLook) {
      body.activate();
    } else {
      (body ?? this).node.focus();
    }
  }

  private _renderHeader(): JSX.Element {
    const { model } = this;
    const { commands, trans } = this._services;
    const { state } = model;
    switch (state.kind) {
      case 'loading':
        return (
          <Waiting
            label={trans.__('Opening %1…', model.address)}
            progress={state.progress}
            onCancel={() => model.cancel()}
            trans={trans}
          />
        );
      case 'problem':
        return <Failure message={state.message} hint={state.hint} onRetry={() => void model.load()} trans={trans} />;
      case 'loaded':
        return <LookHeader result={state.result} project={model.project} commands={commands} trans={trans} />;
    }
  }

  private _onState(): void {
    const { state } = this.model;
    if (state.kind === 'loaded') {
      const { version } = state.result;
      this.title.label = `${splitPath(version.path).name}@${shortId(version.id)}`;
      this.title.caption = version.address;
      this.title.icon = kindIcons[state.result.assetKind];
      void this._open(state.result);
    }
  }

  private async _open(result: LookResult): Promise<void> {
    const { trans } = this._services;
    try {
      const body = await this._bodyOf(result);
      if (!this.isDisposed) {
        this._show(body);
      } else {
        body.dispose();
      }
    } catch (cause) {
      const { code, message, hint } = BranchbookError.from(cause);
      if (code !== 'CANCELLED' && !this.isDisposed) {
        const retry = (): void => void this._open(result);
        this._show(page(<Failure message={message} hint={hint ?? ''} onRetry={retry} trans={trans} />));
      }
    }
  }

  private _show(body: Widget): void {
    this._body?.dispose();
    this._body = body;
    body.addClass('bb-Look-body');
    this.addWidget(body);
  }

  private async _bodyOf({ version, content }: LookResult): Promise<Widget> {
    const { commands, trans } = this._services;
    if (version.size === null) {
      return page(<p className="bb-Page">{trans.__('The file was removed in this snapshot.')}</p>);
    }
    if (!content) {
      return page(<p className="bb-Page">{trans.__('Nothing is known of the content of this version.')}</p>);
    }
    switch (content.kind) {
      case 'table':
        return new TableLook(new TableModel(this.model.project, version.address, content.table), version.path, trans);
      case 'model':
        return page(<ModelLook content={content} commands={commands} trans={trans} />);
      case 'binary':
      case 'unreadable':
        return page(<BinaryLook content={content} trans={trans} />);
      default:
        return this._media(version.address, version.path, content);
    }
  }

  private async _media(address: string, path: string, content: MediaContent): Promise<Widget> {
    const { rendermime, trans } = this._services;
    const bytes = (): Promise<ArrayBuffer> => this.model.project.file(address, this._abort.signal);
    const media = { content, path, bytes };
    if (content.kind === 'image' || content.kind === 'audio') {
      return mediaLook(media, trans);
    }
    if (content.kind !== 'notebook') {
      return textLook(media, rendermime, trans);
    }
    const notebook = readNotebook(new TextDecoder().decode(await bytes()), trans);
    const widget = new NotebookLook(notebook, this._services, trans.__('Cells of %1', path));
    if (this.model.cell !== null) {
      const { cell } = this.model;
      requestAnimationFrame(() => !widget.isDisposed && widget.reveal(cell));
    }
    return widget;
  }

  private _body: Widget | null = null;
  private readonly _abort = new AbortController();
}

/** Contents this widget can tell nothing about by itself are React's. */
function page(element: JSX.Element): Widget {
  const widget = ReactWidget.create(element);
  widget.addClass('bb-Look-page');
  widget.node.tabIndex = 0;
  return widget;
}

/** The view of a version; loads it at once. */
export function createLook(
  project: IProjectModel,
  address: string,
  cell: string | null,
  services: LookServices
): LookWidget {
  return new LookWidget(new LookModel(project, address, cell), services);
}
