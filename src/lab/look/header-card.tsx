import type { TranslationBundle } from '@jupyterlab/translation';
import type { HeaderFacts } from '../table/header-renderer';
import { countInWords, figures, shareInWords, valueInWords } from './column-words';

/** Most frequent values that fit. */
const shown = 6;
/** Pixels. */
const width = 260;

export type HeaderCardProps = {
  readonly facts: HeaderFacts;
  /** Where it goes, and how wide the view is: pixels. */
  readonly at: { readonly left: number; readonly top: number };
  readonly room: number;
  readonly trans: TranslationBundle;
};

/** What a header says of its column when it is pointed at. */
export function HeaderCard({ facts: { column, statistics }, at, room, trans }: HeaderCardProps): JSX.Element {
  const left = Math.max(Math.min(at.left, room - width - 12), 8);
  const top = statistics?.top.slice(0, shown) ?? [];
  return (
    // The drawer has the same for those who cannot point.
    <div className="bb-HeaderCard" style={{ left, top: at.top + 4, width }} aria-hidden="true">
      <div className="bb-HeaderCard-name">{column.name}</div>
      <code className="bb-Quiet">{column.type}</code>
      {statistics && (
        <dl className="bb-Figures">
          {figures(statistics, trans)
            .filter((_, index) => top.length === 0 || index < 3)
            .map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          {top.map(({ value, count }, index) => (
            <div key={index} className="bb-HeaderCard-top">
              <dt>{valueInWords(value) || trans.__('(empty)')}</dt>
              <dd>{trans.__('%1 (%2)', countInWords(count), shareInWords(count, statistics.count))}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
