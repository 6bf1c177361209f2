import { HTMLSelect } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Cell, Column, ColumnStatistics } from '../../core/model/table';
import { Histogram, ShareBar } from '../table/charts';
import { binInWords, countInWords, edgeInWords, figures, shareInWords, valueInWords } from './column-words';
import { Failure, Waiting } from './look-state';
import type { TableModel } from './table-model';

export type DrawerProps = { readonly model: TableModel; readonly trans: TranslationBundle };

/** All numbers of one column. */
export function StatisticsDrawer({ model, trans }: DrawerProps): JSX.Element {
  const column = model.columnNamed(model.selected);
  if (!column) {
    return <></>;
  }
  const statistics = model.statistics.get(column.name);
  return (
    <section className="bb-Drawer" aria-label={trans.__('Statistics')}>
      <div className="bb-Drawer-head">
        <HTMLSelect
          aria-label={trans.__('Column')}
          value={column.name}
          onChange={event => (model.selected = event.target.value)}
        >
          {model.info.columns.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </HTMLSelect>
        <code className="bb-Drawer-type">{column.type}</code>
      </div>
      <Sorting model={model} column={column} trans={trans} />
      <State model={model} trans={trans} />
      {statistics && <Numbers model={model} statistics={statistics} column={column} trans={trans} />}
    </section>
  );
}

function State({ model, trans }: DrawerProps): JSX.Element {
  const state = model.statisticsState;
  if (state.kind === 'loading') {
    return <Waiting label={trans.__('Counting values…')} onCancel={() => model.cancelStatistics()} trans={trans} />;
  }
  return state.kind === 'problem' ? (
    <Failure
      message={state.error.message}
      hint={state.error.hint ?? ''}
      onRetry={() => void model.loadStatistics()}
      trans={trans}
    />
  ) : (
    <></>
  );
}

type ColumnProps = DrawerProps & { readonly column: Column };

/** The order of rows by this column, for those who do not click on headers. */
function Sorting({ model, column, trans }: ColumnProps): JSX.Element {
  const key = model.sort.find(({ column: name }) => name === column.name);
  const button = (label: string, pressed: boolean, descending: boolean): JSX.Element => (
    <button
      type="button"
      className="bb-ToggleButton"
      aria-pressed={pressed}
      onClick={() => model.setSort(pressed ? [] : [{ column: column.name, descending }])}
    >
      {label}
    </button>
  );
  return (
    <div className="bb-Drawer-sort" role="group" aria-label={trans.__('Sort rows by %1', column.name)}>
      {button(trans.__('▲ Ascending'), key !== undefined && !key.descending, false)}
      {button(trans.__('▼ Descending'), key?.descending === true, true)}
    </div>
  );
}

type NumbersProps = ColumnProps & { readonly statistics: ColumnStatistics };

function Numbers(props: NumbersProps): JSX.Element {
  const { statistics, trans } = props;
  const { histogram } = statistics;
  const first = histogram[0];
  const last = histogram[histogram.length - 1];
  return (
    <>
      {first && last && (
        <figure className="bb-Drawer-histogram">
          <Histogram
            bins={histogram}
            label={trans.__('Histogram of %1', statistics.name)}
            titleOf={bin => binInWords(bin, trans)}
          />
          <figcaption className="bb-Axis">
            <span>{edgeInWords(first.low)}</span>
            <span>{edgeInWords(last.high)}</span>
          </figcaption>
        </figure>
      )}
      <dl className="bb-Figures">
        {figures(statistics, trans).map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {statistics.top.length > 0 && <TopValues {...props} />}
    </>
  );
}

function TopValues({ statistics, column, model, trans }: NumbersProps): JSX.Element {
  const { count, top } = statistics;
  const keep = (value: Cell): void => {
    const others = model.filter.filter(filter => filter.column !== column.name);
    const filter =
      value === null
        ? ({ column: column.name, operator: 'is-null' } as const)
        : ({ column: column.name, operator: '=', value } as const);
    model.setFilter([...others, filter]);
  };
  const most = top[0]?.count ?? 1;
  return (
    <table className="bb-TopValues">
      <caption>{trans.__('Most frequent')}</caption>
      <tbody>
        {top.map(({ value, count: times }, index) => (
          <tr key={index}>
            <th scope="row">
              <button
                type="button"
                className="bb-LinkButton"
                title={trans.__('Show only rows with this value')}
                onClick={() => keep(value)}
              >
                {valueInWords(value) || trans.__('(empty)')}
              </button>
            </th>
            <td>
              <ShareBar share={times / most} />
            </td>
            <td className="bb-Number">{countInWords(times)}</td>
            <td className="bb-Number bb-Quiet">{shareInWords(times, count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
