import type { TranslationBundle } from '@jupyterlab/translation';
import { useState } from 'react';
import type { SchemaDiff } from '../../core/model/diff';
import { shareInWords } from './diff-words';

export type SchemaStripProps = { readonly schema: SchemaDiff; readonly trans: TranslationBundle };

type Chip = { readonly kind: 'added' | 'removed' | 'changed'; readonly sign: string; readonly text: string };

/** Chips drawn at first: a table may have thousands of columns. */
const shown = 40;

/** What happened to the columns. */
export function SchemaStrip({ schema, trans }: SchemaStripProps): JSX.Element {
  const [all, setAll] = useState(false);
  const chips = chipsOf(schema, trans);
  if (chips.length === 0) {
    return (
      <p className="bb-SchemaStrip bb-Quiet">
        {schema.reordered ? trans.__('Same columns, in another order') : trans.__('Same columns')}
      </p>
    );
  }
  return (
    <div className="bb-SchemaStrip">
      <span className="bb-TableDiff-label">{trans.__('Columns')}</span>
      <ul aria-label={trans.__('Columns that differ')}>
        {chips.slice(0, all ? chips.length : shown).map((chip, index) => (
          <li key={index} className={`bb-Chip bb-mod-${chip.kind}`}>
            <span className="bb-Chip-sign">{chip.sign}</span>
            {chip.text}
          </li>
        ))}
      </ul>
      {!all && chips.length > shown && (
        <button type="button" className="bb-LinkButton" onClick={() => setAll(true)}>
          {trans.__('%1 more', chips.length - shown)}
        </button>
      )}
      {schema.reordered && <span className="bb-Quiet">{trans.__('others in another order')}</span>}
    </div>
  );
}

function chipsOf({ added, removed, retyped, renamed }: SchemaDiff, trans: TranslationBundle): readonly Chip[] {
  const changed = (text: string): Chip => ({ kind: 'changed', sign: '~', text });
  return [
    ...added.map(column => ({
      kind: 'added' as const,
      sign: '+',
      text: trans.__('%1 (%2) added', column.name, column.type)
    })),
    ...removed.map(column => ({
      kind: 'removed' as const,
      sign: '−',
      text: trans.__('%1 (%2) removed', column.name, column.type)
    })),
    ...retyped.map(({ name, from, to }) => changed(trans.__('%1: %2 → %3', name, from, to))),
    ...renamed.map(({ from, to, similarity }) =>
      changed(trans.__('%1 → %2 perhaps renamed: %3 of the values are equal', from, to, shareInWords(similarity)))
    )
  ];
}
