import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { Person } from '../../core/model/git';

/** Ask who makes the snapshots of this project. null when the user cancelled or left a box empty. */
export async function askIdentity(trans: TranslationBundle): Promise<Person | null> {
  const result = await showDialog<Person>({
    title: trans.__('Who are you?'),
    body: new IdentityForm(trans),
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.okButton({ label: trans.__('Save') })],
    focusNodeSelector: 'input'
  });
  const person = result.button.accept ? result.value : null;
  return person?.name && person.email ? person : null;
}

class IdentityForm extends Widget implements Dialog.IBodyWidget<Person> {
  constructor(trans: TranslationBundle) {
    super();
    this.addClass('bb-IdentityForm');
    const intro = document.createElement('p');
    intro.textContent = trans.__('Every snapshot says who made it. Stored in this project only, for git too.');
    this._name = field(trans.__('Name'), 'text', 'name');
    this._email = field(trans.__('Email'), 'email', 'email');
    this.node.append(intro, this._name.label, this._email.label);
  }

  getValue(): Person {
    return { name: this._name.input.value.trim(), email: this._email.input.value.trim() };
  }

  private readonly _name: Field;
  private readonly _email: Field;
}

type Field = { readonly label: HTMLLabelElement; readonly input: HTMLInputElement };

function field(text: string, type: string, autocomplete: AutoFill): Field {
  const label = document.createElement('label');
  const caption = document.createElement('span');
  caption.textContent = text;
  const input = document.createElement('input');
  input.className = 'jp-mod-styled';
  input.type = type;
  input.required = true;
  input.autocomplete = autocomplete;
  label.append(caption, input);
  return { label, input };
}
