import { describe, expect, it } from 'vitest';
import type { NamespaceService } from '../../../src/core/access/service';
import type { AccessObject } from '../../../src/core/model/access';
import type { LinkRequest } from '../../../src/core/model/namespace';
import { DAY, START, World } from './world';

const iris = { kind: 'project', project: 'iris' } as const;
const user = (name: string): { readonly kind: 'user'; readonly name: string } => ({ kind: 'user', name });
const ask = (more: Partial<LinkRequest> = {}): LinkRequest => ({
  ...{ right: 'view', object: iris, gives: 'grant', uses: 'single', workspace: null, ...more }
});
const add = (
  service: NamespaceService,
  name: string,
  role: 'viewer' | 'editor' | 'owner',
  cleared = false
): Promise<unknown> => service.change('team', { type: 'add-member', member: user(name), role, cleared });
const give = (
  service: NamespaceService,
  name: string,
  right: 'view' | 'edit' | 'manage',
  object: AccessObject = iris
): Promise<unknown> => service.change('team', { type: 'add-grant', principal: user(name), right, object });
const may = async (
  service: NamespaceService,
  right: 'view' | 'edit' | 'manage',
  object: AccessObject = iris
): Promise<boolean> =>
  service.decide('team', right, object).then(
    ({ allowed }) => allowed,
    () => false
  );

