/** What every directory of namespaces does: documents in a bucket, and SQL. */
import { beforeAll, describe, expect, it } from 'vitest';
import { newNamespace } from '../../src/core/access/create';
import { openPlace } from '../../src/core/access/context';
import type { Identity } from '../../src/core/model/access';
import type { AuditEvent, Grant } from '../../src/core/model/namespace';
import type { Edit, IDirectory, LinkEntry, NamespaceState } from '../../src/core/port';

const olga: Identity = { user: 'olga', displayName: 'Olga', groups: [], admin: false, provider: 'local' };
const nobody = { user: 'nobody', groups: [] };
let count = 0;

const state = (name: string): NamespaceState =>
  newNamespace({ name, kind: 'team', title: name, label: 'unclassified', git: null }, olga, openPlace, 1000);

function event(namespace: string, more: Partial<AuditEvent> = {}): AuditEvent {
  count += 1;
  const time = more.time ?? count;
  const id = `${String(time).padStart(14, '0')}-${String(count).padStart(16, '0')}`;
  const plain = { user: 'olga', action: 'test', project: null, target: null, outcome: 'ok', detail: '' } as const;
  return { id, namespace, ...plain, ...more, time };
}

const member = (user: string, kind: 'user' | 'group' = 'user'): Edit => ({
  type: 'put',
  kind: 'member',
  entry: { principal: { kind, name: user }, role: 'viewer', cleared: false, added: 1, by: 'olga' }
});

const grant = (id: string, principal: Grant['principal'], project = 'iris'): Edit => ({
  type: 'put',
  kind: 'grant',
  entry: {
    id,
    principal,
    right: 'view',
    object: { kind: 'project', project },
    expires: null,
    created: 2000,
    by: 'olga'
  }
});

const project = (namespace: string, name: string, description = ''): Edit => ({
  type: 'put',
  kind: 'project',
  entry: {
    ...{ id: `${namespace}-${name}`, namespace, name, description, label: 'unclassified', branchRules: [], created: 1 },
    ...{ by: 'olga', git: null, bytes: 0 }
  }
});

