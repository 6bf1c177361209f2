/** Contributors of Kubeflow, over HTTP, in both forms that its access management has had; and their exchange with a namespace. */
import { afterEach, describe, expect, it } from 'vitest';
import { computeOperation } from '../../../src/core/operation/compute';
import type { Role } from '../../../src/core/model/access';
import type { ComputeResult } from '../../../src/core/model/sharing';
import type { IAccount, INamespaces, IPlaces } from '../../../src/core/port';
import { KubeflowContributors } from '../../../src/node/compute/kubeflow';
import { startKfam } from '../../support/servers/kfam';
import type { KfamDialect, TestKfam } from '../../support/servers/kfam';
import { person, useTestHub } from '../../support/hub';

const OWNER = 'olga@example.org';
const holder = useTestHub([person('olga')]);
let kfam: TestKfam;
afterEach(() => kfam.close());

const contributors = (user = OWNER): KubeflowContributors =>
  new KubeflowContributors(kfam.url, { BRANCHBOOK_KUBEFLOW_USER: user });

/** A namespace of olga's with these members, and what the verb does with it. */
async function namespaceWith(name: string, members: Readonly<Record<string, Role>>) {
  const namespaces: INamespaces = holder.hub.namespaces('olga');
  await namespaces.create({ name, kind: 'team', title: name, label: 'unclassified', git: null });
  for (const [who, role] of Object.entries(members)) {
    const [kind, member] = who.split(':') as ['user' | 'group', string];
    await namespaces.change(name, { type: 'add-member', member: { kind, name: member }, role });
  }
  const place = { address: holder.hub.url, namespaces };
  const places = { connect: async () => place, contributors: () => contributors() } as unknown as IPlaces;
  const account = { places, project: async () => null } as unknown as IAccount;
  const exchange = (action: 'kubeflow-import' | 'kubeflow-export'): Promise<ComputeResult> =>
    computeOperation.run(
      account,
      { action, url: kfam.url, profile: 'vision', namespace: `${holder.hub.url}/${name}` },
      {}
    );
  const roles = async (): Promise<object> =>
    Object.fromEntries((await namespaces.view(name)).members.map(each => [each.principal.name, each.role]));
  return { exchange, roles };
}

const bound = (name: string, role: string, kind = 'User') => ({ kind, name, profile: 'vision', role });

describe.each<KfamDialect>(['subject', 'user'])('access management that says %s', dialect => {
  it('lists people and groups of the profile, and adds one', async () => {
    kfam = await startKfam(dialect, { vision: OWNER });
    kfam.bindings.push(bound(OWNER, 'admin'), bound('robots', 'edit', 'ServiceAccount'), bound('lab', 'view', 'Group'));
    kfam.bindings.push({ ...bound('eve', 'edit'), profile: 'other' }, bound('odd', 'cluster-admin'));
    await contributors().add('vision', { who: { kind: 'user', name: 'anna@example.org' }, role: 'edit' });
    expect(await contributors().list('vision')).toEqual([
      { who: { kind: 'user', name: OWNER }, role: 'admin' },
      { who: { kind: 'group', name: 'lab' }, role: 'view' },
      { who: { kind: 'user', name: 'anna@example.org' }, role: 'edit' }
    ]);
    expect(kfam.asked).toEqual([`POST /kfam/v1/bindings ${OWNER}`, `GET /kfam/v1/bindings?namespace=vision ${OWNER}`]);
  });

  it('brings contributors into a namespace; again changes nothing', async () => {
    kfam = await startKfam(dialect, { vision: OWNER });
    kfam.bindings.push(bound('olga', 'view'), bound('anna', 'view'), bound('anna', 'edit'), bound('ben', 'view'));
    kfam.bindings.push(bound('carl', 'admin'));
    const { exchange, roles } = await namespaceWith(`import-${dialect}`, { 'user:ben': 'editor' });
    const first = await exchange('kubeflow-import');
    expect(first.exchanged?.added).toEqual([
      { who: 'user:anna', role: 'editor' },
      { who: 'user:carl', role: 'owner' }
    ]);
    expect(first.exchanged?.left).toEqual([
      { who: 'user:olga', reason: expect.stringContaining('is owner, not viewer: owners are never changed') as string },
      { who: 'user:ben', reason: expect.stringContaining('branchbook member role user:ben viewer') as string }
    ]);
    expect(first.done).toBe(`Of the profile vision, 2 added to import-${dialect}, 2 left as they are.`);
    expect(await roles()).toEqual({ olga: 'owner', anna: 'editor', ben: 'editor', carl: 'owner' });
    const again = await exchange('kubeflow-import');
    expect(again.exchanged?.added).toEqual([]);
    expect(again.exchanged?.left).toContainEqual({ who: 'user:anna', reason: 'is editor already' });
    expect(await roles()).toEqual({ olga: 'owner', anna: 'editor', ben: 'editor', carl: 'owner' });
  });

  it('brings members to a profile; again changes nothing', async () => {
    kfam = await startKfam(dialect, { vision: OWNER });
    kfam.bindings.push(bound('ben', 'admin'));
    const members = { 'user:anna': 'runner', 'user:ben': 'viewer', 'group:lab': 'editor' } as const;
    const { exchange, roles } = await namespaceWith(`export-${dialect}`, members);
    const before = await roles();
    const { exchanged } = await exchange('kubeflow-export');
    expect(exchanged?.added).toHaveLength(2);
    expect(exchanged?.left).toEqual(
      expect.arrayContaining([
        { who: 'user:ben', reason: expect.stringContaining('is admin, not view: owners are never changed') as string },
        { who: 'group:lab', reason: 'contributors of a profile are people, not groups' }
      ])
    );
    const after = [bound('ben', 'admin'), bound('olga', 'admin'), bound('anna', 'view')];
    expect(new Set(kfam.bindings)).toEqual(new Set(after));
    expect((await exchange('kubeflow-export')).exchanged?.added).toEqual([]);
    expect(kfam.bindings).toHaveLength(3);
    expect(await roles()).toEqual(before);
  });
});

it('says who may, and what is wrong with an address or a name', async () => {
  kfam = await startKfam('subject', { vision: OWNER });
  const anna = { who: { kind: 'user', name: 'anna' }, role: 'view' } as const;
  await expect(contributors('eve').add('vision', anna)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(kfam.bindings).toEqual([]);
  const elsewhere = new KubeflowContributors(`${kfam.url}/nowhere/kfam/`, { BRANCHBOOK_KUBEFLOW_USER: OWNER });
  await expect(elsewhere.list('vision')).rejects.toMatchObject({ code: 'COMPUTE_UNAVAILABLE' });
  expect(() => new KubeflowContributors(kfam.url, {})).toThrow('BRANCHBOOK_KUBEFLOW_USER');
  for (const address of ['file:///etc', 'kubeflow', 'http://anna:secret@kfam.test', 'http://kfam.test/?a']) {
    expect(() => new KubeflowContributors(address, { BRANCHBOOK_KUBEFLOW_USER: OWNER })).toThrow('address');
  }
});
