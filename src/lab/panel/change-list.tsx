import type { TranslationBundle } from '@jupyterlab/translation';
import { useState } from 'react';
import type { FileChange } from '../../core/model/result';
import { kindIcons } from '../icons';
import { ChangeBadge } from './change-badge';
import { kindInWords, kindOfPath, sizeInWords, splitPath } from './words';

/** Changes drawn at first, and each time more are asked for. */
const page = 200;

export type ChangeListProps = {
  readonly changes: readonly FileChange[];
  readonly trans: TranslationBundle;
  /** Which paths are chosen, with checkboxes to choose; missing = a plain list. */
  readonly choice?: { readonly chosen: ReadonlySet<string>; readonly toggle: (path: string) => void };
};

/** Files that differ from the last snapshot. */
export function ChangeList({ changes, trans, choice }: ChangeListProps): JSX.Element {
  const [limit, setLimit] = useState(page);
  const rest = changes.length - limit;
  return (
    <>
      <ul className="bb-ChangeList" aria-label={trans.__('Changed files')}>
        {changes.slice(0, limit).map(change => (
          <li key={change.path}>
            <Change change={change} trans={trans} choice={choice} />
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <button type="button" className="bb-LinkButton" onClick={() => setLimit(limit + page)}>
          {trans._n('Show %1 more file', 'Show %1 more files', Math.min(rest, page))}
        </button>
      )}
    </>
  );
}

function Change({ change, trans, choice }: Omit<ChangeListProps, 'changes'> & { change: FileChange }): JSX.Element {
  const kind = kindOfPath(change.path);
  const Icon = kindIcons[kind];
  const { folder, name } = splitPath(change.path);
  const content = (
    <>
      <Icon.react tag="span" className="bb-KindIcon" title={kindInWords(kind, trans)} />
      <span className="bb-Path" title={change.path}>
        <span className="bb-Path-name">{name}</span>
        <span className="bb-Path-folder">{folder}</span>
      </span>
      <span className="bb-Size">{change.size === null ? '' : sizeInWords(change.size)}</span>
      <ChangeBadge change={change.kind} trans={trans} short={!choice} />
    </>
  );
  if (!choice) {
    return <div className="bb-Change">{content}</div>;
  }
  return (
    <label className="bb-Change">
      <input type="checkbox" checked={choice.chosen.has(change.path)} onChange={() => choice.toggle(change.path)} />
      {content}
    </label>
  );
}
