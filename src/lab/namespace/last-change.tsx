import type { TranslationBundle } from '@jupyterlab/translation';
import type { NamespaceModel } from './namespace-model';

type LastChangeProps = { readonly model: NamespaceModel; readonly trans: TranslationBundle };

/** What the last change did, with its undo, or why it was refused. Read out by screen readers. */
export function LastChange({ model, trans }: LastChangeProps): JSX.Element {
  const { done, refusal, busy } = model;
  return (
    <div className="bb-Namespace-change" role="status" aria-live="polite">
      {refusal !== null && <div className="bb-Problem">{refusal}</div>}
      {done !== null && (
        <div className="bb-Namespace-done">
          <span>{done.words}</span>
          {done.undo !== null && (
            <button type="button" className="bb-LinkButton" disabled={busy} onClick={() => void model.undo()}>
              {trans.__('Undo')}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
