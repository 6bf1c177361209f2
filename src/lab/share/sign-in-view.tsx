import { Button, UseSignal } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type FormEvent, useState } from 'react';
import type { SignInModel } from './sign-in-model';

export type SignInProps = { readonly model: SignInModel; readonly trans: TranslationBundle };

/** What to do to be signed in: a page to confirm a code at, or a token to paste. */
export function SignInView({ model, trans }: SignInProps): JSX.Element {
  return <UseSignal signal={model.changed}>{() => <State model={model} trans={trans} />}</UseSignal>;
}

function State({ model, trans }: SignInProps): JSX.Element {
  const { state } = model;
  switch (state.kind) {
    case 'idle':
    case 'failed':
      return (
        <div className="bb-SignIn">
          {state.kind === 'failed' && (
            <p className="bb-Problem" role="alert">
              {state.message}
            </p>
          )}
          <Button className="jp-mod-styled jp-mod-accept" onClick={() => void model.start()}>
            {state.kind === 'failed' ? trans.__('Try again') : trans.__('Sign in')}
          </Button>
          <TokenForm model={model} trans={trans} />
        </div>
      );
    case 'waiting':
      return (
        <div className="bb-SignIn" role="status">
          <p className="bb-SignIn-text">{state.text || trans.__('Asking %1 …', model.place)}</p>
          {state.page !== null && (
            <a className="bb-SignIn-page" href={state.page} target="_blank" rel="noopener noreferrer">
              {trans.__('Open the page to sign in')}
            </a>
          )}
        </div>
      );
    case 'done':
      return (
        <p className="bb-SignIn" role="status">
          {trans.__('Signed in as %1.', state.identity.displayName || state.identity.user)}
        </p>
      );
  }
}

function TokenForm({ model, trans }: SignInProps): JSX.Element {
  const [token, setToken] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void model.start(token.trim());
  };
  return (
    <form className="bb-SignIn-token" onSubmit={submit}>
      <input
        className="jp-mod-styled"
        type="password"
        autoComplete="off"
        aria-label={trans.__('Token')}
        placeholder={trans.__('or paste a token')}
        value={token}
        onChange={event => setToken(event.target.value)}
      />
      <Button className="jp-mod-styled" type="submit" disabled={!token.trim()}>
        {trans.__('Use token')}
      </Button>
    </form>
  );
}
