import type { TranslationBundle } from '@jupyterlab/translation';
import type { CSSProperties } from 'react';
import type { Presence } from '../../core/model/namespace';
import { initials, personColour, presenceInWords } from './standing';

/** People drawn one by one; of more, how many. */
const drawn = 3;

/** Who else has the project open, and where they are. */
export function People(props: {
  readonly people: readonly Presence[];
  readonly trans: TranslationBundle;
}): JSX.Element {
  const { people, trans } = props;
  const rest = people.slice(drawn).map(person => presenceInWords(person, trans));
  return (
    <span className="bb-People">
      {people.slice(0, drawn).map(person => {
        const words = presenceInWords(person, trans);
        return (
          <span
            key={person.user}
            role="img"
            className="bb-Avatar"
            title={words}
            aria-label={words}
            style={{ '--bb-person': personColour(person.user) } as CSSProperties}
          >
            {initials(person.displayName || person.user)}
          </span>
        );
      })}
      {rest.length > 0 && (
        <span role="img" className="bb-Avatar bb-mod-more" title={rest.join('\n')} aria-label={rest.join(', ')}>
          {`+${rest.length}`}
        </span>
      )}
    </span>
  );
}
