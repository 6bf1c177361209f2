import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import { BranchbookError } from '../../src/core/error';
import { defaultPolicy } from '../../src/core/model/access';
import type { Role } from '../../src/core/model/access';
import type { Member } from '../../src/core/model/namespace';
import type { AccountVerb, Verbs } from '../../src/core/model/result';
import { accessRows } from '../../src/lab/namespace/access-list';
import { auditQuery } from '../../src/lab/namespace/audit-query';
import { Changes, isLastOwner, type View } from '../../src/lab/namespace/changes';
import { NamespaceModel, type Runs } from '../../src/lab/namespace/namespace-model';

const trans = nullTranslator.load('branchbook');
const changes = new Changes(trans);
const address = '/srv/team/vision';
const member = (name: string, role: Role): Member => ({
  ...{ principal: { kind: 'user', name }, role, cleared: false, added: 0, by: 'anna' }
});

const start: View = {
  place: '/srv/team',
  namespace: {
    ...{ name: 'vision', kind: 'team', title: 'Vision', label: 'unclassified', policy: defaultPolicy },
    ...{ quota: { bytes: null, projects: null }, created: 0, git: null }
  },
  right: 'manage',
  members: [member('anna', 'owner'), member('ben', 'editor')],
  projects: [
    {
      ...{
        id: 'p1',
        namespace: 'vision',
        name: 'iris',
        description: '',
        label: 'unclassified',
        created: 0,
        by: 'anna',
        git: null
      },
      ...{ bytes: 0, right: 'manage', branchRules: [{ pattern: 'prod', push: 'manage' }] }
    }
  ],
  grants: [
    {
      ...{ id: 'g1', principal: { kind: 'user', name: 'dora' }, right: 'view', expires: 5000, created: 0, by: 'anna' },
      object: { kind: 'asset', project: 'iris', path: 'data/raw' }
    },
    {
      ...{ id: 'g2', principal: { kind: 'everyone' }, right: 'view', expires: null, created: 0, by: 'anna' },
      object: { kind: 'project', project: 'roses' }
    }
  ],
  links: [
    {
      ...{ id: 'open-link', right: 'view', object: { kind: 'project', project: 'iris' }, gives: 'grant' },
      ...{ expires: 9000, uses: 'many', used: 0, revoked: false, created: 0, by: 'anna', workspace: null }
    },
    {
      ...{ id: 'over', right: 'view', object: { kind: 'project', project: 'iris' }, gives: 'grant' },
      ...{ expires: 100, uses: 'many', used: 0, revoked: false, created: 0, by: 'anna', workspace: null }
    }
  ],
  endpoints: [],
  requests: [],
  usedBytes: 0
};

type Sent = { readonly verb: AccountVerb; readonly args: Record<string, unknown> };

/** Answers `show` with `view`, records all else, and fails as it is told. */
class Core implements Runs {
  view = start;
  failure: BranchbookError | null = null;
  readonly sent: Sent[] = [];
  events: Verbs['namespace']['result']['events'] = [];

  run = (async (verb: AccountVerb, args: Sent['args']): Promise<object> => {
    if (verb === 'namespace' && args['action'] === 'show') {
      return { view: this.view };
    }
    this.sent.push({ verb, args });
    if (this.failure) {
      throw this.failure;
    }
    return { events: this.events };
  }) as Runs['run'];
}

function open(): { readonly core: Core; readonly model: NamespaceModel } {
  const core = new Core();
  return { core, model: new NamespaceModel(core, address, trans) };
}

describe('a change on the page of a namespace', () => {
  it('sends only the cell, so that another owner’s cell is kept', async () => {
    const { core, model } = open();
    await model.load();
    await model.change(changes.setCell('team', 'data', 'view'));
    expect(core.sent).toEqual([
      {
        verb: 'namespace',
        args: {
          action: 'set',
          namespace: address,
          policy: { team: { data: 'view' } }
        }
      }
    ]);
  });

  it('is taken back by undo, which puts only that cell back', async () => {
    const { core, model } = open();
    await model.change(changes.setCell('team', 'data', 'none'));
    await model.undo();
    expect(core.sent[1]!.args['policy']).toEqual({ team: { data: 'manage' } });
  });

  it('tells why it was refused, and leaves nothing to undo', async () => {
    const { core, model } = open();
    core.failure = new BranchbookError('LABEL_REFUSED', 'It is protected.', {}, 'Clear dora first.');
    expect(await model.change(changes.setLabel('protected'))).toBeNull();
    expect(model.refusal).toBe('It is protected. Clear dora first.');
    expect(model.done).toBeNull();
    expect(model.busy).toBe(false);
    core.failure = null;
    await model.change(changes.setLabel('protected'));
    expect(model.refusal).toBeNull();
  });

  it('is not sent while another is on its way', async () => {
    const { core, model } = open();
    const both = [model.change(changes.setTitle('A')), model.change(changes.setTitle('B'))];
    expect((await Promise.all(both)).map(answer => answer !== null)).toEqual([true, false]);
    expect(core.sent).toHaveLength(1);
  });
});

