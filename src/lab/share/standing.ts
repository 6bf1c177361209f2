import type { TranslationBundle } from '@jupyterlab/translation';
import { covers } from '../../core/model/access';
import type { Presence } from '../../core/model/namespace';
import type { SnapshotInfo } from '../../core/model/snapshot';
import type { RemoteCheck } from '../../core/model/sharing';
import type { IProjectModel, IProjectSharing } from '../tokens';

/** `ml-team/iris`, from the place's answer or from the end of the address; null for a project that is not shared. */
export function sharedName({ check, remotes }: Pick<IProjectSharing, 'check' | 'remotes'>): string | null {
  if (check?.namespace && check.project) {
    return `${check.namespace}/${check.project}`;
  }
  const remote = check?.remote ?? remotes?.find(({ isUpstream }) => isUpstream) ?? remotes?.[0];
  return remote ? remote.address.split('/').filter(Boolean).slice(-2).join('/') : null;
}

/** `<place>/<namespace>` of a shared project; null when its remote is a plain git host. */
export function namespaceAddress(check: RemoteCheck | null): string | null {
  return check?.namespace ? check.remote.address.replace(/\/+$/, '').replace(/\/[^/]*$/, '') : null;
}

/**
 * True when somebody may look at the project but change nothing in it, and stands on a branch that others share. A
 * branch that only exists here is the user's own.
 */
export function isViewing(check: RemoteCheck | null): boolean {
  return check !== null && check.right !== null && !covers(check.right, 'edit') && check.upstream !== null;
}

/** Why nothing may be snapshotted on the branch that is checked out, in words; null when it may. */
export function snapshotBlock(project: IProjectModel, trans: TranslationBundle): string | null {
  const { check } = project.sharing;
  return check && isViewing(check)
    ? trans.__('You can view %1, but not change it. Fork to a private branch to keep changes of your own.', name(check))
    : null;
}

/** Why the branch may not be pushed, in words; null when it may, or when nobody knows. */
export function pushBlock(project: IProjectModel, trans: TranslationBundle): string | null {
  const { check } = project.sharing;
  return check && !check.canPush ? (check.reason ?? trans.__('You may not push to %1.', name(check))) : null;
}

const name = (check: RemoteCheck): string => check.project ?? check.remote.name;

/** `3 snapshots by Anna and Ben on main`. null when nothing is new there. */
export function incomingInWords({ behind, incoming, upstream }: RemoteCheck, trans: TranslationBundle): string | null {
  if (behind === 0) {
    return null;
  }
  const count = trans._n('%1 snapshot', '%1 snapshots', behind);
  const branch = upstream?.split('/').slice(1).join('/') ?? '';
  return incoming.length === 0
    ? trans.__('%1 on %2', count, branch)
    : trans.__('%1 by %2 on %3', count, namesOf(incoming, trans), branch);
}

/** Who made the snapshots: two names, and how many more. */
export function namesOf(snapshots: readonly SnapshotInfo[], trans: TranslationBundle): string {
  const names = [...new Set(snapshots.map(({ author }) => author.name))];
  const [first = '', second = ''] = names;
  switch (names.length) {
    case 1:
      return first;
    case 2:
      return trans.__('%1 and %2', first, second);
    default:
      return trans.__('%1, %2 and %3 more', first, second, names.length - 2);
  }
}

/** The people who have the project open, without the user. */
export function otherPeople({ people, identity }: RemoteCheck): readonly Presence[] {
  return people.filter(({ user }) => user !== identity?.user);
}

/** `Anna Meyer is on main, in analysis.ipynb`. */
export function presenceInWords({ displayName, user, branch, document }: Presence, trans: TranslationBundle): string {
  const who = displayName || user;
  if (branch === null) {
    return document === null ? who : trans.__('%1 is in %2', who, document);
  }
  return document === null
    ? trans.__('%1 is on %2', who, branch)
    : trans.__('%1 is on %2, in %3', who, branch, document);
}

/** The first letters of the first and the last word. */
export function initials(person: string): string {
  const words = person.split(/[\s._@-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0]!, words[words.length - 1]!] : words;
  return letters.map(word => [...word][0]!.toLocaleUpperCase()).join('');
}

/** One of the seven colours that JupyterLab has for collaborators; always the same for a person. */
export function personColour(user: string): string {
  const sum = [...user].reduce((total, letter) => (total * 31 + letter.codePointAt(0)!) % 7919, 7);
  return `var(--jp-collaborator-color${(sum % 7) + 1})`;
}
