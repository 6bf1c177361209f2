import type { RemoteCheck, RemoteInfo } from '../../src/core/model/sharing';
import type { SnapshotInfo } from '../../src/core/model/snapshot';

export const remote: RemoteInfo = {
  name: 'origin',
  address: '/srv/team/ml-team/iris',
  kind: 'folder',
  assets: 'place',
  isUpstream: true
};

export function snapshot(name: string, id = '1'.repeat(40)): SnapshotInfo {
  return {
    id,
    message: 'Clean',
    subject: 'Clean',
    author: { name, email: `${name.toLowerCase()}@example.org` },
    time: '2026-11-21T12:00:00.000Z',
    provenance: {}
  };
}

/** What an editor sees who has everything. */
export function check(changes: Partial<RemoteCheck> = {}): RemoteCheck {
  return {
    remote,
    namespace: 'ml-team',
    project: 'iris',
    identity: { user: 'ada', displayName: 'Ada Lovelace', groups: [], admin: false, provider: 'system' },
    right: 'edit',
    canPush: true,
    reason: null,
    label: 'unclassified',
    upstream: 'origin/main',
    ahead: 0,
    behind: 0,
    incoming: [],
    people: [],
    requests: 0,
    ...changes
  };
}
