import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { AuditEvent } from '../../core/model/namespace';

export type ActivityListProps = {
  /** Newest first. */
  readonly events: readonly AuditEvent[];
  readonly trans: TranslationBundle;
};

/** What teammates did, newest first: `anna pushed 3 snapshots to main`. */
export function ActivityList({ events, trans }: ActivityListProps): JSX.Element {
  return (
    <ol className="bb-Activities" aria-label={trans.__('What teammates did, newest first')}>
      {events.map(event => (
        <li key={event.id} className="bb-ActivityEvent">
          <span className="bb-ActivityEvent-initial" aria-hidden="true">
            {event.user.slice(0, 1).toUpperCase()}
          </span>
          <span className="bb-ActivityEvent-words" title={activityInWords(event, trans)}>
            <strong>{event.user}</strong> {deedInWords(event, trans)}
          </span>
          <time
            className="bb-Time"
            dateTime={new Date(event.time).toISOString()}
            title={Time.format(new Date(event.time))}
          >
            {Time.formatHuman(new Date(event.time), 'narrow')}
          </time>
        </li>
      ))}
    </ol>
  );
}

export function activityInWords(event: AuditEvent, trans: TranslationBundle): string {
  return trans.__('%1 %2', event.user, deedInWords(event, trans));
}

/** Pushes as a sentence; of all else what the log says. The project is added where that does not name it. */
function deedInWords({ detail, project, action, target }: AuditEvent, trans: TranslationBundle): string {
  const deed =
    action === 'push' && target !== null ? trans.__('pushed to %1', target) : trans.__('· %1', detail || action);
  return project === null || deed.includes(project) ? deed : trans.__('%1 in %2', deed, project);
}
