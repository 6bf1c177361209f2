import { Fragment } from 'react';
import { Empty, GroupRow, Section, type SectionProps } from './compare-section';
import { numberInWords, revisionInWords } from '../panel/words';

/** Parameters drawn at most. */
const most = 500;

/** Parameters that differ, first those of parameter files, then those inside models. */
export function ParamsSection({ result, trans }: SectionProps): JSX.Element {
  const params = result.params ?? [];
  const different = params.filter(param => param.values.some(value => value !== param.values[0]));
  if (params.length === 0) {
    return (
      <Section title={trans.__('Parameters')}>
        <Empty text={trans.__('No parameters yet. Keep them in a file:')} code="params.yaml" />
      </Section>
    );
  }
  const files = [...new Set(different.map(param => param.path))];
  return (
    <Section title={trans.__('Parameters')} note={trans.__('%1 of %2 differ', different.length, params.length)}>
      {different.length === 0 ? (
        <Empty text={trans.__('All parameters are the same.')} />
      ) : (
        <table className="bb-Table">
          <thead>
            <tr>
              <th scope="col">{trans.__('Parameter')}</th>
              {result.revisions.map((revision, index) => (
                <th key={index} scope="col" className="bb-Table-number">
                  {revisionInWords(revision.name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {files.map(file => (
              <Fragment key={file}>
                {files.length > 1 && <GroupRow label={file} columns={result.revisions.length + 1} />}
                {different
                  .slice(0, most)
                  .filter(param => param.path === file)
                  .map(param => (
                    <tr key={param.name}>
                      <th scope="row">{param.name}</th>
                      {param.values.map((value, index) => (
                        <td
                          key={index}
                          className={value === param.values[0] ? 'bb-Table-number' : 'bb-Table-number bb-mod-other'}
                        >
                          {value === null ? '–' : typeof value === 'number' ? numberInWords(value) : String(value)}
                        </td>
                      ))}
                    </tr>
                  ))}
              </Fragment>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}
