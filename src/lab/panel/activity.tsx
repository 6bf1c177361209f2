import { caretRightIcon } from '@jupyterlab/ui-components';
import { lazy, Suspense, useEffect, useState } from 'react';
import { BranchbookError } from '../../core/error';
import type { AuditEvent } from '../../core/model/namespace';
import type { RemoteCheck } from '../../core/model/sharing';
import { namespaceAddress } from '../share/standing';
import type { SectionProps } from './section-props';

/** The newest that are listed here; the namespace's page has more. */
const shown = 20;

const ActivityList = lazy(async () => ({ default: (await import('../namespace/activity')).ActivityList }));

type Log =
  | { readonly kind: 'loading' }
  | { readonly kind: 'problem'; readonly message: string }
  | { readonly kind: 'loaded'; readonly events: readonly AuditEvent[] };

type ActivityProps = SectionProps & { readonly check: RemoteCheck };

/** Who did what in the project, and when: opens to a list. Nothing for a plain git host, which keeps no log. */
export function Activity({ check, model, trans }: ActivityProps): JSX.Element | null {
  const [open, setOpen] = useState(false);
  const namespace = namespaceAddress(check);
  if (namespace === null) {
    return null;
  }
  return (
    <>
      <div className="bb-Shared-line">
        <button type="button" className="bb-Shared-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
          <caretRightIcon.react tag="span" className={open ? 'bb-Caret bb-mod-open' : 'bb-Caret'} />
          <span className="bb-Shared-incoming">{trans.__('Activity')}</span>
        </button>
        <button
          type="button"
          className="bb-LinkButton"
          title={trans.__('Members, access and all that happened in %1', check.namespace ?? '')}
          onClick={() => void model.run('branchbook:namespace', { namespace, tab: 'activity' })}
        >
          {trans.__('Open page')}
        </button>
      </div>
      {open && <Events check={check} namespace={namespace} model={model} trans={trans} />}
    </>
  );
}

function Events(props: ActivityProps & { readonly namespace: string }): JSX.Element {
  const { check, trans } = props;
  const log = useLog(props);
  switch (log.kind) {
    case 'loading':
      return (
        <p className="bb-Quiet" role="status">
          {trans.__('Loading…')}
        </p>
      );
    case 'problem':
      return <p className="bb-Problem">{log.message}</p>;
    case 'loaded':
      return (
        <div className="bb-Shared-activity">
          {log.events.length === 0 && <p className="bb-Quiet">{trans.__('Nothing has happened here yet.')}</p>}
          <Suspense fallback={null}>
            <ActivityList events={log.events} project={check.project ?? ''} trans={trans} />
          </Suspense>
        </div>
      );
  }
}

/** Asked again with each look at the place; what is shown stays until there is an answer. */
function useLog({ check, model, namespace }: ActivityProps & { readonly namespace: string }): Log {
  const [log, setLog] = useState<Log>({ kind: 'loading' });
  useEffect(() => {
    let isWanted = true;
    const load = async (): Promise<Log> => {
      try {
        const args = { action: 'activity', namespace, project: check.project!, limit: shown } as const;
        return { kind: 'loaded', events: (await model.branchbook.run('namespace', args)).events ?? [] };
      } catch (error) {
        return { kind: 'problem', message: BranchbookError.from(error).message };
      }
    };
    void load().then(loaded => isWanted && setLog(loaded));
    return () => {
      isWanted = false;
    };
  }, [check]);
  return log;
}
