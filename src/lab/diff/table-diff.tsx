import { useState } from 'react';
import { numberInWords } from '../panel/words';
import { DriftView } from './drift-view';
import { ExportButtons } from './export-buttons';
import { KeyLine } from './key-line';
import { RowsView } from './rows-view';
import { SchemaStrip } from './schema-strip';
import { type Tab, Tabs } from './tabs';
import type { TableProps } from './props';

/** Two versions of a table: columns, rows by key, and how the distributions moved. */
export function TableDiffView(props: TableProps): JSX.Element {
  const { content, trans } = props;
  const [tab, setTab] = useState('rows');
  const { added, removed, changed } = content.counts;
  const tabs: readonly Tab[] = [
    {
      id: 'rows',
      label: trans.__('Rows'),
      note: numberInWords(added + removed + changed),
      render: () => <RowsView {...props} />
    },
    { id: 'drift', label: trans.__('Drift'), render: () => <DriftView {...props} /> }
  ];
  return (
    <div className="bb-TableDiff">
      <div className="bb-TableDiff-facts">
        <SchemaStrip schema={content.schema} trans={trans} />
        <KeyLine {...props} />
        <Warnings {...props} />
      </div>
      <Tabs tabs={tabs} active={tab} onChange={setTab} label={trans.__('What to compare')}>
        <ExportButtons {...props} />
      </Tabs>
    </div>
  );
}

/** What one should know before one trusts the counts. */
function Warnings({ content, trans }: TableProps): JSX.Element {
  const { duplicateKeys, nullKeys, broken, notices } = content;
  const texts: readonly (string | null)[] = [
    duplicateKeys.from + duplicateKeys.to > 0
      ? trans.__(
          'Keys that stand on several rows: %1 before, %2 after. Those rows were compared as a whole, each counted.',
          numberInWords(duplicateKeys.from),
          numberInWords(duplicateKeys.to)
        )
      : null,
    nullKeys.from + nullKeys.to > 0
      ? trans.__(
          'Rows without a key (null): %1 before, %2 after. They were compared as a whole, each counted.',
          numberInWords(nullKeys.from),
          numberInWords(nullKeys.to)
        )
      : null,
    broken.from + broken.to > 0
      ? trans.__(
          'Lines that could not be read were left out: %1 before, %2 after.',
          numberInWords(broken.from),
          numberInWords(broken.to)
        )
      : null,
    ...notices
  ];
  return (
    <>
      {texts
        .filter(text => text !== null)
        .map(text => (
          <p key={text} className="bb-Warning bb-TableDiff-warning">
            {text}
          </p>
        ))}
    </>
  );
}
