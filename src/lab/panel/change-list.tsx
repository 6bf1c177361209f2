import type { TranslationBundle } from '@jupyterlab/translation';
import { useState } from 'react';
import type { FileChange } from '../../core/model/snapshot';
import { compareIcon, kindIcons } from '../icons';
import { ChangeBadge } from './change-badge';
import { IconButton } from './icon-button';
import { kindInWords, kindOfPath, sizeInWords, splitPath } from './words';

/** Changes drawn at first, and each time more are asked for. */
const page = 200;

export type ChangeListProps = {
  readonly changes: readonly FileChange[];
  readonly trans: TranslationBundle;
  /** Show what changed in a file; missing = nothing to press. */
  readonly onDiff?: (path: string) => void;
  /** Which paths are chosen, with checkboxes to choose; missing = a plain list. */
  readonly choice?: { readonly chosen: ReadonlySet<string>; readonly toggle: (path: string) => void };
};

/** Files that differ from the last snapshot. */
export function ChangeList({ changes, ...props }: ChangeListProps): JSX.Element {
  const [limit, setLimit] = useState(page);
  const { trans } = props;
  const rest = changes.length - limit;
  return (
    <>
      <ul className="bb-ChangeList" aria-label={trans.__('Changed files')}>
        {changes.slice(0, limit).map(change => (
          <li key={change.path}>
            <Change {...props} change={change} />
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

type ChangeProps = Omit<ChangeListProps, 'changes'> & { readonly change: FileChange };

function Change({ change, trans, choice, onDiff }: ChangeProps): JSX.Element {
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
      {onDiff && change.kind === 'modified' && (
        <IconButton
          icon={compareIcon}
          label={trans.__('Show what changed in %1', change.path)}
          onClick={() => onDiff(change.path)}
        />
      )}
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
