import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { OperationRecord } from '../../core/model/result';
import type { SectionProps } from './section-props';

/** The operation log, with a button where undo and where redo would go next. */
export function History({ model, trans }: SectionProps): JSX.Element {
  const { operations, nextUndo, nextRedo, project } = model;
  if (operations.length === 0) {
    return <p className="bb-Quiet bb-History-none">{trans.__('Nothing has happened here yet.')}</p>;
  }
  const step = (text: string, label: string, command: string): JSX.Element => (
    <button
      type="button"
      className="bb-LinkButton"
      aria-label={label}
      disabled={project?.activity !== null}
      onClick={() => void model.run(command)}
    >
      {text}
    </button>
  );
  return (
    <ol className="bb-History" aria-label={trans.__('Operations, newest first')}>
      {operations.map(operation => (
        <li key={operation.id} className={operation.undone ? 'bb-Operation bb-mod-undone' : 'bb-Operation'}>
          <Operation operation={operation} />
          {operation.undone && <span className="bb-Badge">{trans.__('Undone')}</span>}
          {operation.id === nextUndo?.id && step(trans.__('Undo'), undoLabel(operation, trans), 'branchbook:undo')}
          {operation.id === nextRedo?.id && step(trans.__('Redo'), redoLabel(operation, trans), 'branchbook:redo')}
        </li>
      ))}
    </ol>
  );
}

export function undoLabel({ description }: OperationRecord, trans: TranslationBundle): string {
  return trans.__('Undo: %1', description);
}

function redoLabel({ description }: OperationRecord, trans: TranslationBundle): string {
  return trans.__('Redo: %1', description);
}

function Operation({ operation }: { readonly operation: OperationRecord }): JSX.Element {
  return (
    <>
      <span className="bb-Operation-description" title={operation.description}>
        {operation.description}
      </span>
      <time className="bb-Time" dateTime={operation.time} title={Time.format(operation.time)}>
        {Time.formatHuman(operation.time, 'narrow')}
      </time>
    </>
  );
}
