import { useState } from 'react';
import { keySourceInWords } from './diff-words';
import type { TableProps } from './props';

/** Columns offered before one has to filter. */
const offered = 100;

/** Which columns say that two rows are the same one, where that comes from, and the choice of others. */
export function KeyLine(props: TableProps): JSX.Element {
  const { content, trans } = props;
  const { key } = content;
  const [open, setOpen] = useState(false);
  return (
    <div className="bb-KeyLine">
      <span className="bb-TableDiff-label">{trans.__('Key')}</span>
      {key === null ? (
        <span>{trans.__('None: a changed row counts as one removed and one added.')}</span>
      ) : (
        <>
          {key.columns.map(column => (
            <code key={column} className="bb-KeyLine-column">
              {column}
            </code>
          ))}
          <span className="bb-Quiet">{keySourceInWords(key.source, trans)}</span>
        </>
      )}
      <button type="button" className="bb-LinkButton" aria-expanded={open} onClick={() => setOpen(!open)}>
        {trans.__('Choose…')}
      </button>
      {open && <KeyEditor {...props} onDone={() => setOpen(false)} />}
    </div>
  );
}

function KeyEditor({ model, content, trans, onDone }: TableProps & { readonly onDone: () => void }): JSX.Element {
  const [chosen, setChosen] = useState<readonly string[]>(content.key?.columns ?? []);
  const [filter, setFilter] = useState('');
  const oneSided = new Set([...content.schema.added, ...content.schema.removed].map(column => column.name));
  const names = content.columns
    .map(column => column.name)
    .filter(name => !oneSided.has(name) && name.toLowerCase().includes(filter.toLowerCase()));
  const toggle = (name: string): void =>
    setChosen(chosen.includes(name) ? chosen.filter(other => other !== name) : [...chosen, name]);
  const use = (key: readonly string[] | null): void => {
    onDone();
    model.set({ key });
  };
  return (
    <fieldset
      className="bb-KeyEditor"
      data-lm-suppress-shortcuts="true"
      onKeyDown={event => event.key === 'Escape' && onDone()}
    >
      <legend>{trans.__('Columns that name a row')}</legend>
      {content.columns.length > 20 && (
        <input
          type="search"
          className="jp-mod-styled"
          aria-label={trans.__('Filter columns')}
          placeholder={trans.__('Filter')}
          value={filter}
          onChange={event => setFilter(event.target.value)}
        />
      )}
      <div className="bb-KeyEditor-columns">
        {names.slice(0, offered).map(name => (
          <label key={name}>
            <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} />
            {name}
          </label>
        ))}
        {names.length > offered && <span className="bb-Quiet">{trans.__('Filter to see the others.')}</span>}
      </div>
      <div className="bb-KeyEditor-actions">
        <button type="button" className="bb-Button" disabled={chosen.length === 0} onClick={() => use(chosen)}>
          {trans.__('Compare by these')}
        </button>
        <button type="button" className="bb-LinkButton" onClick={() => use(null)}>
          {trans.__('Find a key')}
        </button>
      </div>
    </fieldset>
  );
}
