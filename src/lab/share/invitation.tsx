import '../../../style/share-dialogs.css';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';
import { offerFacts } from '../../core/model/grant-words';
import type { LinkOffer } from '../../core/model/namespace';

/** The inside of the dialog that asks whether to take what a link gives. `opened`: what opening it does; null = nothing. */
export function invitationBody(
  place: string,
  offer: LinkOffer,
  opened: string | null,
  trans: TranslationBundle
): Widget {
  const body = ReactWidget.create(
    <>
      <dl className="bb-Invitation">
        <dt>{trans.__('Place')}</dt>
        <dd>{place}</dd>
        {offerFacts(offer).map(([what, words]) => (
          <Fact key={what} what={what} words={words} />
        ))}
      </dl>
      {opened !== null && <p className="bb-Quiet">{opened}</p>}
    </>
  );
  body.addClass('bb-InvitationBody');
  return body;
}

function Fact({ what, words }: { readonly what: string; readonly words: string }): JSX.Element {
  return (
    <>
      <dt>{what}</dt>
      <dd>{words}</dd>
    </>
  );
}
