import type { ModelContent } from '../../core/model/content';
import type { ModelDiff } from '../../core/model/diff';
import type { ContentProps } from './props';
import { pairRow, type PairRow, pairRows, type Value } from './pair-rows';
import { PairTable } from './pair-table';
import { sideNames } from './side-names';

/** Two versions of a model side by side: what it is, its metrics, settings, features and tensors. */
export function ModelDiffView({ model, content, trans }: ContentProps<ModelDiff>): JSX.Element {
  const { from, to } = content;
  const sides = sideNames(model, trans);
  const table = (title: string, rows: readonly PairRow[], total?: number): JSX.Element => (
    <PairTable title={title} rows={rows} sides={sides} trans={trans} {...(total === undefined ? {} : { total })} />
  );
  const summary = [
    pairRow(trans.__('Format'), from.format, to.format),
    pairRow(trans.__('Framework'), from.framework ?? undefined, to.framework ?? undefined),
    pairRow(trans.__('Estimator'), from.estimator ?? undefined, to.estimator ?? undefined),
    pairRow(trans.__('Parameters'), from.parameters ?? undefined, to.parameters ?? undefined)
  ].filter(row => row.from !== undefined || row.to !== undefined);
  const notices = [...new Set([...from.notices, ...to.notices])];
  return (
    <div className="bb-Diff-scroll">
      {table(trans.__('Model'), summary)}
      {table(trans.__('Metrics'), pairRows(metricsOf(from), metricsOf(to)))}
      {table(trans.__('Settings'), pairRows(from.settings, to.settings))}
      {table(trans.__('Features'), pairRows(featuresOf(from), featuresOf(to)))}
      {table(trans.__('Trained on'), pairRows(dataOf(from), dataOf(to)))}
      {table(trans.__('Tensors'), pairRows(tensorsOf(from), tensorsOf(to)), Math.max(from.tensorCount, to.tensorCount))}
      {notices.map(notice => (
        <p key={notice} className="bb-Quiet">
          {notice}
        </p>
      ))}
    </div>
  );
}

type Values = Readonly<Record<string, Value>>;

/** The file is part of a metric's name only where metrics come from several. */
function metricsOf({ metrics }: ModelContent): Values {
  const several = new Set(metrics.map(metric => metric.path)).size > 1;
  return Object.fromEntries(
    metrics.map(({ path, name, value }) => [several ? `${path}: ${name}` : name, value] as const)
  );
}

/** Position by name: a feature that moved differs too. */
const featuresOf = ({ features }: ModelContent): Values =>
  Object.fromEntries((features ?? []).map((name, index) => [name, `#${index + 1}`]));

const dataOf = ({ trainedOn }: ModelContent): Values =>
  Object.fromEntries(trainedOn.map(({ path, address }) => [path, address.slice(path.length)]));

const tensorsOf = ({ tensors }: ModelContent): Values =>
  Object.fromEntries(tensors.map(({ name, type, shape }) => [name, `${type} ${shape.join(' × ')}`]));
