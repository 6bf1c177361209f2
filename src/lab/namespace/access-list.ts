import type { AccessObject, Principal, Right } from '../../core/model/access';
import { rightOf } from '../../core/model/access';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Build, Changes, View } from './changes';
import { objectInWords, principalInWords, roleInWords } from './words';

/** Somebody who has access now, and how it is taken from them. */
export type AccessRow = {
  readonly id: string;
  readonly principal: Principal;
  readonly name: string;
  readonly right: Right;
  /** As what: a role, or what was shared with them. */
  readonly how: string;
  /** Milliseconds since 1970; null = until it is revoked. */
  readonly expires: number | null;
  readonly revoke: Build;
  /** Revoking wants to be confirmed: it takes away more than what is looked at. */
  readonly member: boolean;
};

/** The project that something is of; null for what is of the whole namespace. */
function projectOf(object: AccessObject): string | null {
  return 'project' in object ? object.project : null;
}

/** Who has something of a project (or, with null, of the namespace) now: shares first, then open links, then members. */
export function accessRows(
  view: View,
  project: string | null,
  changes: Changes,
  now: number,
  trans: TranslationBundle
): readonly AccessRow[] {
  const about = (object: AccessObject): boolean =>
    project === null || projectOf(object) === null || projectOf(object) === project;
  const members = view.members.map(({ principal, role }): AccessRow => ({
    id: `member:${principal.kind}:${principal.name}`,
    principal,
    name: principalInWords(principal, trans),
    right: rightOf(role),
    how: trans.__('%1 of the namespace', roleInWords(role, trans)),
    expires: null,
    revoke: changes.removeMember(principal),
    member: true
  }));
  const grants = view.grants
    .filter(({ object }) => about(object))
    .map((grant): AccessRow => ({
      id: `grant:${grant.id}`,
      principal: grant.principal,
      name: principalInWords(grant.principal, trans),
      right: grant.right,
      how: objectInWords(grant.object, trans),
      expires: grant.expires,
      revoke: changes.revokeGrant(grant),
      member: false
    }));
  const links = view.links
    .filter(link => !link.revoked && link.expires > now && about(link.object))
    .map((link): AccessRow => ({
      id: `link:${link.id}`,
      principal: { kind: 'link', name: link.id },
      name: trans.__('Link of %1', link.by),
      right: link.right,
      how: objectInWords(link.object, trans),
      expires: link.expires,
      revoke: changes.revokeLink(link),
      member: false
    }));
  return [...grants, ...links, ...members];
}
