import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type FormEvent, useEffect, useState } from 'react';
import type { AuditEvent, AuditQuery } from '../../core/model/namespace';
import { ActivityList } from './activity';
import { auditQuery } from './audit-query';
import type { Log } from './namespace-model';
import { Nothing, Section, type SectionProps } from './section';
import { type Column, VirtualTable } from './virtual-table';

/** What teammates did. */
export function Activity({ model, trans }: SectionProps): JSX.Element {
  useEffect(() => void model.loadActivity(), [model]);
  const { activity } = model;
  return (
    <Section title={trans.__('Activity')}>
      <LogState log={activity} trans={trans} empty={trans.__('Nothing happened here yet.')} />
      {activity.events.length > 0 && <ActivityList events={activity.events} trans={trans} />}
    </Section>
  );
}

/** Everything that was done and refused, for those who manage. */
export function Audit({ model, trans }: SectionProps): JSX.Element {
  useEffect(() => void model.loadAudit({}), [model]);
  const { audit } = model;
  return (
    <Section title={trans.__('Audit log')}>
      <AuditFilter onFilter={filter => void model.loadAudit(filter)} trans={trans} />
      <LogState log={audit} trans={trans} empty={trans.__('Nothing in the log is like that.')} />
      {audit.events.length > 0 && (
        <VirtualTable<AuditEvent>
          name="audit"
          label={trans.__('Audit log, newest first')}
          rows={audit.events}
          columns={auditColumns(trans)}
          rowHeight={32}
          keyOf={({ id }) => id}
          onEnd={() => void model.continueAudit()}
        />
      )}
    </Section>
  );
}

function LogState({
  log,
  trans,
  empty
}: {
  readonly log: Log;
  readonly trans: TranslationBundle;
  readonly empty: string;
}): JSX.Element | null {
  if (log.problem !== null) {
    return (
      <div className="bb-Problem" role="alert">
        {log.problem}
      </div>
    );
  }
  if (log.events.length > 0) {
    return null;
  }
  return log.loading ? (
    <p className="bb-Quiet" role="status">
      {trans.__('Loading…')}
    </p>
  ) : (
    <Nothing text={empty} />
  );
}

function auditColumns(trans: TranslationBundle): readonly Column<AuditEvent>[] {
  const text = (value: string): JSX.Element => <span title={value}>{value}</span>;
  return [
    {
      id: 'time',
      title: trans.__('Time'),
      cell: ({ time }) => <time dateTime={new Date(time).toISOString()}>{Time.format(new Date(time))}</time>
    },
    { id: 'name', title: trans.__('Who'), cell: ({ user }) => text(user) },
    { id: 'event', title: trans.__('Action'), cell: ({ action }) => <code>{action}</code> },
    {
      id: 'object',
      title: trans.__('On'),
      cell: ({ project, target }) => text([project, target].filter(Boolean).join(' · '))
    },
    {
      id: 'detail',
      title: trans.__('What'),
      cell: ({ detail, outcome }) => (
        <>
          {outcome === 'refused' && <span className="bb-Badge bb-mod-removed">{trans.__('Refused')}</span>}
          {text(detail)}
        </>
      )
    }
  ];
}

/** Actions as the log has them: the beginning is enough. */
const kinds = [
  '',
  'push',
  'read',
  'clone',
  'member',
  'grant',
  'link',
  'request',
  'policy',
  'project',
  'compute'
] as const;

type FilterProps = { readonly onFilter: (filter: AuditQuery) => void; readonly trans: TranslationBundle };

function AuditFilter({ onFilter, trans }: FilterProps): JSX.Element {
  const [fields, setFields] = useState({ user: '', project: '', actions: '', since: '', until: '' });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onFilter(auditQuery(fields));
  };
  const set = (name: keyof typeof fields, value: string): void => setFields({ ...fields, [name]: value });
  const field = (name: 'user' | 'project' | 'since' | 'until', words: string, type = 'text'): JSX.Element => (
    <label className="bb-Namespace-field">
      <span>{words}</span>
      <input
        className="jp-mod-styled"
        type={type}
        value={fields[name]}
        onChange={event => set(name, event.target.value)}
      />
    </label>
  );
  return (
    <form className="bb-Namespace-form" onSubmit={submit} data-lm-suppress-shortcuts="true">
      {field('user', trans.__('Who'))}
      {field('project', trans.__('Project'))}
      <label className="bb-Namespace-field">
        <span>{trans.__('Action')}</span>
        <select className="jp-mod-styled" value={fields.actions} onChange={event => set('actions', event.target.value)}>
          {kinds.map(kind => (
            <option key={kind} value={kind}>
              {kind === '' ? trans.__('All') : kind}
            </option>
          ))}
        </select>
      </label>
      {field('since', trans.__('From'), 'date')}
      {field('until', trans.__('To'), 'date')}
      <button type="submit" className="bb-Button">
        {trans.__('Filter')}
      </button>
    </form>
  );
}
