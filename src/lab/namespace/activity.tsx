import '../../../style/activity.css';
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { AuditEvent } from '../../core/model/namespace';

export type ActivityListProps = {
  /** Newest first. */
  readonly events: readonly AuditEvent[];
  /** What is looked at: it is not named again. Missing: all of a namespace. */
  readonly project?: string;
  readonly trans: TranslationBundle;
};

/** What teammates did, newest first: `anna pushed to main`. */
export function ActivityList({ events, project, trans }: ActivityListProps): JSX.Element {
  return (
    <ol className="bb-Activities" aria-label={trans.__('What teammates did, newest first')}>
      {events.map(event => {
        const deed = deedInWords(event, project, trans);
        return (
          <li key={event.id} className="bb-ActivityEvent">
            <span className="bb-ActivityEvent-initial" aria-hidden="true">
              {event.user.slice(0, 1).toUpperCase()}
            </span>
            <span className="bb-ActivityEvent-words" title={`${event.user} ${deed}`}>
              <strong>{event.user}</strong> {deed}
            </span>
            <time
              className="bb-Time"
              dateTime={new Date(event.time).toISOString()}
              title={Time.format(new Date(event.time))}
            >
              {Time.formatHuman(new Date(event.time), 'narrow')}
            </time>
          </li>
        );
      })}
    </ol>
  );
}

/** What is done often as a sentence; of all else what the log says. The project is added where that does not name it. */
export function deedInWords(event: AuditEvent, lookedAt: string | undefined, trans: TranslationBundle): string {
  const { detail, project, action, target } = event;
  const branch = (target ?? '').replace(/^refs\/(heads|tags)\//, '');
  const sentences: { readonly [action: string]: string } = {
    push: trans.__('pushed to %1', branch),
    'link.use': trans.__('joined by a link'),
    'project.add': trans.__('published %1', project ?? ''),
    'project.remove': trans.__('deleted %1', project ?? '')
  };
  const deed = sentences[action] ?? trans.__('· %1', detail || action);
  return project === null || project === lookedAt || deed.includes(project)
    ? deed
    : trans.__('%1 in %2', deed, project);
}