describe('members', () => {
  it('have a namespace that strangers cannot know of; removing them takes effect at once', async () => {
    const world = new World();
    const olga = await world.team();
    const anna = world.as('anna');
    await expect(anna.view('team')).rejects.toMatchObject({ code: 'NAMESPACE_UNKNOWN' });
    const absent = await anna.view('absent').catch(error => error);
    const hidden = await anna.view('team').catch(error => error);
    expect(hidden.message.replace('team', 'absent')).toBe(absent.message);
    await add(olga, 'anna', 'viewer');
    expect([await may(anna, 'view'), await may(anna, 'edit')]).toEqual([true, false]);
    await give(olga, 'anna', 'edit');
    expect(await may(anna, 'edit')).toBe(true);
    await olga.change('team', { type: 'remove-member', member: user('anna') });
    expect(await may(anna, 'view')).toBe(false);
    expect((await anna.list()).map(({ name }) => name)).toEqual([]);
  });

  it('may leave, but for the last who owns it', async () => {
    const world = new World();
    const olga = await world.team();
    await add(olga, 'anna', 'editor');
    const left = await world.as('anna').change('team', { type: 'remove-member', member: user('anna') });
    expect([left.right, left.members, left.projects]).toEqual([null, [], []]);
    const leave = { type: 'remove-member', member: user('olga') } as const;
    await expect(olga.change('team', leave)).rejects.toMatchObject({ code: 'LAST_OWNER' });
    const demote = { type: 'set-member', member: user('olga'), role: 'editor' } as const;
    await expect(olga.change('team', demote)).rejects.toMatchObject({ code: 'LAST_OWNER' });
  });

  it('become owners by owners only, however much they manage', async () => {
    const world = new World();
    const olga = await world.team();
    await give(olga, 'max', 'manage', { kind: 'namespace' });
    const max = world.as('max');
    await add(max, 'anna', 'editor');
    await expect(add(max, 'max', 'owner')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(add(max, 'max', 'editor', true)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const open = { ...(await olga.view('team')).namespace.policy };
    await expect(max.change('team', { type: 'set', policy: open })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(max.delete('team', { projects: true })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('grants', () => {
  it('come from who manages the object, and nobody else', async () => {
    const world = new World();
    const olga = await world.team('team', ['iris', 'wine']);
    await give(olga, 'max', 'manage');
    await add(olga, 'anna', 'editor');
    await give(world.as('max'), 'ben', 'edit', { kind: 'asset', project: 'iris', path: 'data/raw' });
    await expect(give(world.as('max'), 'ben', 'view', { kind: 'project', project: 'wine' })).rejects.toMatchObject({
      code: 'PROJECT_UNKNOWN'
    });
    await expect(give(world.as('anna'), 'ben', 'view')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect((await world.as('ben').view('team')).projects.map(({ name, right }) => [name, right])).toEqual([
      ['iris', 'view']
    ]);
    expect((await world.as('ben').view('team')).members).toEqual([]);
  });

  it('to a namespace reach its members, and not those of a later one of that name', async () => {
    const world = new World();
    const olga = await world.team();
    await olga.create({ name: 'partner', kind: 'team', title: '', label: 'unclassified', git: null });
    await olga.change('partner', { type: 'add-member', member: user('anna'), role: 'viewer' });
    const grant = {
      type: 'add-grant',
      principal: { kind: 'namespace', name: 'partner' },
      right: 'view',
      object: iris
    } as const;
    world.now += 1;
    await olga.change('team', grant);
    expect(await may(world.as('anna'), 'view')).toBe(true);
    await olga.delete('partner', { projects: false });
    world.now += 1;
    const eve = world.as('eve');
    await eve.create({ name: 'partner', kind: 'team', title: '', label: 'unclassified', git: null });
    expect(await may(eve, 'view')).toBe(false);
    const unknown = { ...grant, principal: { kind: 'namespace', name: 'absent' } } as const;
    await expect(olga.change('team', unknown)).rejects.toMatchObject({ code: 'NAMESPACE_UNKNOWN' });
  });

  it('go with their project, so that a new one of its name is nobody’s', async () => {
    const world = new World();
    const olga = await world.team();
    await give(olga, 'anna', 'view');
    await olga.change('team', { type: 'remove-project', name: 'iris' });
    await olga.change('team', { type: 'add-project', name: 'iris' });
    expect(await may(world.as('anna'), 'view')).toBe(false);
  });

  it('cannot be for everyone: the table says what they get', async () => {
    const olga = await new World().team();
    const grant = { type: 'add-grant', principal: { kind: 'everyone' }, right: 'view', object: iris } as const;
    await expect(olga.change('team', grant)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('links', () => {
  it('open once, however many try at the same time', async () => {
    const world = new World();
    const olga = await world.team();
    const { code } = await olga.createLink('team', ask());
    const tries = await Promise.allSettled(['a', 'b', 'c', 'd'].map(name => world.as(name).join(code)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await olga.view('team')).grants).toHaveLength(1);
    await expect(world.as('e').join(code)).rejects.toMatchObject({ code: 'LINK_INVALID' });
  });

  it('keep no code, and give the workspace that was sent', async () => {
    const world = new World();
    const olga = await world.team();
    const workspace = { project: 'iris', branch: 'main', documents: ['a.ipynb'], layout: null };
    const { code, link } = await olga.createLink('team', ask({ workspace, uses: 'many' }));
    expect(JSON.stringify(await world.ports.directory.state('team'))).not.toContain(code);
    expect(JSON.stringify(link)).not.toContain('codeHash');
    expect(await world.as('anna').join(code)).toMatchObject({ workspace, right: 'view' });
    expect(await world.as('anna').join(code)).toMatchObject({ workspace });
    expect(code).toMatch(/^[0-9a-f]{64}$/);
  });

  it('end: by time, by being revoked with what they gave, with the rights of who made them', async () => {
    const world = new World();
    const olga = await world.team();
    await add(olga, 'max', 'owner');
    const old = await olga.createLink('team', ask({ lifetime: DAY, uses: 'many' }));
    const many = await olga.createLink('team', ask({ uses: 'many' }));
    const ofMax = await world.as('max').createLink('team', ask({ uses: 'many' }));
    await world.as('anna').join(many.code);
    expect(await may(world.as('anna'), 'view')).toBe(true);
    await olga.change('team', { type: 'revoke-link', id: many.link.id });
    expect(await may(world.as('anna'), 'view')).toBe(false);
    await olga.change('team', { type: 'remove-member', member: user('max') });
    world.now = START + DAY;
    for (const { code } of [old, many, ofMax]) {
      await expect(world.as('ben').join(code)).rejects.toMatchObject({ code: 'LINK_INVALID' });
    }
  });

  it('do not bring back who was removed', async () => {
    const world = new World();
    const olga = await world.team();
    const { code } = await olga.createLink(
      'team',
      ask({ object: { kind: 'namespace' }, gives: 'membership', uses: 'many' })
    );
    await world.as('anna').join(code);
    expect(await may(world.as('anna'), 'view')).toBe(true);
    await olga.change('team', { type: 'remove-member', member: user('anna') });
    await expect(world.as('anna').join(code)).rejects.toMatchObject({ code: 'LINK_INVALID' });
  });

  it('make no owners, and last no longer than 90 days', async () => {
    const olga = await new World().team();
    const membership = { object: { kind: 'namespace' }, gives: 'membership' } as const;
    await expect(olga.createLink('team', ask({ ...membership, right: 'manage' }))).rejects.toMatchObject({
      code: 'USAGE'
    });
    await expect(olga.createLink('team', ask({ lifetime: 91 * DAY }))).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('labels', () => {
  const label = async (service: NamespaceService): Promise<unknown> =>
    service.change('team', { type: 'set-project', name: 'iris', label: 'protected' });

  it('flow one way: what is protected goes to who is cleared, by no other way', async () => {
    const world = new World();
    const olga = await world.team();
    await add(olga, 'anna', 'editor');
    await add(olga, 'ben', 'viewer', true);
    await label(olga);
    expect([await may(world.as('anna'), 'view'), await may(world.as('ben'), 'view')]).toEqual([false, true]);
    for (const refused of [give(olga, 'anna', 'view'), give(olga, 'eve', 'view'), olga.createLink('team', ask())]) {
      await expect(refused).rejects.toMatchObject({ code: 'LABEL_REFUSED', data: { label: 'protected' } });
    }
    await give(olga, 'ben', 'edit');
    const { policy } = (await olga.view('team')).namespace;
    await olga.change('team', { type: 'set', policy: { ...policy, everyone: { ...policy.everyone, data: 'view' } } });
    expect(await may(world.as('eve'), 'view')).toBe(false);
  });

  it('are never lowered, and raised only when nobody keeps what they may not have', async () => {
    const world = new World();
    const olga = await world.team();
    await give(olga, 'eve', 'view');
    await expect(label(olga)).rejects.toMatchObject({ code: 'LABEL_REFUSED' });
    await olga.change('team', { type: 'remove-grant', id: (await olga.view('team')).grants[0]!.id });
    await label(olga);
    const lower = { type: 'set-project', name: 'iris', label: 'unclassified' } as const;
    await expect(olga.change('team', lower)).rejects.toMatchObject({ code: 'LABEL_REFUSED' });
  });

  it('close the table to everyone in a protected namespace', async () => {
    const world = new World();
    const olga = await world.team();
    await olga.change('team', { type: 'set', label: 'protected' });
    const { policy } = (await olga.view('team')).namespace;
    const open = { ...policy, everyone: { ...policy.everyone, code: 'view' } } as const;
    await expect(olga.change('team', { type: 'set', policy: open })).rejects.toMatchObject({ code: 'LABEL_REFUSED' });
    const made = { name: 'all', kind: 'everyone', title: '', label: 'protected', git: null } as const;
    await expect(olga.create(made)).rejects.toMatchObject({ code: 'LABEL_REFUSED' });
  });
});

describe('the log', () => {
  it('has every change and every refusal, for managers only', async () => {
    const world = new World();
    const olga = await world.team();
    await add(olga, 'anna', 'editor');
    const anna = world.as('anna');
    await expect(give(anna, 'ben', 'view')).rejects.toThrow();
    await expect(world.as('eve').view('team')).rejects.toThrow();
    await expect(anna.demand('team', 'manage', iris)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(anna.audit('team', {})).rejects.toMatchObject({ code: 'FORBIDDEN' });
    world.now += 1;
    await anna.record('team', {
      action: 'push',
      project: 'iris',
      target: 'main',
      outcome: 'ok',
      detail: '2 snapshots'
    });
    const events = await olga.audit('team', {});
    expect(events.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['push', 'member.add', 'project.add', 'namespace.create', 'refused.forbidden'])
    );
    expect(events.filter(({ outcome }) => outcome === 'refused').map(one => one.user)).toEqual([
      'anna',
      'anna',
      'anna'
    ]);
    expect((await anna.activity('team', {})).map(({ action }) => action)).toContain('push');
    expect((await anna.activity('team', {})).some(({ outcome }) => outcome === 'refused')).toBe(false);
  });

  it('says who can see what, and why', async () => {
    const world = new World();
    world.groups.set('gina', ['vision']);
    const olga = await world.team();
    await add(olga, 'anna', 'editor');
    const group = { kind: 'group', name: 'vision' } as const;
    await olga.change('team', { type: 'add-grant', principal: group, right: 'run', object: iris });
    await olga.createLink('team', ask());
    const who = await olga.whoCan('team', iris);
    expect(who.map(({ principal, right }) => [principal.kind, right])).toEqual([
      ...[
        ['user', 'manage'],
        ['user', 'edit'],
        ['group', 'run'],
        ['link', 'view']
      ]
    ]);
    expect((await olga.whoCan('team', iris, user('gina')))[0]).toMatchObject({
      right: 'run',
      because: [{ via: 'grant' }]
    });
    expect((await world.as('anna').whoCan('team', iris, user('anna')))[0]?.because[0]?.text).toContain('editor');
    await expect(world.as('anna').whoCan('team', iris)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('requests', () => {
  it('are answered by who manages the object', async () => {
    const world = new World();
    const olga = await world.team();
    await add(olga, 'anna', 'viewer');
    const anna = world.as('anna');
    const asked = await anna.change('team', { type: 'request', right: 'edit', object: iris, message: 'please' });
    const { id } = asked.requests[0]!;
    const answer = { type: 'answer-request', id, answer: 'granted' } as const;
    await expect(anna.change('team', answer)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await olga.change('team', answer);
    expect(await may(anna, 'edit')).toBe(true);
    await expect(olga.change('team', answer)).rejects.toMatchObject({ code: 'ENTRY_UNKNOWN' });
    const stranger = world.as('eve').change('team', { type: 'request', right: 'view', object: iris });
    await expect(stranger).rejects.toMatchObject({ code: 'NAMESPACE_UNKNOWN' });
  });
});

describe('quotas', () => {
  it('hold for projects and bytes; on a hub, administrators set them', async () => {
    const world = new World(undefined, true);
    const olga = await world.team();
    const quota = { type: 'set', quota: { bytes: 100, projects: 1 } } as const;
    await expect(olga.change('team', quota)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await world.as('root', true).change('team', quota);
    await expect(olga.change('team', { type: 'add-project', name: 'wine' })).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED'
    });
    await olga.addBytes('team', 'iris', 60);
    expect((await olga.project('team', 'iris')).record.bytes).toBe(60);
    await expect(olga.addBytes('team', 'iris', 60)).rejects.toMatchObject({
      data: { quota: 100, used: 60, needed: 60 }
    });
  });
});

describe('compute', () => {
  it('is used without its credentials being seen', async () => {
    const world = new World();
    const olga = await world.team();
    await add(olga, 'anna', 'viewer');
    const url = 'https://gpu.example.org';
    await olga.change('team', { type: 'add-endpoint', name: 'gpu', kind: 'jupyter-server', url, token: 'secret' });
    const anna = world.as('anna');
    expect((await anna.view('team')).endpoints).toMatchObject([{ name: 'gpu', url: null, right: 'view' }]);
    expect(JSON.stringify(await olga.view('team'))).not.toContain('secret');
    await expect(anna.endpoint('team', 'gpu')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const grant = {
      type: 'add-grant',
      principal: user('anna'),
      right: 'run',
      object: { kind: 'compute', endpoint: 'gpu' }
    } as const;
    await olga.change('team', grant);
    expect(await anna.endpoint('team', 'gpu')).toMatchObject({ url, token: 'secret' });
  });
});

describe('names', () => {
  it.each(['', 'A', 'a/b', '..', 'api', 'a'.repeat(64), '-a'])('%j cannot be a namespace', async name => {
    const made = { name, kind: 'team', title: '', label: 'unclassified', git: null } as const;
    await expect(new World().as('olga').create(made)).rejects.toMatchObject({ code: 'NAME_INVALID' });
  });

  it('of personal namespaces are their owners’', async () => {
    const world = new World();
    const made = { kind: 'personal', title: '', label: 'unclassified', git: null } as const;
    await world.as('Anna.B').create({ ...made, name: 'anna-b' });
    await expect(world.as('eve').create({ ...made, name: 'anna' })).rejects.toMatchObject({ code: 'NAME_INVALID' });
  });
});