export function directoryContract(name: string, open: () => Promise<IDirectory>): void {
  describe(`directory: ${name}`, () => {
    let directory: IDirectory;
    const fresh = async (edits: readonly Edit[] = []): Promise<string> => {
      count += 1;
      const namespace = `n${count}`;
      await directory.create(state(namespace), [event(namespace)]);
      if (edits.length > 0) {
        expect(await directory.apply(namespace, 1, edits, [event(namespace)])).toBe(true);
      }
      return namespace;
    };
    beforeAll(async () => {
      directory = await open();
    });

    it('makes a namespace once', async () => {
      const namespace = await fresh();
      expect(await directory.create(state(namespace), [event(namespace)])).toBe(false);
      expect(await directory.state(namespace)).toEqual(state(namespace));
      expect(await directory.state('absent')).toBeNull();
      expect(await directory.facts('absent', nobody, 'all')).toBeNull();
    });

    it('has no namespace whose name leads elsewhere', async () => {
      expect(await directory.state('../n1')).toBeNull();
      expect(await directory.facts('a/b', nobody, 'all')).toBeNull();
      expect(await directory.facts('n1\0', nobody, ['\0'])).toBeNull();
      expect(await directory.state('n\0')).toBeNull();
    });

    it('applies all edits, or none when the namespace moved', async () => {
      const namespace = await fresh([member('anna'), grant('g1', { kind: 'user', name: 'ben' }), project('n', 'iris')]);
      expect(await directory.apply(namespace, 1, [member('eve')], [event(namespace)])).toBe(false);
      const gone: Edit = { type: 'delete', kind: 'member', key: 'user:anna' };
      expect(await directory.apply(namespace, 2, [gone], [event(namespace)])).toBe(true);
      const now = await directory.state(namespace);
      expect(now?.revision).toBe(3);
      expect(now?.members.map(({ principal }) => principal.name)).toEqual(['olga']);
      expect(now?.grants.map(({ id }) => id)).toEqual(['g1']);
    });

    it('lets one of many win, each time', async () => {
      const namespace = await fresh();
      const tries = Array.from({ length: 8 }, (_, index) =>
        directory.apply(namespace, 1, [member(`u${index}`)], [event(namespace)])
      );
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
      expect((await directory.state(namespace))?.members).toHaveLength(2);
    });

    it('finds what concerns somebody: by name, by group, through a namespace', async () => {
      const partner = await fresh([member('anna')]);
      const namespace = await fresh([
        ...[member('vision', 'group'), member('ben'), project('n', 'iris'), project('n', 'wine')],
        grant('g1', { kind: 'user', name: 'anna' }),
        grant('g2', { kind: 'group', name: 'vision' }),
        grant('g3', { kind: 'namespace', name: partner }),
        grant('g4', { kind: 'user', name: 'ann' })
      ]);
      const anna = await directory.facts(namespace, { user: 'anna', groups: ['vision'] }, ['iris']);
      expect(anna?.memberships.map(({ principal }) => principal.name)).toEqual(['vision']);
      expect(anna?.grants.map(({ id }) => id).sort()).toEqual(['g1', 'g2', 'g3']);
      expect(anna?.through).toEqual([{ name: partner, label: 'unclassified', created: 1000 }]);
      expect(anna?.projects.map(({ name }) => name)).toEqual(['iris']);
      const ben = await directory.facts(namespace, { user: 'ben', groups: [] }, 'all');
      expect([ben?.grants, ben?.projects.length]).toEqual([[], 2]);
    });

    it('lists for somebody what concerns them, and what is open to everyone', async () => {
      const [hidden, mine, open] = [await fresh(), await fresh([member('lena')]), await fresh()];
      const record = state(open).record;
      const policy = { ...record.policy, everyone: { ...record.policy.everyone, data: 'view' } } as const;
      await directory.apply(open, 1, [{ type: 'record', record: { ...record, policy } }], [event(open)]);
      const listed = (await directory.list({ user: 'lena', groups: [] }, false)).map(one => one.facts.namespace.name);
      expect(listed).toEqual(expect.arrayContaining([mine, open]));
      expect(listed).not.toContain(hidden);
      const all = await directory.list(nobody, true);
      expect(all.find(({ facts }) => facts.namespace.name === mine)).toMatchObject({ members: 2, projects: 0 });
      expect(all.map(one => one.facts.namespace.name)).toContain(hidden);
    });

    it('finds the namespace of a link by the hash of its code', async () => {
      const codeHash = 'ab'.repeat(32);
      const link: LinkEntry = {
        ...{
          id: 'l1',
          right: 'view',
          object: { kind: 'namespace' },
          gives: 'grant',
          expires: 1,
          uses: 'single',
          used: 0
        },
        ...{ revoked: false, created: 1, by: 'olga', workspace: null, codeHash, openedBy: [] }
      };
      const namespace = await fresh([{ type: 'put', kind: 'link', entry: link }]);
      expect(await directory.namespaceOfLink(codeHash)).toBe(namespace);
      expect(await directory.namespaceOfLink('cd'.repeat(32))).toBeNull();
      expect((await directory.state(namespace))?.links).toEqual([link]);
    });

    it('counts bytes up to the quota, whoever asks at once', async () => {
      const namespace = await fresh([project('n', 'iris')]);
      const record = { ...state(namespace).record, quota: { bytes: 100, projects: null } };
      await directory.apply(namespace, 2, [{ type: 'record', record }], [event(namespace)]);
      const taken = await Promise.all([40, 40, 40, 40].map(bytes => directory.addBytes(namespace, 'iris', bytes)));
      expect(taken.filter(Boolean)).toHaveLength(2);
      expect(await directory.usedBytes(namespace)).toBe(80);
      expect(await directory.addBytes(namespace, 'iris', -30)).toBe(true);
      expect((await directory.state(namespace))?.projects[0]?.bytes).toBe(50);
      await expect(directory.addBytes(namespace, 'absent', 1)).rejects.toMatchObject({ code: 'PROJECT_UNKNOWN' });
    });

    it('keeps texts as they are, and counts beside them', async () => {
      const odd = 'a\0b "quoted" \\ \u2028 ü 🦊 <script>';
      const namespace = await fresh([project('n', 'iris', odd)]);
      const record = { ...state(namespace).record, title: odd, quota: { bytes: 100, projects: null } };
      await directory.apply(namespace, 2, [{ type: 'record', record }], [event(namespace)]);
      expect(await directory.addBytes(namespace, 'iris', 101)).toBe(false);
      expect((await directory.facts(namespace, nobody, 'all'))?.namespace).toEqual(record);
      await directory.append([event(namespace, { detail: odd, target: 'asset:iris/ü' })]);
      expect((await directory.state(namespace))?.projects[0]?.description).toBe(odd);
      expect((await directory.facts(namespace, nobody, ['iris']))?.projects[0]?.description).toBe(odd);
      expect((await directory.audit(namespace, { target: 'asset:iris/ü' }))[0]?.detail).toBe(odd);
    });

    it('tells the log newest first, page by page, by what is asked', async () => {
      const namespace = await fresh();
      const other = await fresh();
      const events = Array.from({ length: 7 }, (_, index) =>
        event(namespace, {
          ...{ time: 5000 + index, user: index % 2 ? 'anna' : 'ben', action: index < 5 ? 'member.add' : 'push' },
          project: index === 6 ? 'iris' : null
        })
      );
      await directory.append(events);
      await directory.append([event(other)]);
      const ids = async (query: Parameters<IDirectory['audit']>[1]): Promise<readonly number[]> =>
        (await directory.audit(namespace, { since: 5000, ...query })).map(({ time }) => time - 5000);
      expect(await ids({})).toEqual([6, 5, 4, 3, 2, 1, 0]);
      expect(await ids({ limit: 3 })).toEqual([6, 5, 4]);
      expect(await ids({ limit: 3, before: events[4]!.id })).toEqual([3, 2, 1]);
      expect(await ids({ user: 'anna' })).toEqual([5, 3, 1]);
      expect(await ids({ actions: 'member' })).toEqual([4, 3, 2, 1, 0]);
      expect(await ids({ project: 'iris' })).toEqual([6]);
      expect(await ids({ until: 5002 })).toEqual([1, 0]);
      // Told again, it is there once.
      await directory.append(events.slice(0, 1));
      expect(await ids({ until: 5001 })).toEqual([0]);
    });

    it('forgets a namespace, and keeps what its log says', async () => {
      const namespace = await fresh([member('anna'), project('n', 'iris')]);
      expect(await directory.remove(namespace, 1, [event(namespace)])).toBe(false);
      expect(await directory.remove(namespace, 2, [event(namespace, { action: 'namespace.delete' })])).toBe(true);
      expect(await directory.state(namespace)).toBeNull();
      expect(
        (await directory.list({ user: 'anna', groups: [] }, true)).map(one => one.facts.namespace.name)
      ).not.toContain(namespace);
      expect(await directory.audit(namespace, { actions: 'namespace.delete' })).toHaveLength(1);
      expect(await directory.create(state(namespace), [event(namespace)])).toBe(true);
      expect((await directory.state(namespace))?.members).toHaveLength(1);
    });
  });
}
