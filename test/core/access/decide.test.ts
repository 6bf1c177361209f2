import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newNamespace } from '../../../src/core/access/create';
import { factsOf, openPlace } from '../../../src/core/access/context';
import { decide, projectRights, whyNoPush } from '../../../src/core/access/decide';
import { audiences, labels, resourceClasses, rights, roles } from '../../../src/core/model/access';
import type { AccessObject, Policy, Principal, Right } from '../../../src/core/model/access';
import type { BranchRule, Grant, Member, ProjectRecord } from '../../../src/core/model/namespace';
import type { NamespaceState } from '../../../src/core/port';
import { oracle } from './oracle';
import { START, World } from './world';

const olga = new World().identity('olga');
const empty = newNamespace(
  { name: 'team', kind: 'team', title: '', label: 'unclassified', git: null },
  olga,
  openPlace,
  0
);

const project = (name: string, more: Partial<ProjectRecord> = {}): ProjectRecord => ({
  ...{ id: name, namespace: 'team', name, description: '', label: 'unclassified', branchRules: [], created: 0 },
  ...{ by: 'olga', git: null, bytes: 0, ...more }
});

const grant = (principal: Principal, right: Right, object: AccessObject, expires: number | null = null): Grant => ({
  ...{ id: JSON.stringify([principal, right, object]), principal, right, object, expires, created: 0, by: 'olga' }
});

const member = (name: string, role: Member['role'], more: Partial<Member> = {}): Member => ({
  ...{ principal: { kind: 'user', name }, role, cleared: false, added: 0, by: 'olga', ...more }
});

const anna = { kind: 'user', name: 'anna' } as const;
const held = (state: NamespaceState, object: AccessObject, now = START, user = 'anna'): Right | null =>
  decide(factsOf(state, { user, groups: [] }, []), 'view', object, now).held;

describe('inheritance', () => {
  const with_ = (object: AccessObject): NamespaceState => ({
    ...empty,
    projects: [project('iris'), project('iris2')],
    grants: [grant(anna, 'edit', object)]
  });

  it('goes from folders to what is in them, and never to a neighbour', () => {
    const state = with_({ kind: 'asset', project: 'iris', path: 'data/a' });
    const on = (path: string, name = 'iris'): Right | null => held(state, { kind: 'asset', project: name, path });
    expect([on('data/a'), on('data/a/b.csv'), on('data/a/b/c.csv')]).toEqual(['edit', 'edit', 'edit']);
    expect([on('data/ab'), on('data'), on('data/b'), on('data/a/b', 'iris2')]).toEqual([null, null, null, null]);
    expect(held(state, { kind: 'project', project: 'iris' })).toBeNull();
  });

  it('goes from a project to its parts, and not to other projects', () => {
    const state = with_({ kind: 'project', project: 'iris' });
    expect(held(state, { kind: 'pipeline', project: 'iris', pipeline: 'train' })).toBe('edit');
    expect(held(state, { kind: 'branch', project: 'iris', pattern: 'main' })).toBe('edit');
    expect(held(state, { kind: 'project', project: 'iris2' })).toBeNull();
    expect(held(state, { kind: 'namespace' })).toBeNull();
    expect(held(state, { kind: 'compute', endpoint: 'gpu' })).toBeNull();
  });

  it('ends when it expires, at that very time', () => {
    const object = { kind: 'project', project: 'iris' } as const;
    const state = { ...empty, projects: [project('iris')], grants: [grant(anna, 'view', object, START)] };
    expect([held(state, object, START - 1), held(state, object, START)]).toEqual(['view', null]);
  });

  it('shows that a project is there to who has something in it', () => {
    const facts = factsOf(with_({ kind: 'asset', project: 'iris', path: 'data' }), { user: 'anna', groups: [] }, []);
    expect(projectRights(facts, 'iris', START)).toEqual({
      right: 'view',
      classes: { code: null, data: null, models: null, compute: null }
    });
    expect(projectRights(facts, 'iris2', START)).toBeNull();
  });
});

