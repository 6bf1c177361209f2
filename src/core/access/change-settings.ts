/** A namespace itself: its title, label, table and quota. */
import { formatBytes } from '../format/bytes';
import { audiences, resourceClasses } from '../model/access';
import type { Policy } from '../model/access';
import type { NamespaceChange, NamespaceRecord, Quota } from '../model/namespace';
import { demand, demandOwner, forbidden } from './context';
import type { Context, Plan } from './context';
import { refuseLowering, refuseOpenTable, refuseWhoWouldKeep } from './label-rules';

const MAX_TITLE = 200;

export function setNamespace(context: Context, change: Extract<NamespaceChange, { readonly type: 'set' }>): Plan {
  const { state, now } = context;
  const before = state.record;
  demandFor(context, change);
  const record: NamespaceRecord = {
    ...before,
    title: (change.title ?? before.title).slice(0, MAX_TITLE),
    label: change.label ?? before.label,
    policy: change.policy ? onlyCells(change.policy) : before.policy,
    quota: change.quota ? { bytes: change.quota.bytes, projects: change.quota.projects } : before.quota
  };
  refuseLowering(before.name, before.label, record.label);
  refuseOpenTable(record, record.policy);
  if (record.label !== before.label) {
    refuseWhoWouldKeep({ ...state, record }, null, now);
  }
  const detail = differences(before, record).join('; ') || 'nothing changed';
  const action = change.policy
    ? 'policy.set'
    : change.label
      ? 'label.set'
      : change.quota
        ? 'quota.set'
        : 'namespace.set';
  return { action, project: null, target: 'namespace', detail, edits: [{ type: 'record', record }] };
}

function demandFor(context: Context, change: Extract<NamespaceChange, { readonly type: 'set' }>): void {
  const { identity, ports, state } = context;
  const onlyQuota = change.title === undefined && change.label === undefined && change.policy === undefined;
  if (change.quota && ports.rules.adminQuota && !identity.admin) {
    throw forbidden(
      `Only administrators of the hub set the quota of ${state.record.name}.`,
      { right: 'manage', object: 'namespace', because: [] },
      'Ask one of them.'
    );
  }
  if (change.quota && onlyQuota && ports.rules.adminQuota) {
    return;
  }
  demand(context, 'manage', { kind: 'namespace' });
  if (change.policy || change.label) {
    demandOwner(context, 'set its table and its label');
  }
}

const onlyCells = (policy: Policy): Policy =>
  Object.fromEntries(
    audiences.map(audience => [
      audience,
      Object.fromEntries(resourceClasses.map(resource => [resource, policy[audience][resource]]))
    ])
  ) as unknown as Policy;

function differences(before: NamespaceRecord, after: NamespaceRecord): readonly string[] {
  const cells = audiences.flatMap(audience =>
    resourceClasses
      .filter(resource => before.policy[audience][resource] !== after.policy[audience][resource])
      .map(
        resource =>
          `${audience} × ${resource}: ${before.policy[audience][resource]} → ${after.policy[audience][resource]}`
      )
  );
  const plain = [
    before.title !== after.title && `title: ${after.title}`,
    before.label !== after.label && `label: ${before.label} → ${after.label}`,
    !sameQuota(before.quota, after.quota) && `quota: ${quotaWords(after.quota)}`
  ];
  return [...plain.filter(text => text !== false), ...cells];
}

const sameQuota = (one: Quota, other: Quota): boolean => one.bytes === other.bytes && one.projects === other.projects;

const quotaWords = ({ bytes, projects }: Quota): string =>
  `${bytes === null ? 'any size' : formatBytes(bytes)}, ${projects === null ? 'any number of' : projects} projects`;
