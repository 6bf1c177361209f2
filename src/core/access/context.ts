/** What plans of changes are made from, and what they are. */
import { BranchbookError } from '../error';
import { formatObject, projectOf } from '../model/access';
import type { AccessObject, Identity, Right } from '../model/access';
import { objectWords } from '../model/grant-words';
import type { NamespaceKind, NamespaceRecord } from '../model/namespace';
import type { Edit, Facts, IClock, IDirectory, IRandom, ISeal, NamespaceState, Who } from '../port';
import { decide, projectRights } from './decide';

/** What differs between places. */
export type PlaceRules = {
  /** Kinds of namespaces that only administrators of the place make. */
  readonly adminKinds: readonly NamespaceKind[];
  /** Only they set quotas. */
  readonly adminQuota: boolean;
};

/** Where permissions of files or a bucket are all there is: nobody administers. */
export const openPlace: PlaceRules = { adminKinds: [], adminQuota: false };
/** A server with administrators. */
export const administeredPlace: PlaceRules = { adminKinds: ['everyone'], adminQuota: true };

/** What the service needs from the world. */
export type AccessPorts = {
  readonly directory: IDirectory;
  readonly clock: Pick<IClock, 'now'>;
  readonly random: IRandom;
  /** SHA-256 of UTF-8 text as 64 hexadecimal digits. */
  readonly sha256: (text: string) => string;
  /** Groups of any person of the place, for those who are not signed in now. */
  readonly groupsOf: (user: string) => Promise<readonly string[]>;
  readonly rules: PlaceRules;
  /** null: the place serves no compute. */
  readonly seal: ISeal | null;
};

/** One change as it is planned: what is known, and who asks. */
export type Context = {
  readonly state: NamespaceState;
  readonly facts: Facts;
  readonly identity: Identity;
  readonly now: number;
  readonly ports: AccessPorts;
  /** The namespace that the change is about besides, when the person is a member there. */
  readonly other: Pick<NamespaceRecord, 'name' | 'label'> | null;
};

/** What is to be written, and what the log says about it. */
export type Plan = {
  readonly edits: readonly Edit[];
  readonly action: string;
  readonly project: string | null;
  readonly target: string | null;
  readonly detail: string;
};

export const whoIs = ({ user, groups, atMost }: Identity): Who => ({ user, groups, ...(atMost && { atMost }) });

/** What a whole state says about one person. `through`: namespaces that they are members of. */
export function factsOf(state: NamespaceState, who: Who, through: Facts['through']): Facts {
  return {
    who,
    namespace: state.record,
    memberships: state.members.filter(({ principal }) =>
      principal.kind === 'user' ? principal.name === who.user : who.groups.includes(principal.name)
    ),
    grants: state.grants.filter(({ principal }) => {
      switch (principal.kind) {
        case 'user':
          return principal.name === who.user;
        case 'group':
          return who.groups.includes(principal.name);
        case 'namespace':
          return through.some(({ name }) => name === principal.name);
        default:
          return false;
      }
    }),
    through,
    projects: state.projects
  };
}

/** True for those with the role itself, which no grant gives. */
export function isOwner(facts: Facts): boolean {
  return (facts.who.atMost ?? 'manage') === 'manage' && facts.memberships.some(({ role }) => role === 'owner');
}

/** FORBIDDEN, or PROJECT_UNKNOWN for somebody who may not know of the project. */
export function demand({ facts, now }: Pick<Context, 'facts' | 'now'>, right: Right, object: AccessObject): void {
  const decision = decide(facts, right, object, now);
  if (decision.allowed) {
    return;
  }
  const project = projectOf(object);
  if (project !== null && projectRights(facts, project, now) === null) {
    throw projectUnknown(facts.namespace.name, project);
  }
  throw forbidden(
    `You may not ${right} ${objectWords(object, facts.namespace.name)}: ${decision.because.map(({ text }) => text).join('; ')}.`,
    { right, object: formatObject(object), because: decision.because },
    `Ask for it with \`branchbook share request ${shareWord(object)} --right ${right}\`.`
  );
}

/** How the command line names it. */
const shareWord = (object: AccessObject): string => (object.kind === 'project' ? object.project : formatObject(object));

export function demandOwner({ facts }: Context, what: string): void {
  if (!isOwner(facts)) {
    throw forbidden(
      `Only owners of ${facts.namespace.name} ${what}.`,
      { right: 'manage', object: 'namespace', because: [] },
      'Ask one of its owners.'
    );
  }
}

export function forbidden(message: string, data: { readonly [key: string]: unknown }, hint: string): BranchbookError {
  return new BranchbookError('FORBIDDEN', message, data, hint);
}

export function namespaceUnknown(namespace: string): BranchbookError {
  return new BranchbookError(
    'NAMESPACE_UNKNOWN',
    `There is no namespace ${JSON.stringify(namespace)} here, or none that you may know of.`,
    { namespace },
    'See those you may use with `branchbook namespace list`.'
  );
}

export function projectUnknown(namespace: string, project: string): BranchbookError {
  return new BranchbookError(
    'PROJECT_UNKNOWN',
    `There is no project ${JSON.stringify(project)} in ${namespace}, or none that you may know of.`,
    { namespace, project },
    'See its projects with `branchbook namespace show`.'
  );
}

export function entryUnknown(what: string, name: string): BranchbookError {
  return new BranchbookError(
    'ENTRY_UNKNOWN',
    `There is no ${what} ${name}.`,
    { what, name },
    'See what there is with `branchbook namespace show` and `branchbook share list`.'
  );
}

export function entryExists(what: string, name: string, hint: string): BranchbookError {
  return new BranchbookError('ENTRY_EXISTS', `There is a ${what} ${name} already.`, { what, name }, hint);
}

export function usage(argument: string, reason: string, hint: string): BranchbookError {
  return new BranchbookError('USAGE', reason, { argument, reason }, hint);
}

export function nameInvalid(what: string, name: string, reason: string): BranchbookError {
  return new BranchbookError(
    'NAME_INVALID',
    `A ${what} cannot be called ${JSON.stringify(name)}: ${reason}.`,
    { name, reason },
    'Choose another name.'
  );
}
