import { useEffect, useState } from 'react';
import type { ColumnDrift, DriftLevel, DriftMeasure } from '../../core/model/diff';
import { VegaChart } from '../chart/vega-chart';
import { numberInWords } from '../panel/words';
import { levelInWords, measureInWords, measureLongName, pValueInWords, shareInWords } from './diff-words';
import { driftSpec } from './drift-spec';
import { Level } from './level';
import { Nothing } from './nothing';
import { sideNames } from './side-names';
import type { TableProps } from './props';

/** How the distribution of every column moved. Asked for when it is first looked at: it reads both sides once more. */
export function DriftView(props: TableProps): JSX.Element {
  const { model, trans } = props;
  useEffect(() => model.loadDrift());
  const { drift } = model;
  if (drift.kind === 'problem') {
    return (
      <div className="bb-Problem bb-Diff-notice" role="alert">
        {drift.message}
      </div>
    );
  }
  if (drift.kind !== 'loaded') {
    return <Nothing text={trans.__('Comparing the distributions…')} />;
  }
  if (drift.columns.length === 0) {
    return <Nothing text={trans.__('No column stands on both sides.')} />;
  }
  return <Drift {...props} columns={drift.columns} />;
}

type DriftProps = TableProps & { readonly columns: readonly ColumnDrift[] };

const rank: Readonly<Record<DriftLevel, number>> = { fail: 0, warn: 1, none: 2 };
/** Columns drawn at first, and each time more are asked for. */
const page = 100;

function Drift(props: DriftProps): JSX.Element {
  const { trans } = props;
  const columns = [...props.columns].sort((a, b) => rank[a.level] - rank[b.level]);
  const [selected, setSelected] = useState(columns[0]!.column);
  const [limit, setLimit] = useState(page);
  const chosen = columns.find(column => column.column === selected) ?? columns[0]!;
  const rest = columns.length - limit;
  return (
    <div className="bb-Drift">
      <div className="bb-Drift-table">
        <table className="bb-Table">
          <DriftHead {...props} />
          <tbody>
            {columns.slice(0, limit).map(column => (
              <DriftRow
                key={column.column}
                {...props}
                drift={column}
                selected={column === chosen}
                onSelect={() => setSelected(column.column)}
              />
            ))}
          </tbody>
        </table>
        {rest > 0 && (
          <button type="button" className="bb-LinkButton" onClick={() => setLimit(limit + page)}>
            {trans._n('Show %1 more column', 'Show %1 more columns', Math.min(rest, page))}
          </button>
        )}
      </div>
      <Detail {...props} drift={chosen} />
    </div>
  );
}

const measures: readonly DriftMeasure['name'][] = ['psi', 'jensen-shannon', 'kolmogorov-smirnov', 'chi-squared'];

function DriftHead({ trans }: DriftProps): JSX.Element {
  return (
    <thead>
      <tr>
        <th scope="col">{trans.__('Column')}</th>
        <th scope="col">{trans.__('Drift')}</th>
        {measures.map(name => (
          <th key={name} scope="col" className="bb-Table-number" title={measureLongName(name, trans)}>
            {measureInWords(name)}
          </th>
        ))}
        <th scope="col" className="bb-Table-number">
          {trans.__('n before')}
        </th>
        <th scope="col" className="bb-Table-number">
          {trans.__('n after')}
        </th>
      </tr>
    </thead>
  );
}

type RowProps = DriftProps & {
  readonly drift: ColumnDrift;
  readonly selected: boolean;
  readonly onSelect: () => void;
};

function DriftRow({ drift, selected, onSelect, trans }: RowProps): JSX.Element {
  return (
    <tr className={selected ? 'bb-mod-selected' : ''}>
      <th scope="row">
        <button type="button" className="bb-LinkButton bb-Drift-name" aria-pressed={selected} onClick={onSelect}>
          {drift.column}
        </button>
      </th>
      <td>
        <Level level={drift.level} text={levelInWords(drift.level, trans)} />
      </td>
      {measures.map(name => (
        <td key={name} className="bb-Table-number">
          <Measure measure={drift.measures.find(measure => measure.name === name)} />
        </td>
      ))}
      <td className="bb-Table-number">{numberInWords(drift.n[0])}</td>
      <td className="bb-Table-number">{numberInWords(drift.n[1])}</td>
    </tr>
  );
}

/** A value; its formula shows while it is pointed at or focused. */
function Measure({ measure }: { readonly measure: DriftMeasure | undefined }): JSX.Element {
  if (!measure) {
    return <span className="bb-Quiet">–</span>;
  }
  const pValue = measure.pValue === undefined ? '' : ` · ${pValueInWords(measure.pValue)}`;
  return (
    <span className="bb-Measure" tabIndex={0} role="note">
      {numberInWords(Number(measure.value.toPrecision(3)))}
      <span className="bb-Measure-formula">{measure.formula + pValue}</span>
    </span>
  );
}

function Detail(props: DriftProps & { readonly drift: ColumnDrift }): JSX.Element {
  const { model, drift, services, trans } = props;
  const sides = sideNames(model, trans);
  // Two sides of one name would be one colour.
  const words = {
    side: trans.__('Side'),
    from: trans.__('From'),
    to: trans.__('To'),
    value: trans.__('Value'),
    rows: trans.__('Rows'),
    share: trans.__('Share')
  };
  const names: readonly [string, string] = sides[0] === sides[1] ? [`${sides[0]} (1)`, `${sides[1]} (2)`] : sides;
  return (
    <section className="bb-Drift-detail" aria-label={trans.__('Distribution of %1', drift.column)}>
      <h2>
        {drift.column} <span className="bb-Quiet">{drift.kind}</span>
      </h2>
      <VegaChart
        key={drift.column}
        rendermime={services.rendermime}
        label={trans.__('Distributions of %1 on both sides, over each other', drift.column)}
        fallback={trans.__('There is nothing to draw.')}
        spec={colours => driftSpec({ drift, sides: names, words, colours })}
      />
      <dl className="bb-Drift-formulas">
        {drift.measures.map(measure => (
          <div key={measure.name}>
            <dt>
              {measureLongName(measure.name, trans)} <b>{numberInWords(Number(measure.value.toPrecision(4)))}</b>
              {measure.pValue !== undefined && <span className="bb-Quiet"> {pValueInWords(measure.pValue)}</span>}{' '}
              <Level level={measure.level} text={levelInWords(measure.level, trans)} />
            </dt>
            <dd>{measure.formula}</dd>
          </div>
        ))}
        <div>
          <dt>{trans.__('Nulls')}</dt>
          <dd>
            {trans.__(
              '%1 → %2',
              shareInWords(drift.nulls[0] / Math.max(drift.nulls[0] + drift.n[0], 1)),
              shareInWords(drift.nulls[1] / Math.max(drift.nulls[1] + drift.n[1], 1))
            )}
          </dd>
        </div>
      </dl>
    </section>
  );
}
