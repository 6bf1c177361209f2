import type { TranslationBundle } from '@jupyterlab/translation';
import type { BinaryContent, UnreadableContent } from '../../core/model/content';
import { hexLines } from './hex';

export type BinaryLookProps = {
  readonly content: BinaryContent | UnreadableContent;
  readonly trans: TranslationBundle;
};

/** A file that nothing here can draw: what it is, and how it begins. */
export function BinaryLook({ content, trans }: BinaryLookProps): JSX.Element {
  return (
    <div className="bb-Page">
      {content.kind === 'unreadable' ? (
        <div className="bb-Problem" role="status">
          <div>{content.reason}</div>
          <div className="bb-Quiet">
            {trans.__('The version itself is whole: “Get a copy…” gives the file as it is.')}
          </div>
        </div>
      ) : (
        <p>
          {content.type === 'unknown'
            ? trans.__('The type of this file is not known.')
            : trans.__('Type: %1', content.type)}
        </p>
      )}
      {content.head && (
        <section className="bb-Card" aria-label={trans.__('First bytes')}>
          <h2>{trans.__('First bytes')}</h2>
          <table className="bb-Hex">
            <tbody>
              {hexLines(content.head).map(({ offset, bytes, text }) => (
                <tr key={offset}>
                  <th scope="row">{offset}</th>
                  <td>{bytes}</td>
                  <td>{text}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}
