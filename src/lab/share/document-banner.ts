import { MainAreaWidget } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

export type BannerAction = { readonly label: string; readonly run: () => void };
export type BannerContent = { readonly text: string; readonly actions: readonly BannerAction[] };

/** A line of words above a document, with what can be done about them. */
export class DocumentBanner extends Widget {
  constructor(private readonly _kind: string) {
    super();
    this.addClass('bb-Banner');
    this.addClass(`bb-mod-${_kind}`);
    this.node.setAttribute('role', 'status');
  }

  set content({ text, actions }: BannerContent) {
    const words = document.createElement('span');
    words.className = 'bb-Banner-text';
    words.textContent = text;
    words.title = text;
    this.node.replaceChildren(words, ...actions.map(button));
  }

  /** Put it above the content of `widget`; false when that is no widget with room for it. */
  showAbove(widget: Widget): boolean {
    if (!(widget instanceof MainAreaWidget)) {
      return false;
    }
    widget.contentHeader.addWidget(this);
    widget.toggleClass(`bb-mod-${this._kind}`, true);
    widget.disposed.connect(() => this.dispose());
    this.disposed.connect(() => widget.isDisposed || widget.toggleClass(`bb-mod-${this._kind}`, false));
    return true;
  }
}

function button({ label, run }: BannerAction): HTMLElement {
  const node = document.createElement('button');
  node.type = 'button';
  node.className = 'bb-LinkButton';
  node.textContent = label;
  node.addEventListener('click', run);
  return node;
}
