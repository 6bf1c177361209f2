import type { TranslationBundle } from '@jupyterlab/translation';
import type { ChangeKind } from '../../core/model/snapshot';
import { changeInWords } from './words';

export type ChangeBadgeProps = {
  readonly change: ChangeKind;
  readonly trans: TranslationBundle;
  /** The first letter only, for narrow lists; the word is the tooltip. */
  readonly short?: boolean;
};

/** Says in one word how a file differs from its last snapshot. */
export function ChangeBadge({ change, trans, short }: ChangeBadgeProps): JSX.Element {
  const word = changeInWords(change, trans);
  return short ? (
    <abbr className={`bb-Badge bb-mod-short bb-mod-${change}`} title={word} aria-label={word}>
      {word.charAt(0)}
    </abbr>
  ) : (
    <span className={`bb-Badge bb-mod-${change}`}>{word}</span>
  );
}
