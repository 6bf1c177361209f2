import { Fragment, useState } from 'react';
import type { CompareResult } from '../../core/model/result';
import { type FileKind, kindIcons } from '../icons';
import { ChangeBadge } from '../panel/change-badge';
import { kindInWords, sizeInWords, splitPath } from '../panel/words';
import { DiffButton, Empty, GroupRow, RevisionHead, Section, type SectionProps } from './compare-section';

/** Files drawn at first, and each time more are asked for. */
const page = 500;
const kindOrder: readonly FileKind[] = ['notebook', 'code', 'dataset', 'model', 'metrics', 'image', 'file'];

/** Files that differ, by kind, with their size on every revision. */
export function FilesSection(props: SectionProps): JSX.Element {
  const { result, model, trans } = props;
  const [limit, setLimit] = useState(page);
  const rest = result.files.length - limit;
  const byKind = kindOrder.map(kind => ({ kind, files: result.files.filter(file => file.kind === kind) }));
  let room = limit;
  const groups = byKind.map(({ kind, files }) => {
    const shown = files.slice(0, room);
    room -= shown.length;
    return { kind, shown, count: files.length };
  });
  if (result.files.length === 0) {
    const text =
      model.file === null ? trans.__('No file differs.') : trans.__('%1 is the same everywhere.', model.file);
    return (
      <Section title={trans.__('Files')}>
        <Empty text={text} />
      </Section>
    );
  }
  return (
    <Section title={trans.__('Files')} note={trans._n('%1 differs', '%1 differ', result.files.length)}>
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
                  <FileRow key={file.path} {...props} file={file} />
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
    </Section>
  );
}

type FileRowProps = SectionProps & { readonly file: CompareResult['files'][number] };

function FileRow(props: FileRowProps): JSX.Element {
  const { file, trans } = props;
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
              <td className="bb-Table-beside">
                {change && (
                  <span className="bb-Delta">
                    <ChangeBadge change={change} trans={trans} short />
                    {change === 'modified' && <DiffButton {...props} path={file.path} index={index} />}
                  </span>
                )}
              </td>
            )}
          </Fragment>
        );
      })}
    </tr>
  );
}
