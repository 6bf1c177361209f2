import { Fragment } from 'react';
import type { ComparedDataset, ComparedModel, RowDelta } from '../../core/model/compare';
import { Level } from '../diff/level';
import { levelInWords } from '../diff/diff-words';
import { numberInWords, sizeInWords, splitPath } from '../panel/words';
import { kindIcons } from '../icons';
import { DiffButton, Empty, RevisionHead, Section, type SectionProps } from './compare-section';

/** Datasets that differ: rows on every revision, how many were added, removed and changed, and how far they drifted. */
export function DatasetsSection(props: SectionProps): JSX.Element {
  const { result, trans } = props;
  const datasets = result.datasets ?? [];
  if (datasets.length === 0) {
    return (
      <Section title={trans.__('Datasets')}>
        <Empty text={emptyText(props, trans.__('No dataset differs.'))} />
      </Section>
    );
  }
  return (
    <Section title={trans.__('Datasets')} note={trans._n('%1 differs', '%1 differ', datasets.length)}>
      <table className="bb-Table">
        <RevisionHead result={result} first={trans.__('Dataset')} />
        <tbody>
          {datasets.map(dataset => (
            <tr key={dataset.path}>
              <PathHead path={dataset.path} kind="dataset" {...(dataset.reason && { note: dataset.reason })} />
              {dataset.rows.map((rows, index) => (
                <DatasetCells key={index} {...props} dataset={dataset} rows={rows} index={index} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function emptyText({ model, trans }: SectionProps, none: string): string {
  return model.describing ? trans.__('Reading the files that differ…') : (model.unread ?? none);
}

type DatasetProps = SectionProps & {
  readonly dataset: ComparedDataset;
  readonly rows: number | null;
  readonly index: number;
};

function DatasetCells(props: DatasetProps): JSX.Element {
  const { dataset, rows, index, trans } = props;
  const delta = dataset.deltas[index];
  return (
    <>
      <td className="bb-Table-number">
        {rows === null ? '–' : trans._n('%2 row', '%2 rows', rows, numberInWords(rows))}
      </td>
      {index > 0 && (
        <td className="bb-Table-beside">
          {delta && (
            <span className="bb-Delta">
              <Counts delta={delta} {...props} />
              {delta.drift !== null && <Level level={delta.drift} text={levelInWords(delta.drift, trans)} />}
              <DiffButton {...props} path={dataset.path} />
            </span>
          )}
        </td>
      )}
    </>
  );
}

function Counts({ delta, trans }: { readonly delta: RowDelta } & Pick<SectionProps, 'trans'>): JSX.Element {
  const words = trans.__('%1 rows added, %2 removed, %3 changed', delta.added, delta.removed, delta.changed);
  return (
    <span className="bb-Counts" title={words} role="img" aria-label={words}>
      <span className="bb-mod-added">+{numberInWords(delta.added)}</span>
      <span className="bb-mod-removed">−{numberInWords(delta.removed)}</span>
      <span className="bb-mod-changed">~{numberInWords(delta.changed)}</span>
    </span>
  );
}

/** Models that differ: what they are, and how large. */
export function ModelsSection(props: SectionProps): JSX.Element {
  const { result, trans } = props;
  const models = result.models ?? [];
  if (models.length === 0) {
    return (
      <Section title={trans.__('Models')}>
        <Empty text={emptyText(props, trans.__('No model differs.'))} />
      </Section>
    );
  }
  return (
    <Section title={trans.__('Models')} note={trans._n('%1 differs', '%1 differ', models.length)}>
      <table className="bb-Table">
        <RevisionHead result={result} first={trans.__('Model')} />
        <tbody>
          {models.map(row => (
            <tr key={row.path}>
              <PathHead path={row.path} kind="model" />
              {row.versions.map((version, index) => (
                <Fragment key={index}>
                  <td className="bb-Table-number">
                    <ModelCell version={version} trans={trans} />
                  </td>
                  {index > 0 && (
                    <td className="bb-Table-beside">
                      {isModified(props, row.path, index) && <DiffButton {...props} path={row.path} index={index} />}
                    </td>
                  )}
                </Fragment>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

const isModified = ({ result }: SectionProps, path: string, index: number): boolean =>
  result.files.find(file => file.path === path)?.change[index] === 'modified';

type ModelCellProps = Pick<SectionProps, 'trans'> & { readonly version: ComparedModel['versions'][number] };

function ModelCell({ version, trans }: ModelCellProps): JSX.Element {
  if (!version) {
    return <>–</>;
  }
  const { format, framework, estimator, parameters, size } = version;
  return (
    <span className="bb-ModelCell">
      <span>{estimator ?? framework ?? format}</span>
      <span className="bb-Quiet">
        {parameters === null
          ? sizeInWords(size)
          : trans.__('%1 parameters · %2', numberInWords(parameters), sizeInWords(size))}
      </span>
    </span>
  );
}

type PathHeadProps = { readonly path: string; readonly kind: 'dataset' | 'model'; readonly note?: string };

function PathHead({ path, kind, note }: PathHeadProps): JSX.Element {
  const Icon = kindIcons[kind];
  const { folder, name } = splitPath(path);
  return (
    <th scope="row" className="bb-Table-path" title={path}>
      <Icon.react tag="span" className="bb-KindIcon" />
      <span className="bb-Path-name">{name}</span>
      <span className="bb-Path-folder">{folder}</span>
      {note !== undefined && <div className="bb-Table-note">{note}</div>}
    </th>
  );
}
