import type { TranslationBundle } from '@jupyterlab/translation';
import type { DiffLine } from '../../core/model/diff';

export type LineDiffProps = { readonly lines: readonly DiffLine[]; readonly trans: TranslationBundle };

const marks = { ' ': 'same', '+': 'added', '-': 'removed', '@': 'gap' } as const;

/** Lines with their marks; runs of lines that are the same are left out. */
export function LineDiff({ lines, trans }: LineDiffProps): JSX.Element {
  return (
    // A region that scrolls must be reachable by keyboard.
    <div className="bb-Lines" role="region" aria-label={trans.__('Lines that differ')} tabIndex={0}>
      {lines.map((line, index) => (
        <div key={index} className={`bb-Line bb-mod-${marks[line.mark]}`}>
          <span className="bb-Line-mark">{line.mark === '-' ? '−' : line.mark === '@' ? '⋯' : line.mark}</span>
          {line.mark === '@' ? (
            <span className="bb-Line-text">
              {trans._n('%1 line is the same', '%1 lines are the same', Number.parseInt(line.text, 10) || 0)}
            </span>
          ) : (
            <code className="bb-Line-text">{line.text || ' '}</code>
          )}
        </div>
      ))}
    </div>
  );
}
