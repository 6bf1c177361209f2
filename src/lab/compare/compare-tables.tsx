import type { TranslationBundle } from '@jupyterlab/translation';
import { Fragment, useState } from 'react';
import type { CompareResult, MetricRow } from '../../core/model/result';
import { type FileKind, kindIcons } from '../icons';
import { ChangeBadge } from '../panel/change-badge';
import { differenceInWords, kindInWords, numberInWords, revisionInWords, sizeInWords, splitPath } from '../panel/words';

type TableProps = { readonly result: CompareResult; readonly trans: TranslationBundle };

/** Files drawn at first, and each time more are asked for. */
const page = 500;
const kindOrder: readonly FileKind[] = ['notebook', 'code', 'dataset', 'model', 'metrics', 'image', 'file'];

/** Every metric on every revision, with its difference from the baseline. */
export function MetricsTable({ result, trans }: TableProps): JSX.Element {
  const files = [...new Set(result.metrics.map(metric => metric.path))];
  return (
    <section className="bb-Compare-section">
      <h2>{trans.__('Metrics')}</h2>
      <table className="bb-Table">
        <RevisionHead result={result} first={trans.__('Metric')} />
        <tbody>
          {files.map(file => (
            <Fragment key={file}>
              {files.length > 1 && <GroupRow label={file} columns={2 * result.revisions.length} />}
              {result.metrics
                .filter(metric => metric.path === file)
                .map(metric => (
                  <tr key={metric.name}>
                    <th scope="row">{metric.name}</th>
                    {metric.values.map((_, index) => (
                      <MetricCells key={index} metric={metric} index={index} />
                    ))}
                  </tr>
                ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The value and, beside it in a column of its own, the difference. The baseline has none. */
function MetricCells({ metric, index }: { readonly metric: MetricRow; readonly index: number }): JSX.Element {
  const value = metric.values[index] ?? null;
  const baseline = metric.values[0];
  const isNumber = typeof value === 'number';
  const difference = isNumber && typeof baseline === 'number' ? value - baseline : 0;
  return (
    <>
      <td className={typeof value === 'string' ? 'bb-Table-number bb-Table-text' : 'bb-Table-number'}>
        {value === null ? '–' : isNumber ? numberInWords(value) : value}
      </td>
      {index > 0 && <td className="bb-Table-beside">{difference === 0 ? '' : differenceInWords(difference)}</td>}
    </>
  );
}

/** Files that differ, by kind, with their size on every revision. */
export function FilesTable({ result, trans }: TableProps): JSX.Element {
  const [limit, setLimit] = useState(page);
  const rest = result.files.length - limit;
  const byKind = kindOrder.map(kind => ({ kind, files: result.files.filter(file => file.kind === kind) }));
  let room = limit;
  const groups = byKind.map(({ kind, files }) => {
    const shown = files.slice(0, room);
    room -= shown.length;
    return { kind, shown, count: files.length };
  });
  return (
    <section className="bb-Compare-section">
      <h2>{trans._n('%1 file differs', '%1 files differ', result.files.length)}</h2>
      <table className="bb-Table">
        <RevisionHead result={result} first={trans.__('File')} />
        <tbody>
          {groups
            .filter(group => group.shown.length > 0)
            .map(({ kind, shown, count }) => (
              <Fragment key={kind}>
                <GroupRow
                  label={trans.__('%1 (%2)', kindInWords(kind, trans), count)}
                  columns={2 * result.revisions.length}
                />
                {shown.map(file => (
                  <FileRow key={file.path} file={file} trans={trans} />
                ))}
              </Fragment>
            ))}
        </tbody>
      </table>
      {rest > 0 && (
        <button type="button" className="bb-LinkButton" onClick={() => setLimit(limit + page)}>
          {trans._n('Show %1 more file', 'Show %1 more files', Math.min(rest, page))}
        </button>
      )}
    </section>
  );
}

type FileRowProps = { readonly file: CompareResult['files'][number]; readonly trans: TranslationBundle };

function FileRow({ file, trans }: FileRowProps): JSX.Element {
  const Icon = kindIcons[file.kind];
  const { folder, name } = splitPath(file.path);
  return (
    <tr>
      <th scope="row" className="bb-Table-path" title={file.path}>
        <Icon.react tag="span" className="bb-KindIcon" />
        <span className="bb-Path-name">{name}</span>
        <span className="bb-Path-folder">{folder}</span>
      </th>
      {file.sizes.map((size, index) => {
        const change = file.change[index];
        return (
          <Fragment key={index}>
            <td className="bb-Table-number">{sizeInWords(size)}</td>
            {index > 0 && (
              <td className="bb-Table-beside">{change && <ChangeBadge change={change} trans={trans} short />}</td>
            )}
          </Fragment>
        );
      })}
    </tr>
  );
}

function RevisionHead({ result, first }: { readonly result: CompareResult; readonly first: string }): JSX.Element {
  return (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        {result.revisions.map((revision, index) => (
          <Fragment key={index}>
            <th scope="col" className="bb-Table-number" title={revision.commit}>
              {revisionInWords(revision.name)}
            </th>
            {index > 0 && <td />}
          </Fragment>
        ))}
      </tr>
    </thead>
  );
}

function GroupRow(props: { readonly label: string; readonly columns: number }): JSX.Element {
  return (
    <tr className="bb-Table-group">
      <th scope="colgroup" colSpan={props.columns}>
        {props.label}
      </th>
    </tr>
  );
}
