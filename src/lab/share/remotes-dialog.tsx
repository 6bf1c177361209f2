import '../../../style/share-dialogs.css';
import { Dialog } from '@jupyterlab/apputils';
import { Button, ReactWidget, deleteIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type FormEvent, useEffect, useState } from 'react';
import { BranchbookError } from '../../core/error';
import type { RemoteArgs, RemoteInfo } from '../../core/model/sharing';
import { IconButton } from '../panel/icon-button';
import type { IProjectModel } from '../tokens';
import { FormDialog } from './form-dialog';

/** The remotes of a project, to add and remove. Resolves when it was closed. */
export async function showRemotes(project: IProjectModel, trans: TranslationBundle): Promise<void> {
  const body = ReactWidget.create(<Remotes project={project} trans={trans} />);
  body.addClass('bb-RemotesBody');
  const dialog = new FormDialog({
    title: trans.__('Where this project is shared'),
    body,
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
  await dialog.launch();
}

type RemotesProps = { readonly project: IProjectModel; readonly trans: TranslationBundle };

function Remotes({ project, trans }: RemotesProps): JSX.Element {
  const [remotes, setRemotes] = useState<readonly RemoteInfo[]>(project.sharing.remotes ?? []);
  const [problem, setProblem] = useState<string | null>(null);
  const run = async (args: RemoteArgs): Promise<boolean> => {
    try {
      setRemotes((await project.run('remote', args)).remotes);
      setProblem(null);
      return true;
    } catch (cause) {
      const { message, hint } = BranchbookError.from(cause);
      setProblem([message, hint].filter(Boolean).join(' '));
      return false;
    }
  };
  useEffect(() => void run({ action: 'list' }), []);
  return (
    <>
      {remotes.length === 0 && <p className="bb-Quiet">{trans.__('Nowhere yet: it is only on this machine.')}</p>}
      <ul className="bb-Remotes" aria-label={trans.__('Remotes')}>
        {remotes.map(remote => (
          <li key={remote.name} className="bb-Remotes-row">
            <span className="bb-Remotes-name">{remote.name}</span>
            <span className="bb-Remotes-address" title={remote.address}>
              {remote.address}
            </span>
            {remote.isUpstream && <span className="bb-Badge">{trans.__('this branch')}</span>}
            <IconButton
              icon={deleteIcon}
              label={trans.__('Forget %1. Nothing is deleted there.', remote.name)}
              onClick={() => void run({ action: 'remove', name: remote.name })}
            />
          </li>
        ))}
      </ul>
      <AddRemote trans={trans} onAdd={(name, address) => run({ action: 'add', name, address })} />
      {problem !== null && (
        <p className="bb-Problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

function AddRemote(props: {
  readonly trans: TranslationBundle;
  readonly onAdd: (name: string, address: string) => Promise<boolean>;
}): JSX.Element {
  const { trans, onAdd } = props;
  const [name, setName] = useState('');
  const [address, setAddress] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void onAdd(name.trim(), address.trim()).then(added => {
      if (added) {
        setName('');
        setAddress('');
      }
    });
  };
  return (
    <form className="bb-Remotes-add" onSubmit={submit}>
      <input
        className="jp-mod-styled"
        aria-label={trans.__('Name of the remote')}
        placeholder={trans.__('origin')}
        value={name}
        onChange={event => setName(event.target.value)}
      />
      <input
        className="jp-mod-styled bb-Remotes-addAddress"
        aria-label={trans.__('Address of the remote')}
        placeholder={trans.__('https://hub.example.org/team/project')}
        value={address}
        onChange={event => setAddress(event.target.value)}
      />
      <Button className="jp-mod-styled" type="submit" disabled={!name.trim() || !address.trim()}>
        {trans.__('Add')}
      </Button>
    </form>
  );
}
