import { InputGroup, closeIcon } from '@jupyterlab/ui-components';
import { type FormEvent, useMemo, useState } from 'react';
import type { Role } from '../../core/model/access';
import { roles } from '../../core/model/access';
import type { Member } from '../../core/model/namespace';
import { IconButton } from '../panel/icon-button';
import { numberInWords } from '../panel/words';
import { isLastOwner } from './changes';
import { Choice } from './choice';
import { Nothing, Reason, Section, type SectionProps, mayManage, perform, whyDisabled } from './section';
import { type Column, VirtualTable } from './virtual-table';
import { principalInWords, roleInWords } from './words';

/** Lists shorter than this need no filter. */
const filterFrom = 12;
const keyOf = ({ principal }: Member): string => `${principal.kind}:${principal.name}`;

/** People and groups with their roles. */
export function Members(props: SectionProps): JSX.Element {
  const { view, trans } = props;
  const [filter, setFilter] = useState('');
  const rows = useMemo(() => matching(view.members, filter), [view.members, filter]);
  return (
    <Section title={trans.__('Members')} note={numberInWords(view.members.length)}>
      <Reason {...props} />
      {mayManage(props) && <AddMember {...props} />}
      {view.members.length >= filterFrom && (
        <div className="bb-Namespace-filter">
          <InputGroup
            type="search"
            rightIcon="ui-components:search"
            aria-label={trans.__('Filter members')}
            placeholder={trans.__('Filter')}
            value={filter}
            onChange={event => setFilter(event.target.value)}
          />
        </div>
      )}
      {rows.length === 0 ? (
        <Nothing
          text={filter ? trans.__('Nobody matches “%1”.', filter) : trans.__('You do not see who is a member here.')}
        />
      ) : (
        <VirtualTable<Member>
          name="members"
          label={trans.__('Members and their roles')}
          rows={rows}
          columns={columns(props)}
          rowHeight={40}
          keyOf={keyOf}
        />
      )}
    </Section>
  );
}

function matching(members: readonly Member[], filter: string): readonly Member[] {
  const wanted = filter.trim().toLowerCase();
  return wanted === '' ? members : members.filter(member => keyOf(member).toLowerCase().includes(wanted));
}

function columns(props: SectionProps): readonly Column<Member>[] {
  const { view, trans, services } = props;
  const { changes } = services;
  const reasonFor = (member: Member): string | undefined =>
    whyDisabled(props) ??
    (isLastOwner(view, member) ? trans.__('A namespace keeps at least one owner. Make another one first.') : undefined);
  return [
    {
      id: 'name',
      title: trans.__('Name'),
      cell: ({ principal }) => <span title={principal.name}>{principalInWords(principal, trans)}</span>
    },
    {
      id: 'role',
      title: trans.__('Role'),
      cell: member => (
        <Choice
          label={trans.__('Role of %1', member.principal.name)}
          value={member.role}
          options={roles.map(role => [role, roleInWords(role, trans)])}
          onChange={role => perform(props, changes.setRole(member.principal, role))}
          reason={reasonFor(member)}
        />
      )
    },
    {
      id: 'cleared',
      title: trans.__('Cleared'),
      cell: member => (
        <input
          type="checkbox"
          aria-label={trans.__('%1 is cleared for what is protected', member.principal.name)}
          title={whyDisabled(props) ?? trans.__('May have what is protected')}
          checked={member.cleared}
          disabled={!mayManage(props)}
          onChange={() => perform(props, changes.setCleared(member.principal, !member.cleared))}
        />
      )
    },
    { id: 'by', title: trans.__('Added by'), cell: ({ by }) => <span title={by}>{by}</span> },
    {
      id: 'action',
      title: '',
      cell: member => (
        <IconButton
          icon={closeIcon}
          label={reasonFor(member) ?? trans.__('Remove %1', member.principal.name)}
          disabled={reasonFor(member) !== undefined}
          onClick={() => void remove(props, member)}
        />
      )
    }
  ];
}

async function remove(props: SectionProps, { principal }: Member): Promise<void> {
  const { services, trans, view } = props;
  const name = principalInWords(principal, trans);
  const title = trans.__('Remove %1 from %2?', name, view.namespace.title || view.namespace.name);
  const text = trans.__('It takes effect at once, also for what they have open. Copies that they have stay with them.');
  if (await services.confirm(title, text, trans.__('Remove'))) {
    perform(props, services.changes.removeMember(principal));
  }
}

function AddMember(props: SectionProps): JSX.Element {
  const { trans, services, model } = props;
  const [kind, setKind] = useState<'user' | 'group'>('user');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (await model.change(services.changes.addMember({ kind, name: name.trim() }, role, false))) {
      setName('');
    }
  };
  return (
    <form className="bb-Namespace-form" onSubmit={event => void submit(event)} data-lm-suppress-shortcuts="true">
      <Choice
        label={trans.__('Person or group')}
        value={kind}
        options={[
          ['user', trans.__('Person')],
          ['group', trans.__('Group')]
        ]}
        onChange={setKind}
      />
      <input
        className="jp-mod-styled"
        aria-label={trans.__('Name of who to add')}
        placeholder={kind === 'user' ? trans.__('Name they sign in with') : trans.__('Name of the group')}
        value={name}
        onChange={event => setName(event.target.value)}
      />
      <Choice
        label={trans.__('Role of who is added')}
        value={role}
        options={roles.map(each => [each, roleInWords(each, trans)])}
        onChange={setRole}
      />
      <button type="submit" className="bb-Button" disabled={name.trim() === '' || model.busy}>
        {trans.__('Add')}
      </button>
    </form>
  );
}
