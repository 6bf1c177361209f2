import '../../../style/diff.css';
import '../../../style/namespace.css';
import { Dialog } from '@jupyterlab/apputils';
import { ReactWidget, UseSignal, closeIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type FormEvent, useEffect, useState } from 'react';
import { IconButton } from '../panel/icon-button';
import { FormDialog } from '../share/form-dialog';
import { Choice } from './choice';
import { LinkOnce } from './link-once';
import type { ServerSharesModel } from './server-shares-model';
import { principalInWords } from './words';

type ServerProps = { readonly model: ServerSharesModel; readonly trans: TranslationBundle };

/** Share the running server with a person, a group or a link; list and revoke. Resolves when it is closed. */
export async function showServerShares(model: ServerSharesModel, trans: TranslationBundle): Promise<void> {
  const body = ReactWidget.create(<ServerShares model={model} trans={trans} />);
  body.addClass('bb-Share');
  const dialog = new FormDialog<void>({
    title: trans.__('Share this running server'),
    body,
    buttons: [Dialog.cancelButton({ label: trans.__('Close') })],
    focusNodeSelector: 'input'
  });
  dialog.addClass('bb-ShareDialog');
  await dialog.launch();
}

/** What sharing it means, the form for it, and who has it now. */
export function ServerShares({ model, trans }: ServerProps): JSX.Element {
  useEffect(() => void model.load(), [model]);
  return <UseSignal signal={model.changed}>{() => <Shares model={model} trans={trans} />}</UseSignal>;
}

function Shares(props: ServerProps): JSX.Element {
  const { model, trans } = props;
  return (
    <>
      <p className="bb-Warning">
        {trans.__(
          'Who gets this server works in it as you: they see and change all your files here, run code with your rights, and use the credentials that are in it. To let somebody see or edit a project only, use Share instead.'
        )}
      </p>
      <ShareForm {...props} />
      {model.problem !== null && (
        <div className="bb-Problem" role="alert">
          {model.problem}
        </div>
      )}
      {model.link !== null && (
        // A JupyterHub that was not told its own address gives a path.
        <LinkOnce link={new URL(model.link, document.baseURI).href} trans={trans} />
      )}
      <Current {...props} />
    </>
  );
}

const day = 86_400;
type With = 'user' | 'group' | 'link';

function ShareForm({ model, trans }: ServerProps): JSX.Element {
  const [who, setWho] = useState<With>('user');
  const [name, setName] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void model.change(
      who === 'link' ? { action: 'share-server-link', expiresIn: day } : { action: 'share-server', [who]: name.trim() }
    );
    setName('');
  };
  return (
    <form className="bb-Namespace-form" onSubmit={submit} data-lm-suppress-shortcuts="true">
      <Choice<With>
        label={trans.__('With whom')}
        value={who}
        options={[
          ['user', trans.__('Person')],
          ['group', trans.__('Group')],
          ['link', trans.__('Link, for a day')]
        ]}
        onChange={setWho}
      />
      {who !== 'link' && (
        <input
          className="jp-mod-styled"
          aria-label={who === 'user' ? trans.__('Name of the person') : trans.__('Name of the group')}
          placeholder={trans.__('Name in JupyterHub')}
          value={name}
          onChange={event => setName(event.target.value)}
        />
      )}
      <button
        type="submit"
        className="bb-Button bb-mod-accept"
        disabled={model.busy || (who !== 'link' && name.trim() === '')}
      >
        {who === 'link' ? trans.__('Create link') : trans.__('Share')}
      </button>
    </form>
  );
}

function Current({ model, trans }: ServerProps): JSX.Element {
  const { shares, codes } = model;
  if (shares === null) {
    return (
      <p className="bb-Quiet" role="status">
        {model.problem === null ? trans.__('Loading…') : ''}
      </p>
    );
  }
  return (
    <section className="bb-Share-now" aria-label={trans.__('Who can use this server now')}>
      <h3>{trans.__('Who can use this server now')}</h3>
      {shares.length + codes.length === 0 && <p className="bb-Quiet">{trans.__('Only you.')}</p>}
      <ul className="bb-Endpoints">
        {shares.map(({ principal }) => (
          <li key={`${principal.kind}:${'name' in principal ? principal.name : ''}`} className="bb-Endpoint">
            <span className="bb-Project-names">{principalInWords(principal, trans)}</span>
            <IconButton
              icon={closeIcon}
              label={trans.__('Revoke: %1', principalInWords(principal, trans))}
              disabled={model.busy}
              onClick={() =>
                'name' in principal && void model.change({ action: 'unshare-server', [principal.kind]: principal.name })
              }
            />
          </li>
        ))}
        {codes.length > 0 && (
          <li className="bb-Endpoint">
            <span className="bb-Project-names">
              {trans._n('%1 link that was not revoked', '%1 links that were not revoked', codes.length)}
            </span>
            <IconButton
              icon={closeIcon}
              label={trans.__('Revoke all links')}
              disabled={model.busy}
              onClick={() => void model.change({ action: 'unshare-server', codes: true })}
            />
          </li>
        )}
      </ul>
    </section>
  );
}
