/** Which events a query is for. */
import type { AuditEvent, AuditQuery } from '../model/namespace';

export function matchesQuery(event: AuditEvent, query: AuditQuery): boolean {
  return (
    (query.user === undefined || event.user === query.user) &&
    (query.project === undefined || event.project === query.project) &&
    (query.actions === undefined || event.action.startsWith(query.actions)) &&
    (query.target === undefined || event.target === query.target) &&
    (query.since === undefined || event.time >= query.since) &&
    (query.until === undefined || event.time < query.until) &&
    (query.before === undefined || event.id < query.before)
  );
}

/** Objects are listed in the order of their keys: the newest event has the smallest. */
export function auditKey({ id, namespace, time }: AuditEvent): string {
  return `${namespace}/audit/${String(99_999_999_999_999 - time).padStart(14, '0')}-${id.slice(-16)}.json`;
}
