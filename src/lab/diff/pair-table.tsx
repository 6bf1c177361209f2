import type { TranslationBundle } from '@jupyterlab/translation';
import { useState } from 'react';
import { differenceInWords, numberInWords } from '../panel/words';
import { signs } from './diff-cell';
import { rowChangeInWords } from './diff-words';
import type { PairRow, Value } from './pair-rows';

export type PairTableProps = {
  readonly title: string;
  readonly rows: readonly PairRow[];
  readonly sides: readonly [string, string];
  readonly trans: TranslationBundle;
  /** How many rows there are in all, when not all are here. */
  readonly total?: number;
};

/** Rows drawn at first, and each time more are asked for. */
const page = 200;

/** Named values side by side, with those that differ marked by a sign, a colour and the difference. */
export function PairTable({ title, rows, sides, trans, total = rows.length }: PairTableProps): JSX.Element | null {
  const different = rows.filter(row => row.change !== 'same');
  const [all, setAll] = useState(different.length === 0 || rows.length <= 30);
  const [limit, setLimit] = useState(page);
  if (rows.length === 0) {
    return null;
  }
  const chosen = all ? rows : different;
  const rest = chosen.length - limit;
  return (
    <section className="bb-Compare-section">
      <h2>
        {title}
        <span className="bb-Compare-count">{differencesInWords(different.length, total, trans)}</span>
      </h2>
      <table className="bb-Table bb-PairTable">
        <thead>
          <tr>
            <td />
            <th scope="col">{trans.__('Name')}</th>
            <th scope="col">{sides[0]}</th>
            <th scope="col">{sides[1]}</th>
            <th scope="col">{trans.__('Difference')}</th>
          </tr>
        </thead>
        <tbody>
          {chosen.slice(0, limit).map((row, index) => (
            <Row key={index} row={row} trans={trans} />
          ))}
        </tbody>
      </table>
      {rest > 0 && (
        <button type="button" className="bb-LinkButton" onClick={() => setLimit(limit + page)}>
          {trans.__('Show %1 more', Math.min(rest, page))}
        </button>
      )}
      {!all && (
        <button type="button" className="bb-LinkButton" onClick={() => setAll(true)}>
          {trans.__('Show those that are the same too')}
        </button>
      )}
      {total > rows.length && <p className="bb-Quiet">{trans.__('The first %1 of %2.', rows.length, total)}</p>}
    </section>
  );
}

function differencesInWords(different: number, total: number, trans: TranslationBundle): string {
  return different === 0 ? trans.__('the same') : trans.__('%1 of %2 differ', different, total);
}

function Row({ row, trans }: { readonly row: PairRow; readonly trans: TranslationBundle }): JSX.Element {
  const sign = row.change === 'same' ? '' : signs[row.change];
  return (
    <tr className={`bb-mod-${row.change}`}>
      <td className="bb-PairTable-sign">
        {row.change !== 'same' && (
          <abbr title={rowChangeInWords(row.change, trans)} aria-label={rowChangeInWords(row.change, trans)}>
            {sign}
          </abbr>
        )}
      </td>
      <th scope="row">{row.name}</th>
      <td className="bb-PairTable-from">{valueInWords(row.from)}</td>
      <td className="bb-PairTable-to">{valueInWords(row.to)}</td>
      <td className="bb-PairTable-delta">{row.delta === null ? '' : differenceInWords(row.delta)}</td>
    </tr>
  );
}

function valueInWords(value: Value | undefined): string {
  return value === undefined ? '–' : typeof value === 'number' ? numberInWords(value) : String(value);
}
