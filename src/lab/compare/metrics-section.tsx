import { Fragment, useState } from 'react';
import { HTMLSelect } from '@jupyterlab/ui-components';
import type { MetricDirection } from '../../core/model/compare';
import type { MetricRow } from '../../core/model/result';
import { VegaChart } from '../chart/vega-chart';
import { differenceInWords, numberInWords, revisionInWords } from '../panel/words';
import { Empty, GroupRow, RevisionHead, Section, type SectionProps } from './compare-section';
import { best, judge, metricKey, mostTelling, nextDirection } from './judge';
import { metricSpec } from './metric-spec';

/** Every metric on every revision, better or worse than the baseline, and one of them as a chart. */
export function MetricsSection(props: SectionProps): JSX.Element {
  const { result, trans } = props;
  if (result.metrics.length === 0) {
    return (
      <Section title={trans.__('Metrics')}>
        <Empty
          text={trans.__('No metrics yet. Write numbers to metrics/*.json, or in a cell:')}
          code="repo.metrics(accuracy=0.93)"
        />
      </Section>
    );
  }
  const files = [...new Set(result.metrics.map(metric => metric.path))];
  return (
    <Section title={trans.__('Metrics')}>
      <div className="bb-Metrics">
        <table className="bb-Table">
          <RevisionHead result={result} first={trans.__('Metric')}>
            <th scope="col">{trans.__('Good is')}</th>
          </RevisionHead>
          <tbody>
            {files.map(file => (
              <Fragment key={file}>
                {files.length > 1 && <GroupRow label={file} columns={2 * result.revisions.length + 1} />}
                {result.metrics
                  .filter(metric => metric.path === file)
                  .map(metric => (
                    <Metric key={metric.name} {...props} metric={metric} />
                  ))}
              </Fragment>
            ))}
          </tbody>
        </table>
        <MetricChart {...props} />
      </div>
    </Section>
  );
}

type MetricProps = SectionProps & { readonly metric: MetricRow };

function Metric(props: MetricProps): JSX.Element {
  const { metric, services } = props;
  const direction = services.directions.of(metric);
  const winner = best(metric.values, direction);
  return (
    <tr>
      <th scope="row">{metric.name}</th>
      <td>
        <DirectionButton {...props} direction={direction} />
      </td>
      {metric.values.map((_, index) => (
        <MetricCells key={index} {...props} index={index} direction={direction} winner={winner === index} />
      ))}
    </tr>
  );
}

/** Which values are the good ones; a click chooses another answer, which is remembered. */
function DirectionButton({ metric, services, trans, direction }: MetricProps & Directed): JSX.Element {
  const words =
    direction === 'higher' ? trans.__('↑ higher') : direction === 'lower' ? trans.__('↓ lower') : trans.__('? unknown');
  return (
    <button
      type="button"
      className="bb-Direction"
      title={trans.__('Which values of %1 are good: higher, lower or unknown', metric.name)}
      aria-label={trans.__('%1: %2. Change', metric.name, words)}
      onClick={() => services.directions.set(metric, nextDirection(direction))}
    >
      {words}
    </button>
  );
}

type Directed = { readonly direction: MetricDirection };
type CellsProps = MetricProps & Directed & { readonly index: number; readonly winner: boolean };

/** The value and, beside it in a column of its own, the difference. The baseline has none. */
function MetricCells({ metric, index, direction, winner, trans }: CellsProps): JSX.Element {
  const value = metric.values[index] ?? null;
  const baseline = metric.values[0];
  const difference = typeof value === 'number' && typeof baseline === 'number' ? value - baseline : 0;
  const verdict = index > 0 ? judge(value, baseline, direction) : null;
  const words = { better: trans.__('better'), worse: trans.__('worse') };
  const text = typeof value === 'string' ? ' bb-Table-text' : '';
  return (
    <>
      <td className={`bb-Table-number${text}`}>
        {winner && (
          <span className="bb-Best" title={trans.__('The best')} aria-label={trans.__('The best')} role="img">
            ★
          </span>
        )}{' '}
        {value === null ? '–' : typeof value === 'number' ? numberInWords(value) : value}
      </td>
      {index > 0 && (
        <td className={`bb-Table-beside bb-Verdict bb-mod-${verdict ?? 'none'}`}>
          {difference !== 0 && (
            <>
              <span aria-hidden="true">{difference > 0 ? '▲' : '▼'}</span> {differenceInWords(difference)}
              {verdict && <span className="bb-Verdict-word"> {words[verdict]}</span>}
            </>
          )}
        </td>
      )}
    </>
  );
}

function MetricChart({ result, services, trans }: SectionProps): JSX.Element {
  const drawable = result.metrics.filter(metric => metric.values.some(value => typeof value === 'number'));
  const [chosen, setChosen] = useState('');
  const metric =
    drawable.find(other => metricKey(other) === chosen) ??
    mostTelling(drawable, other => services.directions.of(other));
  if (!metric) {
    return <></>;
  }
  const names = result.revisions.map(revision => revisionInWords(revision.name));
  return (
    <div className="bb-MetricChart">
      <label>
        <span className="bb-TableDiff-label">{trans.__('Chart')}</span>
        <HTMLSelect value={metricKey(metric)} onChange={event => setChosen(event.target.value)}>
          {drawable.map(option => (
            <option key={metricKey(option)} value={metricKey(option)}>
              {drawable.filter(other => other.name === option.name).length > 1
                ? trans.__('%1 (%2)', option.name, option.path)
                : option.name}
            </option>
          ))}
        </HTMLSelect>
      </label>
      <VegaChart
        key={`${metricKey(metric)} ${JSON.stringify([metric.values, metric.series, names])}`}
        rendermime={services.rendermime}
        label={trans.__('%1 on each branch', metric.name)}
        fallback={trans.__('There is nothing to draw.')}
        spec={colours => metricSpec(metric, names, colours)}
      />
    </div>
  );
}
