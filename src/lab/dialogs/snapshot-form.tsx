import { Dialog, showDialog } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useState } from 'react';
import type { FileChange } from '../../core/model/snapshot';
import { ChangeList } from '../panel/change-list';
import { isChosen } from './take-snapshot';

export type SnapshotChoice = {
  readonly message: string;
  /** Chosen project paths; undefined = everything that changed. */
  readonly paths: readonly string[] | undefined;
};

export type SnapshotFormOptions = {
  readonly branch: string;
  readonly changes: readonly FileChange[];
  readonly message: string;
  /** Paths (files or folders) to choose at first; missing = all. */
  readonly preset?: readonly string[];
};

/** Ask for a message and for the files to snapshot. null when the user cancelled or chose nothing. */
export async function askSnapshot(
  options: SnapshotFormOptions,
  trans: TranslationBundle
): Promise<SnapshotChoice | null> {
  const result = await showDialog<SnapshotChoice>({
    title: trans.__('Snapshot on %1', options.branch),
    body: new SnapshotForm(options, trans),
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.okButton({ label: trans.__('Snapshot') })],
    focusNodeSelector: 'textarea'
  });
  const choice = result.button.accept ? result.value : null;
  return choice && choice.paths?.length !== 0 ? choice : null;
}

class SnapshotForm extends ReactWidget implements Dialog.IBodyWidget<SnapshotChoice> {
  constructor(
    private readonly _options: SnapshotFormOptions,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('bb-SnapshotForm');
    this._message = _options.message;
    const { changes, preset } = _options;
    const wanted = changes.filter(change => isChosen(change.path, preset));
    this._chosen = new Set(wanted.map(change => change.path));
  }

  getValue(): SnapshotChoice {
    const all = this._chosen.size === this._options.changes.length;
    return { message: this._message.trim(), paths: all ? undefined : [...this._chosen] };
  }

  protected override render(): JSX.Element {
    return (
      <Form
        changes={this._options.changes}
        trans={this._trans}
        initial={{ message: this._message, chosen: this._chosen }}
        onMessage={message => (this._message = message)}
        onChosen={chosen => (this._chosen = chosen)}
      />
    );
  }

  private _message: string;
  private _chosen: ReadonlySet<string>;
}

type FormProps = {
  readonly changes: readonly FileChange[];
  readonly trans: TranslationBundle;
  readonly initial: { readonly message: string; readonly chosen: ReadonlySet<string> };
  readonly onMessage: (message: string) => void;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
};

function Form({ changes, trans, initial, onMessage, onChosen }: FormProps): JSX.Element {
  const [chosen, setChosen] = useState(initial.chosen);
  const choose = (next: ReadonlySet<string>): void => {
    setChosen(next);
    onChosen(next);
  };
  const toggle = (path: string): void => {
    const next = new Set(chosen);
    if (!next.delete(path)) {
      next.add(path);
    }
    choose(next);
  };
  const all = chosen.size === changes.length;
  return (
    <>
      <textarea
        className="jp-mod-styled"
        rows={3}
        aria-label={trans.__('Snapshot message')}
        placeholder={trans.__('What changed? Left empty, the files are listed.')}
        defaultValue={initial.message}
        onChange={event => onMessage(event.target.value)}
      />
      <label className="bb-SnapshotForm-all">
        <input
          type="checkbox"
          checked={all}
          ref={box => {
            if (box) {
              box.indeterminate = !all && chosen.size > 0;
            }
          }}
          onChange={() => choose(new Set(all ? [] : changes.map(change => change.path)))}
        />
        {trans.__('%1 of %2 files', chosen.size, changes.length)}
      </label>
      <div className="bb-SnapshotForm-files">
        <ChangeList changes={changes} trans={trans} choice={{ chosen, toggle }} />
      </div>
    </>
  );
}
