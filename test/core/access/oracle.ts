/**
 * What a person has on an object, written down as plainly as can be, to hold decisions against: no early ends, no index, no
 * sharing of code with them but the order of rights.
 */
import { rights } from '../../../src/core/model/access';
import type { AccessObject, ResourceClass, Right } from '../../../src/core/model/access';
import type { NamespaceState } from '../../../src/core/port';

const order = (right: Right | 'none'): number => (rights as readonly string[]).indexOf(right);

/** 0 nothing, 1 view … 4 manage: of one column of a project, asset or branch. */
export function oracle(
  state: NamespaceState,
  user: string,
  groups: readonly string[],
  object: Extract<AccessObject, { kind: 'project' | 'asset' }>,
  column: ResourceClass,
  now: number
): number {
  const project = state.projects.find(({ name }) => name === object.project);
  if (!project) {
    return 0;
  }
  const isMe = (principal: { kind: string; name?: string }): boolean =>
    (principal.kind === 'user' && principal.name === user) ||
    (principal.kind === 'group' && groups.includes(principal.name!));
  const mine = state.members.filter(({ principal }) => isMe(principal));
  const secret = project.label === 'protected' || state.record.label === 'protected';
  const cleared =
    mine.some(({ role }) => role === 'owner') ||
    mine.some(one => one.cleared) ||
    (state.record.label === 'protected' && mine.length > 0);
  const { policy } = state.record;
  const held = [0];
  for (const { role } of mine) {
    const worth = ['viewer', 'runner', 'editor', 'owner'].indexOf(role) + 1;
    held.push(secret && !cleared ? 0 : role === 'owner' ? worth : Math.min(worth, order(policy.team[column]) + 1));
  }
  for (const grant of state.grants) {
    const reaches =
      grant.object.kind === 'namespace' ||
      (grant.object.kind === 'project' && grant.object.project === object.project) ||
      (grant.object.kind === 'asset' &&
        object.kind === 'asset' &&
        grant.object.project === object.project &&
        `${object.path}/`.startsWith(`${grant.object.path}/`));
    const open = grant.expires === null || grant.expires > now;
    if (reaches && open && isMe(grant.principal) && !(secret && !cleared)) {
      held.push(Math.min(order(grant.right) + 1, order(policy.private[column]) + 1));
    }
  }
  if (!secret) {
    held.push(order(policy.everyone[column]) + 1);
  }
  return Math.max(...held);
}