describe('the table', () => {
  const cell = (row: Partial<Policy['team']>): Policy['team'] => ({ ...empty.record.policy.team, ...row });
  const iris = { kind: 'project', project: 'iris' } as const;

  it('limits members and people who are named, not owners, and everyone gets exactly its cell', () => {
    const policy: Policy = {
      private: cell({ data: 'none' }),
      team: cell({ code: 'view' }),
      everyone: { code: 'none', data: 'run', models: 'none', compute: 'none' }
    };
    const state = {
      ...{ ...empty, record: { ...empty.record, policy }, projects: [project('iris')] },
      members: [member('olga', 'owner'), member('anna', 'editor')],
      grants: [grant({ kind: 'user', name: 'ben' }, 'edit', iris)]
    };
    const classes = (user: string): unknown =>
      projectRights(factsOf(state, { user, groups: [] }, []), 'iris', START)?.classes;
    expect(classes('anna')).toMatchObject({ code: 'view', data: 'edit', models: 'edit' });
    expect(classes('ben')).toMatchObject({ code: 'edit', data: 'run', models: 'edit' });
    expect(classes('olga')).toMatchObject({ code: 'manage', data: 'manage' });
    expect(classes('stranger')).toMatchObject({ code: null, data: 'run', models: null });
  });

  it('lets nobody manage a whole of which they manage a part', () => {
    const policy = { ...empty.record.policy, team: cell({ models: 'view' }) };
    const manager = grant(anna, 'manage', { kind: 'namespace' });
    const state = {
      ...empty,
      record: { ...empty.record, policy: { ...policy, private: policy.team } },
      grants: [manager]
    };
    expect(held(state, { kind: 'namespace' })).toBe('edit');
  });
});

describe('branches', () => {
  const rules = (...branchRules: readonly BranchRule[]): NamespaceState => ({
    ...{ ...empty, projects: [project('iris', { branchRules })] },
    members: [member('olga', 'owner'), member('anna', 'editor'), member('vera', 'viewer')],
    grants: [
      grant({ kind: 'user', name: 'rita' }, 'edit', { kind: 'branch', project: 'iris', pattern: 'release/*' }),
      grant({ kind: 'user', name: 'vera' }, 'edit', { kind: 'branch', project: 'iris', pattern: 'release/*' })
    ]
  });
  const may = (state: NamespaceState, user: string, branch: string): boolean =>
    whyNoPush(factsOf(state, { user, groups: [] }, []), 'iris', branch, START) === null;

  it('may be for owners, or for nobody; the strictest rule holds', () => {
    const state = rules(
      { pattern: 'prod', push: 'manage' },
      { pattern: 'old*', push: 'none' },
      { pattern: '*', push: 'edit' }
    );
    expect([may(state, 'olga', 'prod'), may(state, 'anna', 'prod'), may(state, 'vera', 'prod')]).toEqual([
      true,
      false,
      false
    ]);
    expect([may(state, 'olga', 'old-1'), may(state, 'anna', 'main'), may(state, 'vera', 'main')]).toEqual([
      false,
      true,
      false
    ]);
    expect(may(state, 'anna', 'feature/prod')).toBe(true);
    expect(whyNoPush(factsOf(state, { user: 'anna', groups: [] }, []), 'iris', 'prod', START)).toContain('prod');
  });

  it('may be given one by one, to who can read the code', () => {
    const state = rules({ pattern: 'release/*', push: 'manage' });
    expect([may(state, 'vera', 'release/1'), may(state, 'vera', 'main')]).toEqual([true, false]);
    // A grant on a branch alone gives no code to read.
    expect(may(state, 'rita', 'release/1')).toBe(false);
  });
});

// ------------------------------------------------------------------------------- against the plain oracle

