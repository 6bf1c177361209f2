import type { TranslationBundle } from '@jupyterlab/translation';
import { audiences, labels, resourceClasses, rights } from '../../core/model/access';
import type { Audience, ResourceClass } from '../../core/model/access';
import { Choice } from './choice';
import { Reason, Section, type SectionProps, perform, whyDisabled } from './section';
import { type Cell, audienceInWords, cellInWords, classInWords, labelInWords, whoIsInWords } from './words';

const cells: readonly Cell[] = ['none', ...rights];

/** Who gets what: private, team and everyone × code, data, models and compute. Every cell can be set. */
export function AccessTable(props: SectionProps): JSX.Element {
  const { trans } = props;
  return (
    <Section title={trans.__('Who may do what')}>
      <p className="bb-Quiet">
        {trans.__('The most that each gets, whatever roles and shares say. Owners are not limited.')}
      </p>
      <Reason {...props} />
      <div className="bb-AccessTable-scroll" tabIndex={0} role="group" aria-label={trans.__('Who may do what')}>
        <table className="bb-AccessTable">
          <thead>
            <tr>
              <td />
              {resourceClasses.map(name => (
                <th key={name} scope="col">
                  {classInWords(name, trans)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {audiences.map(audience => (
              <tr key={audience}>
                <th scope="row">
                  <strong>{audienceInWords(audience, trans)}</strong>
                  <span className="bb-Quiet">{whoIsInWords(audience, trans)}</span>
                </th>
                {resourceClasses.map(name => (
                  <td key={name}>
                    <TableCell {...props} audience={audience} name={name} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <LabelLine {...props} />
    </Section>
  );
}

type CellProps = SectionProps & { readonly audience: Audience; readonly name: ResourceClass };

function TableCell(props: CellProps): JSX.Element {
  const { view, audience, name, trans, services } = props;
  const cell = view.namespace.policy[audience][name];
  return (
    <div className={`bb-AccessTable-cell bb-mod-${cell}`}>
      <Choice
        label={trans.__('%1: %2', audienceInWords(audience, trans), classInWords(name, trans))}
        value={cell}
        options={cells.map(each => [each, cellInWords(each, trans)])}
        onChange={next => perform(props, services.changes.setCell(audience, name, next))}
        reason={whyDisabled(props)}
      />
      <span className="bb-AccessTable-meaning">{meaning(name, cell, trans)}</span>
    </div>
  );
}

/** What one may do with code, data, models or compute. */
function meaning(name: ResourceClass, cell: Cell, trans: TranslationBundle): string {
  if (cell === 'none') {
    return trans.__('Does not see them');
  }
  const words: Record<ResourceClass, Record<Exclude<Cell, 'none'>, string>> = {
    code: {
      view: trans.__('Reads notebooks and history'),
      run: trans.__('Reads and runs notebooks'),
      edit: trans.__('Pushes snapshots and branches'),
      manage: trans.__('Sets who may push where')
    },
    data: {
      view: trans.__('Reads every version'),
      run: trans.__('Reads, and uses in runs'),
      edit: trans.__('Pushes new versions'),
      manage: trans.__('Shares and removes them')
    },
    models: {
      view: trans.__('Reads every version'),
      run: trans.__('Reads, and uses in runs'),
      edit: trans.__('Pushes new versions'),
      manage: trans.__('Shares and removes them')
    },
    compute: {
      view: trans.__('Sees which there are'),
      run: trans.__('Runs notebooks there'),
      edit: trans.__('Runs notebooks there'),
      manage: trans.__('Adds and removes them')
    }
  };
  return words[name][cell];
}

function LabelLine(props: SectionProps): JSX.Element {
  const { view, trans, services } = props;
  return (
    <div className="bb-Namespace-line">
      <span>{trans.__('Label')}</span>
      <Choice
        label={trans.__('Label of the namespace')}
        value={view.namespace.label}
        options={labels.map(label => [label, labelInWords(label, trans)])}
        onChange={label => perform(props, services.changes.setLabel(label))}
        reason={whyDisabled(props)}
      />
      <span className="bb-Quiet">
        {trans.__('What is protected goes only to members who are cleared, and never back to where it is not.')}
      </span>
    </div>
  );
}
