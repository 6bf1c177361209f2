import { HTMLSelect } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type FormEvent, useState } from 'react';
import type { Column, RowFilter } from '../../core/model/table';
import { makeFilter, operatorInWords, operatorsOf, type Operator, takesValue } from './filters';

export type FilterFormProps = {
  readonly columns: readonly Column[];
  /** The column to begin with. */
  readonly selected: string | null;
  readonly onAdd: (filter: RowFilter) => void;
  readonly trans: TranslationBundle;
};

/** Column, comparison and value: one condition on the rows. */
export function FilterForm({ columns, selected, onAdd, trans }: FilterFormProps): JSX.Element {
  const [name, setName] = useState(selected ?? columns[0]?.name ?? '');
  const [chosen, setOperator] = useState<Operator | null>(null);
  const [typed, setTyped] = useState('');
  const column = columns.find(candidate => candidate.name === name) ?? columns[0];
  if (!column) {
    return <></>;
  }
  const operators = operatorsOf(column.kind);
  const operator = chosen !== null && operators.includes(chosen) ? chosen : operators[0]!;
  const value = column.kind === 'boolean' && typed === '' ? 'true' : typed;
  const filter = makeFilter(column, operator, value);
  const add = (event: FormEvent): void => {
    event.preventDefault();
    if (filter) {
      onAdd(filter);
    }
  };
  return (
    <form className="bb-FilterForm" onSubmit={add} data-lm-suppress-shortcuts="true">
      <HTMLSelect aria-label={trans.__('Column')} value={column.name} onChange={event => setName(event.target.value)}>
        {columns.map(candidate => (
          <option key={candidate.name} value={candidate.name}>
            {candidate.name}
          </option>
        ))}
      </HTMLSelect>
      <HTMLSelect
        aria-label={trans.__('Comparison')}
        value={operator}
        onChange={event => setOperator(event.target.value as Operator)}
      >
        {operators.map(candidate => (
          <option key={candidate} value={candidate}>
            {operatorInWords(candidate, trans)}
          </option>
        ))}
      </HTMLSelect>
      {takesValue(operator) && <ValueInput column={column} value={value} onChange={setTyped} trans={trans} />}
      <button type="submit" className="jp-mod-styled jp-mod-accept bb-FilterForm-add" disabled={filter === null}>
        {trans.__('Add')}
      </button>
    </form>
  );
}

type ValueProps = {
  readonly column: Column;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly trans: TranslationBundle;
};

function ValueInput({ column, value, onChange, trans }: ValueProps): JSX.Element {
  return column.kind === 'boolean' ? (
    <HTMLSelect aria-label={trans.__('Value')} value={value} onChange={event => onChange(event.target.value)}>
      {['true', 'false'].map(word => (
        <option key={word} value={word}>
          {word}
        </option>
      ))}
    </HTMLSelect>
  ) : (
    <input
      className="jp-mod-styled"
      aria-label={trans.__('Value')}
      inputMode={column.kind === 'number' ? 'decimal' : 'text'}
      placeholder={column.kind === 'time' ? '2026-01-31' : ''}
      value={value}
      onChange={event => onChange(event.target.value)}
    />
  );
}
