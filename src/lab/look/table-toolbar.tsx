import { closeIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type FormEvent, useState } from 'react';
import { IconButton } from '../panel/icon-button';
import { ColumnChooser } from './column-chooser';
import { FilterForm } from './filter-form';
import { filterInWords } from './filters';
import { Popover } from './popover';
import type { TableModel } from './table-model';

export type TableToolbarProps = {
  readonly model: TableModel;
  /** Row number from 1. */
  readonly onGoTo: (row: number) => void;
  readonly drawer: { readonly open: boolean; toggle(): void };
  readonly trans: TranslationBundle;
};

/** What one can ask of the rows: filters as chips, columns, a row by its number; and the statistics beside them. */
export function TableToolbar({ model, onGoTo, drawer, trans }: TableToolbarProps): JSX.Element {
  const { filter, hidden, info } = model;
  return (
    <div className="bb-TableToolbar" role="toolbar" aria-label={trans.__('Rows and columns')}>
      <Popover label={trans.__('Filter')}>
        {close => (
          <FilterForm
            columns={info.columns}
            selected={model.selected}
            trans={trans}
            onAdd={added => {
              model.setFilter([...filter, added]);
              close();
            }}
          />
        )}
      </Popover>
      <Popover
        label={trans.__('Columns')}
        note={hidden.size > 0 ? trans.__('%1 of %2', info.columns.length - hidden.size, info.columns.length) : ''}
      >
        {() => <ColumnChooser model={model} trans={trans} />}
      </Popover>
      <ul className="bb-Chips" aria-label={trans.__('Filters')}>
        {filter.map((one, index) => {
          const words = filterInWords(one, trans);
          return (
            <li key={index} className="bb-Chip">
              <span title={words}>{words}</span>
              <IconButton
                icon={closeIcon}
                label={trans.__('Remove the filter %1', words)}
                onClick={() => model.setFilter(filter.filter((_, at) => at !== index))}
              />
            </li>
          );
        })}
      </ul>
      {filter.length > 1 && (
        <button type="button" className="bb-LinkButton" onClick={() => model.setFilter([])}>
          {trans.__('Clear')}
        </button>
      )}
      <span className="bb-TableToolbar-space" />
      <GoTo onGoTo={onGoTo} trans={trans} />
      <button type="button" className="bb-ToggleButton" aria-pressed={drawer.open} onClick={() => drawer.toggle()}>
        {trans.__('Statistics')}
      </button>
    </div>
  );
}

function GoTo({ onGoTo, trans }: Pick<TableToolbarProps, 'onGoTo' | 'trans'>): JSX.Element {
  const [typed, setTyped] = useState('');
  const row = Number(typed.replace(/[\s,._’']/g, ''));
  const go = (event: FormEvent): void => {
    event.preventDefault();
    if (Number.isInteger(row) && row > 0) {
      onGoTo(row);
    }
  };
  return (
    <form className="bb-GoTo" onSubmit={go} data-lm-suppress-shortcuts="true">
      <input
        className="jp-mod-styled"
        inputMode="numeric"
        aria-label={trans.__('Go to row')}
        placeholder={trans.__('Go to row')}
        value={typed}
        onChange={event => setTyped(event.target.value)}
      />
    </form>
  );
}
