import type { TranslationBundle } from '@jupyterlab/translation';
import type { TableInfo } from '../../core/model/table';
import { cellText } from '../table/cell-text';
import { countInWords } from './column-words';

/** What the user should know of a table, and the lines of its file that are no rows. */
export function TableNotices(props: { readonly info: TableInfo; readonly trans: TranslationBundle }): JSX.Element {
  const { info, trans } = props;
  const { notices, broken, brokenCount } = info;
  return (
    <>
      {notices.map(notice => (
        <p key={notice} className="bb-Notice">
          {notice}
        </p>
      ))}
      {brokenCount > 0 && (
        <details className="bb-Notice bb-Broken">
          <summary>
            {trans._n(
              '%2 line of the file could not be read as a row',
              '%2 lines of the file could not be read as rows',
              brokenCount,
              countInWords(brokenCount)
            )}
          </summary>
          {/* It scrolls, so the keyboard must reach it. */}
          <div className="bb-Broken-lines" tabIndex={0} role="region" aria-label={trans.__('Lines that are no rows')}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{trans.__('Line')}</th>
                  <th scope="col">{trans.__('Why')}</th>
                  <th scope="col">{trans.__('Text')}</th>
                </tr>
              </thead>
              <tbody>
                {broken.map(({ line, reason, text }, index) => (
                  <tr key={index}>
                    <td className="bb-Number">{countInWords(line)}</td>
                    <td>{reason}</td>
                    <td>
                      <code>{cellText(text)}</code>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
            {brokenCount > broken.length && (
              <p className="bb-Quiet">{trans.__('The first %1 are shown.', countInWords(broken.length))}</p>
            )}
          </div>
        </details>
      )}
    </>
  );
}