const people = ['anna', 'ben', 'olga'];
const crowds = ['vision', 'nlp'];
const paths = ['data', 'data/a', 'data/ab', 'data/a/x.csv', 'models', 'models/m.pkl'];
const names = ['iris', 'wine'];
const someone = fc.oneof(
  fc.record({ kind: fc.constant('user' as const), name: fc.constantFrom(...people) }),
  fc.record({ kind: fc.constant('group' as const), name: fc.constantFrom(...crowds) })
);
const thing = fc.oneof(
  fc.constant<AccessObject>({ kind: 'namespace' }),
  fc.record({ kind: fc.constant('project' as const), project: fc.constantFrom(...names) }),
  fc.record({
    kind: fc.constant('asset' as const),
    project: fc.constantFrom(...names),
    path: fc.constantFrom(...paths)
  })
);
const row = fc.record(Object.fromEntries(resourceClasses.map(name => [name, fc.constantFrom('none', ...rights)])));
const table = fc.record(Object.fromEntries(audiences.map(name => [name, row]))) as unknown as fc.Arbitrary<Policy>;
const world = fc
  .record({
    policy: table,
    label: fc.constantFrom(...labels),
    projectLabel: fc.constantFrom(...labels),
    members: fc.array(fc.record({ principal: someone, role: fc.constantFrom(...roles), cleared: fc.boolean() }), {
      maxLength: 4
    }),
    grants: fc.array(
      fc.record({
        principal: someone,
        right: fc.constantFrom(...rights),
        object: thing,
        expires: fc.constantFrom(null, START, START + 1)
      }),
      { maxLength: 6 }
    )
  })
  .map(({ policy, label, projectLabel, members, grants }): NamespaceState => ({
    ...empty,
    record: { ...empty.record, policy, label },
    projects: [project('iris', { label: projectLabel }), project('wine')],
    members: members.map(one => ({ ...one, added: 0, by: 'olga' })),
    grants: grants.map(one => grant(one.principal, one.right, one.object, one.expires))
  }));

describe('decisions', () => {
  const asked = fc.record({
    user: fc.constantFrom(...people),
    groups: fc.subarray(crowds),
    path: fc.constantFrom(...paths)
  });
  const columnOf = (path: string): 'models' | 'data' => (path.startsWith('models') ? 'models' : 'data');

  it('give exactly what a plain reading of the rules gives', () => {
    fc.assert(
      fc.property(world, asked, (state, { user, groups, path }) => {
        const facts = factsOf(state, { user, groups }, []);
        const object = { kind: 'asset', project: 'iris', path } as const;
        const most = oracle(state, user, groups, object, columnOf(path), START);
        expect(rights.filter(right => decide(facts, right, object, START).allowed)).toHaveLength(most);
        const whole = { kind: 'project', project: 'iris' } as const;
        const classes = projectRights(facts, 'iris', START)?.classes;
        for (const column of ['code', 'data', 'models'] as const) {
          const right = classes?.[column] ?? null;
          expect(right === null ? 0 : rights.indexOf(right) + 1).toBe(
            oracle(state, user, groups, whole, column, START)
          );
        }
      }),
      { numRuns: 500 }
    );
  });

  it('give nothing more once members, grants and the table are gone', () => {
    fc.assert(
      fc.property(world, asked, (state, { user, groups, path }) => {
        const none = { code: 'none', data: 'none', models: 'none', compute: 'none' } as const;
        const policy = { ...state.record.policy, everyone: none };
        const bare = { ...state, record: { ...state.record, policy }, members: [], grants: [] };
        const decision = decide(
          factsOf(bare, { user, groups }, []),
          'view',
          { kind: 'asset', project: 'iris', path },
          START
        );
        expect(decision).toMatchObject({ allowed: false, held: null });
        expect(decision.because.length).toBeGreaterThan(0);
      })
    );
  });

  it('say why', () => {
    fc.assert(
      fc.property(world, asked, fc.constantFrom(...rights), (state, { user, groups, path }, right) => {
        const facts = factsOf(state, { user, groups }, []);
        const { because } = decide(facts, right, { kind: 'asset', project: 'iris', path }, START);
        expect(because.every(({ text }) => text.length > 10)).toBe(true);
        expect(because).not.toHaveLength(0);
      })
    );
  });
});
