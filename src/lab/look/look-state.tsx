import type { TranslationBundle } from '@jupyterlab/translation';
import type { ProgressLine } from '../../service/protocol';
import { sizeInWords } from '../panel/words';

export type WaitingProps = {
  readonly label: string;
  readonly progress?: ProgressLine | null;
  readonly onCancel: () => void;
  readonly trans: TranslationBundle;
};

/** Something is on its way. Appears after a moment: what is quick needs no words. */
export function Waiting({ label, progress, onCancel, trans }: WaitingProps): JSX.Element {
  const done = progress?.total ? { value: progress.done, max: progress.total } : {};
  return (
    <div className="bb-Waiting" role="status">
      <span className="bb-Waiting-label">{progress?.phase ?? label}</span>
      {progress && progress.unit === 'bytes' && <span className="bb-Size">{sizeInWords(progress.done)}</span>}
      <progress className="bb-Activity-bar" aria-label={label} {...done} />
      <button type="button" className="bb-LinkButton" onClick={onCancel}>
        {trans.__('Cancel')}
      </button>
    </div>
  );
}

export type FailureProps = {
  readonly message: string;
  /** What to do next; '' when there is nothing to say. */
  readonly hint: string;
  readonly onRetry?: () => void;
  readonly trans: TranslationBundle;
};

export function Failure({ message, hint, onRetry, trans }: FailureProps): JSX.Element {
  return (
    <div className="bb-Problem bb-Failure" role="alert">
      <div>{message}</div>
      {hint && <div className="bb-Quiet">{hint}</div>}
      {onRetry && (
        <button type="button" className="bb-LinkButton" onClick={onRetry}>
          {trans.__('Try again')}
        </button>
      )}
    </div>
  );
}
