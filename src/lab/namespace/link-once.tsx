import { Clipboard } from '@jupyterlab/apputils';
import { copyIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useState } from 'react';

/** A link that was just made. Only its fingerprint is kept, so this is the one time to copy it. */
export function LinkOnce({ link, trans }: { readonly link: string; readonly trans: TranslationBundle }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    Clipboard.copyToSystem(link);
    setCopied(true);
  };
  return (
    <div className="bb-LinkOnce" role="group" aria-label={trans.__('The link')}>
      <div className="bb-LinkOnce-line">
        <input
          className="jp-mod-styled"
          readOnly
          aria-label={trans.__('Link to send')}
          value={link}
          onFocus={event => event.target.select()}
        />
        <button type="button" className="bb-Button" onClick={copy}>
          <copyIcon.react tag="span" className="bb-IconButton-icon" />
          {copied ? trans.__('Copied') : trans.__('Copy')}
        </button>
      </div>
      <p className="bb-Quiet">{trans.__('Copy it now: it is not kept, and cannot be shown again.')}</p>
    </div>
  );
}
