/** Lines of the log. */
import type { BranchbookError } from '../error';
import { hasCode } from '../error';
import type { Identity } from '../model/access';
import type { AuditEvent } from '../model/namespace';
import type { AccessPorts, Plan } from './context';

/** Ids sort by time; two of the same millisecond by chance. */
export function eventOf(
  { clock, random }: Pick<AccessPorts, 'clock' | 'random'>,
  { user }: Identity,
  namespace: string,
  { action, project, target, detail }: Omit<Plan, 'edits'>,
  outcome: AuditEvent['outcome']
): AuditEvent {
  const time = clock.now();
  const id = `${String(time).padStart(14, '0')}-${random.hex(8)}`;
  return { id, time, user, action, namespace, project, target, outcome, detail };
}

/** Failures that are answers to what somebody may not do. */
export function isRefusal(error: unknown): error is BranchbookError {
  return hasCode(
    error,
    'FORBIDDEN',
    'LABEL_REFUSED',
    'QUOTA_EXCEEDED',
    'LAST_OWNER',
    'NAMESPACE_UNKNOWN',
    'PROJECT_UNKNOWN',
    'LINK_INVALID'
  );
}

/** What teammates want to hear of. */
export const activityActions = ['push', 'merge', 'project', 'link.use', 'member'] as const;
