import { Time } from '@jupyterlab/coreutils';
import { numberInWords } from '../panel/words';
import { Section, type SectionProps, mayManage, perform } from './section';
import { cellInWords, objectInWords } from './words';

/** What people asked for, to grant or refuse. Nothing when nobody did. */
export function Requests(props: SectionProps): JSX.Element | null {
  const { view, trans, services, model } = props;
  const open = view.requests.filter(({ answer }) => answer === 'open');
  if (open.length === 0 || !mayManage(props)) {
    return null;
  }
  return (
    <Section title={trans.__('Requests')} note={numberInWords(open.length)}>
      <ul className="bb-Requests">
        {open.map(request => (
          <li key={request.id} className="bb-Request">
            <div className="bb-Request-words">
              <span>
                <strong>{request.user}</strong>{' '}
                {trans.__('asks for: %1 · %2', cellInWords(request.right, trans), objectInWords(request.object, trans))}
              </span>
              {request.message && <q className="bb-Request-message">{request.message}</q>}
              <time className="bb-Time" dateTime={new Date(request.created).toISOString()}>
                {Time.formatHuman(new Date(request.created))}
              </time>
            </div>
            <button
              type="button"
              className="bb-Button"
              disabled={model.busy}
              aria-label={trans.__('Grant the request of %1', request.user)}
              onClick={() => perform(props, services.changes.answer(request, 'granted'))}
            >
              {trans.__('Grant')}
            </button>
            <button
              type="button"
              className="bb-Button"
              disabled={model.busy}
              aria-label={trans.__('Refuse the request of %1', request.user)}
              onClick={() => perform(props, services.changes.answer(request, 'refused'))}
            >
              {trans.__('Refuse')}
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
