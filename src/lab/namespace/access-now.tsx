import { closeIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useState } from 'react';
import type { WhoCan } from '../../core/model/namespace';
import { IconButton } from '../panel/icon-button';
import { type AccessRow, accessRows } from './access-list';
import { type View, isLastOwner } from './changes';
import { mayManage } from './section';
import type { ShareChoice } from './share-choice';
import { objectOf } from './share-choice';
import type { ShareOptions } from './share-options';
import { type Column, VirtualTable } from './virtual-table';
import { cellInWords, expiryInWords, failureInWords, principalInWords } from './words';

type AccessNowProps = ShareOptions & { readonly view: View; readonly choice: ShareChoice };

/** Who has access now, with revoking, and on demand who can see what was chosen, and why. */
export function AccessNow(props: AccessNowProps): JSX.Element {
  const { view, scene, changes, trans } = props;
  const rows = accessRows(view, scene.project, changes, Date.now(), trans);
  return (
    <section className="bb-Share-now" aria-label={trans.__('Who has access now')}>
      <h3>{trans.__('Who has access now')}</h3>
      {rows.length === 0 ? (
        <p className="bb-Quiet">{trans.__('You do not see who else has access.')}</p>
      ) : (
        <VirtualTable<AccessRow>
          name="access"
          label={trans.__('Who has access now')}
          rows={rows}
          columns={columns(props)}
          rowHeight={32}
          keyOf={({ id }) => id}
        />
      )}
      <Why {...props} />
    </section>
  );
}

function columns(props: AccessNowProps): readonly Column<AccessRow>[] {
  const { trans, model, view } = props;
  const isKept = ({ principal }: AccessRow): boolean =>
    view.members.some(
      member =>
        member.principal.kind === principal.kind &&
        'name' in principal &&
        member.principal.name === principal.name &&
        isLastOwner(view, member)
    );
  return [
    { id: 'name', title: trans.__('Who'), cell: ({ name }) => <span title={name}>{name}</span> },
    { id: 'right', title: trans.__('May'), cell: ({ right }) => cellInWords(right, trans) },
    { id: 'object', title: trans.__('Through'), cell: ({ how }) => <span title={how}>{how}</span> },
    { id: 'until', title: trans.__('Until'), cell: ({ expires }) => expiryInWords(expires, Date.now(), trans) },
    {
      id: 'action',
      title: '',
      cell: row => (
        <IconButton
          icon={closeIcon}
          label={
            row.member
              ? trans.__('Remove %1 from the namespace', row.name)
              : trans.__('Revoke: %1, %2', row.name, row.how)
          }
          disabled={!mayManage(props) || (row.member && isKept(row))}
          onClick={() => void model.change(row.revoke)}
        />
      )
    }
  ];
}

type Answer = { readonly who: readonly WhoCan[] } | { readonly problem: string };

/** "Who can see this, and why." */
function Why(props: AccessNowProps): JSX.Element | null {
  const { model, choice, scene, trans } = props;
  const [answer, setAnswer] = useState<Answer | null>(null);
  const object = objectOf(choice, scene);
  if (object === null) {
    return null;
  }
  const ask = async (): Promise<void> => {
    try {
      setAnswer({ who: await model.whoCan(object) });
    } catch (error) {
      setAnswer({ problem: failureInWords(error) });
    }
  };
  return (
    <div className="bb-Why">
      <button type="button" className="bb-LinkButton" onClick={() => void ask()}>
        {trans.__('Who can see this, and why?')}
      </button>
      <div role="status">{answer !== null && <WhyAnswer answer={answer} trans={trans} />}</div>
    </div>
  );
}

function WhyAnswer({ answer, trans }: { readonly answer: Answer; readonly trans: TranslationBundle }): JSX.Element {
  if ('problem' in answer) {
    return <div className="bb-Problem">{answer.problem}</div>;
  }
  if (answer.who.length === 0) {
    return <p className="bb-Quiet">{trans.__('Nobody but you.')}</p>;
  }
  return (
    <ul className="bb-Why-list">
      {answer.who.map((each, index) => (
        <li key={index}>
          <strong>{principalInWords(each.principal, trans)}</strong>{' '}
          <span className="bb-Badge">{cellInWords(each.right, trans)}</span>
          <span className="bb-Quiet"> {each.because.map(({ text }) => text).join('; ')}</span>
        </li>
      ))}
    </ul>
  );
}
