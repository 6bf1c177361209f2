import { Dialog, showDialog } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import type { ComputeEndpoint } from '../../core/model/namespace';

export type NewEndpoint = {
  readonly name: string;
  readonly kind: ComputeEndpoint['kind'];
  readonly title: string;
  readonly url: string;
  readonly token: string;
};

/** Ask for a machine to run notebooks on. null when the user cancelled. */
export async function askEndpoint(namespace: string, trans: TranslationBundle): Promise<NewEndpoint | null> {
  const { button, value } = await showDialog<NewEndpoint>({
    title: trans.__('Add compute to %1', namespace.slice(namespace.lastIndexOf('/') + 1)),
    body: new EndpointForm(trans),
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.okButton({ label: trans.__('Add') })],
    focusNodeSelector: 'input'
  });
  return button.accept ? value : null;
}

class EndpointForm extends ReactWidget implements Dialog.IBodyWidget<NewEndpoint> {
  constructor(private readonly _trans: TranslationBundle) {
    super();
    this.addClass('bb-EndpointForm');
  }

  getValue(): NewEndpoint {
    const value = (name: string): string =>
      this.node.querySelector<HTMLInputElement | HTMLSelectElement>(`[name=${name}]`)!.value.trim();
    return {
      name: value('name'),
      kind: value('kind') as ComputeEndpoint['kind'],
      title: value('title'),
      url: value('url'),
      token: value('token')
    };
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.node.addEventListener('input', () => this._onInput());
    this._onInput();
  }

  /** Nothing can be added before it has a name and an address. */
  private _onInput(): void {
    const accept = this.node.closest('.jp-Dialog-content')?.querySelector<HTMLButtonElement>('button.jp-mod-accept');
    if (accept) {
      accept.disabled = this.node.querySelector(':invalid') !== null;
    }
  }

  protected override render(): JSX.Element {
    const trans = this._trans;
    const field = (name: string, words: string, attributes: object): JSX.Element => (
      <label>
        <span>{words}</span>
        <input className="jp-mod-styled" name={name} autoComplete="off" {...attributes} />
      </label>
    );
    return (
      <>
        {field('name', trans.__('Name'), { placeholder: trans.__('for example gpu-1'), required: true })}
        {field('title', trans.__('What it is, for people'), { placeholder: trans.__('for example A100, 80 GB') })}
        <label>
          <span>{trans.__('Kind')}</span>
          <select className="jp-mod-styled" name="kind">
            <option value="jupyter-server">{trans.__('Jupyter Server')}</option>
            <option value="kernel-gateway">{trans.__('Kernel Gateway')}</option>
          </select>
        </label>
        {field('url', trans.__('Address'), {
          placeholder: trans.__('for example https://gpu-1.example.org/'),
          type: 'url',
          required: true
        })}
        {field('token', trans.__('Token'), { type: 'password' })}
        <p className="bb-Quiet">{trans.__('The token stays with the place. Members never see it.')}</p>
      </>
    );
  }
}
