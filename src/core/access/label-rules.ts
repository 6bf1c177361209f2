/** What is labelled flows to places and people with the same label or a later one, never back. */
import { BranchbookError } from '../error';
import { formatPrincipal, mayFlow, projectOf, resourceClasses } from '../model/access';
import type { AccessObject, Label, Policy, Principal } from '../model/access';
import { linkWords, objectWords } from '../model/grant-words';
import type { NamespaceRecord } from '../model/namespace';
import type { NamespaceState } from '../port';
import { labelOf } from './decide';

export function labelRefused(label: Label, reason: string, hint: string): BranchbookError {
  return new BranchbookError(
    'LABEL_REFUSED',
    `${reason[0]!.toUpperCase()}${reason.slice(1)}.`,
    { label, reason },
    hint
  );
}

/** LABEL_REFUSED for a step down. */
export function refuseLowering(what: string, from: Label, to: Label): void {
  if (!mayFlow(from, to)) {
    throw labelRefused(
      from,
      `${what} is ${from}, and a label is never lowered to ${to}`,
      'Make a new one, and put there only what may be seen.'
    );
  }
}

export const objectLabel = (state: NamespaceState, object: AccessObject): Label =>
  labelOf({ namespace: state.record, projects: state.projects }, object);

/** LABEL_REFUSED when the object would flow to somebody who is not cleared for its label. */
export function refuseUncleared(
  state: NamespaceState,
  principal: Principal,
  object: AccessObject,
  other: Pick<NamespaceRecord, 'name' | 'label'> | null
): void {
  const label = objectLabel(state, object);
  if (label !== 'unclassified' && !isClearedFor(state, principal, label, other)) {
    throw labelRefused(
      label,
      `${objectWords(object, state.record.name)} is ${label}, and ${whoWords(state, principal)} is not cleared for that`,
      'An owner can make them a member who is cleared: `branchbook member add NAME --role viewer --cleared`.'
    );
  }
}

function whoWords({ record, links }: NamespaceState, principal: Principal): string {
  if (principal.kind !== 'link') {
    return formatPrincipal(principal);
  }
  const link = links.find(({ id }) => id === principal.name);
  return link ? `whoever opens ${linkWords(link, record.name)}` : 'whoever opens a link';
}

function isClearedFor(
  state: NamespaceState,
  principal: Principal,
  label: Label,
  other: Pick<NamespaceRecord, 'name' | 'label'> | null
): boolean {
  if (principal.kind === 'namespace') {
    return principal.name === state.record.name
      ? state.record.label === label
      : other?.name === principal.name && mayFlow(label, other.label);
  }
  const member = state.members.find(({ principal: one }) => formatPrincipal(one) === formatPrincipal(principal));
  return member !== undefined && (member.cleared || member.role === 'owner' || state.record.label === label);
}

/** LABEL_REFUSED when the table would show to everyone what is labelled. */
export function refuseOpenTable(record: Pick<NamespaceRecord, 'name' | 'label'>, policy: Policy): void {
  const open = resourceClasses.filter(resource => policy.everyone[resource] !== 'none');
  if (record.label !== 'unclassified' && open.length > 0) {
    throw labelRefused(
      record.label,
      `${record.name} is ${record.label}, and its table would give everyone ${open.join(', ')}`,
      'Set the row “everyone” to none.'
    );
  }
}

/** LABEL_REFUSED when raising a label would leave it to people who are not cleared: who, is told. */
export function refuseWhoWouldKeep(after: NamespaceState, inProject: string | null, now: number): void {
  const touches = (object: AccessObject): boolean => inProject === null || projectOf(object) === inProject;
  const given = [
    ...after.grants.filter(({ expires }) => expires === null || expires > now),
    ...after.links
      .filter(({ revoked, expires, uses, used }) => !revoked && expires > now && !(uses === 'single' && used > 0))
      .map(({ id, object }) => ({ principal: { kind: 'link', name: id } as const, object }))
  ];
  for (const { principal, object } of given.filter(({ object }) => touches(object))) {
    try {
      refuseUncleared(after, principal, object, null);
    } catch (error) {
      throw error instanceof BranchbookError
        ? new BranchbookError(
            error.code,
            error.message,
            error.data,
            'Take that back first: `branchbook share revoke ID`.'
          )
        : error;
    }
  }
}
