import type { AuditQuery } from '../../core/model/namespace';

export type AuditFields = { readonly [F in 'user' | 'project' | 'actions' | 'since' | 'until']: string };

/** What was typed, as a question to the log; days are those of the user's clock, the last one included. */
export function auditQuery({ user, project, actions, since, until }: AuditFields): AuditQuery {
  const day = (text: string, days: number): number => {
    const date = new Date(`${text}T00:00`);
    date.setDate(date.getDate() + days);
    return date.getTime();
  };
  return {
    ...(user.trim() && { user: user.trim() }),
    ...(project.trim() && { project: project.trim() }),
    ...(actions && { actions }),
    ...(since && { since: day(since, 0) }),
    ...(until && { until: day(until, 1) - 1 })
  };
}
