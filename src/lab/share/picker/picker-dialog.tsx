import '../../../../style/share-dialogs.css';
import { Dialog } from '@jupyterlab/apputils';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { FormDialog } from '../form-dialog';
import { type Choice, PickerModel, type PickerOptions } from './picker-model';
import { PickerView } from './picker-view';

/** Let the user choose a project to clone, or where to publish. null when cancelled. */
export async function askPlace(options: PickerOptions): Promise<Choice | null> {
  const { trans, mode } = options;
  const model = new PickerModel(options);
  void model.load();
  try {
    const dialog = new FormDialog<Choice | null>({
      title: mode === 'clone' ? trans.__('Open a shared project') : trans.__('Publish this project'),
      body: new PickerBody(model, trans),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: mode === 'clone' ? trans.__('Clone') : trans.__('Publish') })
      ],
      focusNodeSelector: 'input'
    });
    const { button, value } = await dialog.launch();
    return button.accept ? value : null;
  } finally {
    model.dispose();
  }
}

class PickerBody extends ReactWidget implements Dialog.IBodyWidget<Choice | null> {
  constructor(
    private readonly _model: PickerModel,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('bb-PickerBody');
  }

  getValue(): Choice | null {
    return this._model.choice;
  }

  protected override render(): JSX.Element {
    return (
      <UseSignal signal={this._model.changed}>{() => <PickerView model={this._model} trans={this._trans} />}</UseSignal>
    );
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._model.changed.connect(this._onChange, this);
    this._onChange();
  }

  /** Nothing can be accepted before it is chosen. */
  private _onChange(): void {
    const accept = this.node.closest('.jp-Dialog-content')?.querySelector<HTMLButtonElement>('button.jp-mod-accept');
    if (accept) {
      accept.disabled = this._model.choice === null;
    }
  }
}