describe('what takes a change back', () => {
  const undone = (build: ReturnType<Changes['setTitle']>) => build(start).undo?.(start).call.args;

  it('gives a removed member the role and clearance they had', () => {
    expect(undone(changes.removeMember({ kind: 'user', name: 'ben' }))).toEqual({
      ...{ action: 'add', member: { kind: 'user', name: 'ben' }, role: 'editor', cleared: false }
    });
  });

  it('gives a revoked share again, with the same end', () => {
    expect(undone(changes.revokeGrant(start.grants[0]!))).toMatchObject({
      action: 'grant',
      object: { kind: 'asset', project: 'iris', path: 'data/raw' },
      until: new Date(5000).toISOString()
    });
  });

  it('is missing for links, whose code nobody has any more', () => {
    expect(changes.revokeLink(start.links[0]!)(start).undo).toBeUndefined();
  });

  it('puts a branch rule back, or away when there was none', () => {
    const none = { action: 'set-project', project: 'iris', branchRules: [{ pattern: 'prod', push: 'manage' }] };
    expect(undone(changes.setBranchRule('iris', 'prod', 'none'))).toEqual(none);
    expect(undone(changes.setBranchRule('iris', 'release/*', 'none'))).toEqual(none);
    expect(changes.setBranchRule('iris', 'prod', null)(start).call.args).toMatchObject({ branchRules: [] });
  });
});

it('the last owner is kept', () => {
  expect(isLastOwner(start, start.members[0]!)).toBe(true);
  expect(isLastOwner(start, start.members[1]!)).toBe(false);
  const two = { ...start, members: [...start.members, member('carla', 'owner')] };
  expect(isLastOwner(two, two.members[0]!)).toBe(false);
});

describe('who has access now', () => {
  it('are those of the project, of open links, and the members', () => {
    const rows = accessRows(start, 'iris', changes, 1000, trans);
    expect(rows.map(({ id }) => id)).toEqual(['grant:g1', 'link:open-link', 'member:user:anna', 'member:user:ben']);
  });

  it('are all, when it is about the namespace', () => {
    expect(accessRows(start, null, changes, 1000, trans)).toHaveLength(5);
  });
});

describe('the audit log', () => {
  const event = (id: number) => ({
    ...{ id: `e${id}`, time: id, user: 'anna', action: 'push', namespace: 'vision', project: null },
    ...{ target: null, outcome: 'ok' as const, detail: '' }
  });

  it('is read on from its last line, until there is no more', async () => {
    const { core, model } = open();
    core.events = Array.from({ length: 100 }, (_, at) => event(at));
    await model.loadAudit({ user: 'anna' });
    core.events = [event(100)];
    await model.continueAudit();
    await model.continueAudit();
    expect(model.audit.events).toHaveLength(101);
    expect(core.sent.map(({ args }) => args['before'])).toEqual([undefined, 'e99']);
    expect(core.sent.every(({ args }) => args['user'] === 'anna')).toBe(true);
  });

  it('says why it cannot be read', async () => {
    const { core, model } = open();
    core.failure = new BranchbookError('FORBIDDEN', 'You may not.');
    await model.loadAudit({});
    expect(model.audit).toMatchObject({ problem: 'You may not.', loading: false, more: false });
  });

  it('is asked for whole days, the last one included', () => {
    const { since, until } = auditQuery({
      user: ' ',
      project: '',
      actions: 'member',
      since: '2026-11-20',
      until: '2026-11-20'
    });
    expect(new Date(since!)).toEqual(new Date(2026, 10, 20));
    expect(new Date(until!)).toEqual(new Date(2026, 10, 20, 23, 59, 59, 999));
    expect(auditQuery({ user: ' anna ', project: '', actions: '', since: '', until: '' })).toEqual({ user: 'anna' });
  });
});
