import { ReactWidget, SidePanel, UseSignal } from '@jupyterlab/ui-components';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { type AccordionPanel, type PanelLayout, SplitPanel } from '@lumino/widgets';
import { versionsIcon } from '../icons';
import { AssetList } from './asset-list';
import { Changes } from './changes';
import { EmptyState } from './empty-state';
import { Header } from './header';
import { History } from './history';
import { Measured } from './measured';
import type { PanelModel } from './panel-model';
import type { SectionProps } from './section-props';
import { SharedLine } from './shared-line';

/** The data-version panel: a header with where it is shared, then the sections Changes, Data and models, History. */
export class DataVersionPanel extends SidePanel {
  constructor(
    readonly model: PanelModel,
    translator: ITranslator
  ) {
    super({ translator });
    const trans = translator.load('branchbook');
    this.id = 'branchbook-panel';
    this.addClass('bb-Panel');
    this.title.icon = versionsIcon;
    this.title.caption = trans.__('Data and model versions');
    this.node.setAttribute('aria-label', trans.__('Data and model versions'));
    this.header.addWidget(section(Header, model, trans, 'bb-Panel-header'));
    this._shared = section(SharedLine, model, trans, 'bb-Panel-shared');
    this._empty = section(EmptyState, model, trans, 'bb-Panel-empty');
    (this.layout as PanelLayout).insertWidget(1, this._empty);
    (this.layout as PanelLayout).insertWidget(1, this._shared);
    const assets = section(AssetList, model, trans, 'bb-Panel-assets');
    // The list takes the room that the other two, no higher than what they show, leave.
    SplitPanel.setStretch(assets, 1);
    this.addWidget(titled(fitted(Changes, model, trans, 'bb-Panel-changes'), trans.__('Changes')));
    this.addWidget(titled(assets, trans.__('Data and models')));
    this.addWidget(titled(fitted(History, model, trans, 'bb-Panel-history'), trans.__('History')));
    (this.content as AccordionPanel).setRelativeSizes([3, 5, 2]);
    model.stateChanged.connect(this._onStateChanged, this);
    this._onStateChanged();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.model.stateChanged.disconnect(this._onStateChanged, this);
      this.model.dispose();
      super.dispose();
    }
  }

  private _onStateChanged(): void {
    const { isReady } = this.model;
    this._empty.setHidden(isReady);
    this.header.setHidden(!isReady);
    this._shared.setHidden(!isReady);
    this.content.setHidden(!isReady);
  }

  private readonly _shared: ReactWidget;
  private readonly _empty: ReactWidget;
}

function section(
  Component: (props: SectionProps) => JSX.Element,
  model: PanelModel,
  trans: TranslationBundle,
  className: string
): ReactWidget {
  const widget = ReactWidget.create(
    <UseSignal signal={model.stateChanged}>{() => <Component model={model} trans={trans} />}</UseSignal>
  );
  widget.addClass(className);
  return widget;
}

/** A section that is no higher than its content: the style sheet limits it, and the split layout reads the limits. */
function fitted(
  Component: (props: SectionProps) => JSX.Element,
  model: PanelModel,
  trans: TranslationBundle,
  className: string
): ReactWidget {
  const fit = (height: number): void => {
    widget.node.style.setProperty('--bb-content-height', `${height}px`);
    widget.parent?.fit();
  };
  const content = (props: SectionProps): JSX.Element => (
    <Measured onHeight={fit}>
      <Component {...props} />
    </Measured>
  );
  const widget = section(content, model, trans, className);
  return widget;
}

function titled(widget: ReactWidget, title: string): ReactWidget {
  widget.title.label = title;
  return widget;
}
