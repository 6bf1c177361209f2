/** A new namespace. */
import { covers, defaultPolicy } from '../model/access';
import type { Identity, Policy } from '../model/access';
import type { NamespaceKind, NamespaceRecord } from '../model/namespace';
import { checkNamespaceName } from '../model/place-address';
import type { NamespaceState } from '../port';
import { forbidden, nameInvalid, usage } from './context';
import type { PlaceRules } from './context';
import { refuseOpenTable } from './label-rules';

const MAX_TITLE = 200;
/** What git can fetch from, without options or programs in it. */
const GIT_ADDRESS = /^((https?|ssh|git|file):\/\/[^\s]+|[\w.-]+@[\w.-]+:[^\s]+|\/[^\s]+)$/;

/** Its maker owns it. NAME_INVALID, FORBIDDEN, LABEL_REFUSED, USAGE. */
export function newNamespace(
  asked: Pick<NamespaceRecord, 'name' | 'kind' | 'title' | 'label' | 'git'>,
  identity: Identity,
  rules: PlaceRules,
  now: number
): NamespaceState {
  const { name, kind, title, label, git } = asked;
  const reason = checkNamespaceName(name);
  if (reason !== null) {
    throw nameInvalid('namespace', name, reason);
  }
  if (identity.atMost && !covers(identity.atMost, 'manage')) {
    throw forbidden(
      'The token that was used may not make namespaces.',
      { right: 'manage', object: 'namespace', because: [] },
      'Sign in with one that may do all that you may: `branchbook login`.'
    );
  }
  if (rules.adminKinds.includes(kind) && !identity.admin) {
    throw forbidden(
      `Only administrators make namespaces for ${kind}.`,
      { right: 'manage', object: 'namespace', because: [] },
      'Make one for a team, or ask them.'
    );
  }
  if (kind === 'personal' && name !== personalName(identity.user) && !identity.admin) {
    throw nameInvalid('personal namespace', name, `yours is ${personalName(identity.user)}`);
  }
  if (git !== null && !(GIT_ADDRESS.test(git) && git.includes('{project}'))) {
    throw usage(
      'git',
      'That is no address of git with {project} in it.',
      'For example git@git.example.org:team/{project}.git.'
    );
  }
  const record: NamespaceRecord = {
    ...{ name, kind, title: title.slice(0, MAX_TITLE), label, git },
    ...{ policy: policyOf(kind), quota: { bytes: null, projects: null }, created: now }
  };
  refuseOpenTable(record, record.policy);
  const owner = {
    principal: { kind: 'user', name: identity.user },
    role: 'owner',
    cleared: false,
    added: now,
    by: identity.user
  } as const;
  return { revision: 1, record, members: [owner], grants: [], links: [], projects: [], endpoints: [], requests: [] };
}

/** What the personal namespace of somebody is called. */
export function personalName(user: string): string {
  const name = user
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'me' : name;
}

function policyOf(kind: NamespaceKind): Policy {
  return kind === 'everyone'
    ? { ...defaultPolicy, everyone: { code: 'view', data: 'view', models: 'view', compute: 'none' } }
    : defaultPolicy;
}
