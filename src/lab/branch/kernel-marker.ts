import { refreshIcon } from '@jupyterlab/ui-components';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { KernelOrigins } from '../switch/kernel-origins';

export type KernelMarkerOptions = {
  readonly panel: NotebookPanel;
  readonly origins: KernelOrigins;
  readonly trans: TranslationBundle;
  /** Ask, then restart the panel's kernel. */
  readonly restart: () => void;
};

/** Warns in the notebook's toolbar that the kernel holds another branch's variables, and offers to restart it. */
export class KernelMarker extends Widget {
  constructor(private readonly _options: KernelMarkerOptions) {
    super();
    this.addClass('bb-KernelMarker');
    this._button.type = 'button';
    this._text.className = 'bb-KernelMarker-text';
    const icon = document.createElement('span');
    icon.className = 'bb-KernelMarker-icon';
    refreshIcon.element({ container: icon, stylesheet: 'toolbarButton' });
    this._button.append(icon, this._text);
    this.node.append(this._button);
    this.hide();
    _options.origins.changed.connect(this._onChanged, this);
    this._render();
  }

  override dispose(): void {
    this._options.origins.changed.disconnect(this._onChanged, this);
    this._mark(false);
    super.dispose();
  }

  handleEvent(): void {
    this._options.restart();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._button.addEventListener('click', this);
  }

  protected override onBeforeDetach(message: Message): void {
    this._button.removeEventListener('click', this);
    super.onBeforeDetach(message);
  }

  private _onChanged(_: KernelOrigins, panel: NotebookPanel): void {
    if (panel === this._options.panel) {
      this._render();
    }
  }

  private _render(): void {
    const { origins, panel, trans } = this._options;
    const branches = origins.foreign(panel).join(', ');
    const label = trans.__('Kernel holds state from %1', branches);
    this._text.textContent = label;
    this._button.title = trans.__('%1. Restart the kernel to compute with this branch only.', label);
    this.setHidden(branches === '');
    this._mark(branches !== '');
  }

  /** The tab carries the mark too: it shows when the toolbar does not. */
  private _mark(foreign: boolean): void {
    const { title } = this._options.panel;
    const others = title.className.split(' ').filter(name => name && name !== 'bb-mod-foreignKernel');
    title.className = [...others, ...(foreign ? ['bb-mod-foreignKernel'] : [])].join(' ');
  }

  private readonly _button = document.createElement('button');
  private readonly _text = document.createElement('span');
}
