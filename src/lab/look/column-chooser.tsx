import type { TranslationBundle } from '@jupyterlab/translation';
import { useState } from 'react';
import type { TableModel } from './table-model';

/** Names listed at once; the search finds the others. */
const listed = 200;

export type ColumnChooserProps = { readonly model: TableModel; readonly trans: TranslationBundle };

/** Which columns are on show. The last one stays: a grid without columns says nothing. */
export function ColumnChooser({ model, trans }: ColumnChooserProps): JSX.Element {
  const [search, setSearch] = useState('');
  const { hidden } = model;
  const all = model.info.columns.map(column => column.name);
  const found = all.filter(name => name.toLowerCase().includes(search.trim().toLowerCase()));
  const show = (names: readonly string[], shown: boolean): void => {
    const next = new Set(hidden);
    names.forEach(name => (shown ? next.delete(name) : next.add(name)));
    if (next.size < all.length) {
      model.setHidden(next);
    }
  };
  const only = (): void => model.setHidden(new Set(all.filter(name => !found.includes(name))));
  return (
    <div className="bb-ColumnChooser" data-lm-suppress-shortcuts="true">
      <input
        type="search"
        className="jp-mod-styled"
        aria-label={trans.__('Find a column')}
        placeholder={trans.__('Find a column')}
        value={search}
        onChange={event => setSearch(event.target.value)}
      />
      <div className="bb-ColumnChooser-actions">
        <button type="button" className="bb-LinkButton" onClick={() => show(all, true)}>
          {trans.__('Show all')}
        </button>
        <button type="button" className="bb-LinkButton" disabled={found.length === 0} onClick={only}>
          {trans.__('Only these')}
        </button>
      </div>
      <ul>
        {found.slice(0, listed).map(name => (
          <li key={name}>
            <label>
              <input
                type="checkbox"
                checked={!hidden.has(name)}
                onChange={event => show([name], event.target.checked)}
              />
              <span>{name}</span>
            </label>
          </li>
        ))}
      </ul>
      {found.length > listed && (
        <p className="bb-Quiet">{trans.__('%1 more: search to find them.', found.length - listed)}</p>
      )}
    </div>
  );
}
