import { describe, expect, it } from 'vitest';
import { NamespaceService } from '../../../src/core/access/service';
import { World, DAY } from './world';

describe('a namespace', () => {
  it('is not there for strangers, and at once for members; removing them takes effect at once', async () => {
    const world = new World();
    const olga = await world.team();
    const anna = world.as('anna');
    await expect(anna.view('team')).rejects.toMatchObject({ code: 'NAMESPACE_UNKNOWN' });
    await olga.change('team', { type: 'add-member', member: { kind: 'user', name: 'anna' }, role: 'viewer' });
    expect((await anna.view('team')).right).toBe('view');
    expect((await anna.decide('team', 'edit', { kind: 'project', project: 'iris' })).allowed).toBe(false);
    await olga.change('team', { type: 'set-member', member: { kind: 'user', name: 'anna' }, role: 'editor' });
    expect((await anna.decide('team', 'edit', { kind: 'project', project: 'iris' })).allowed).toBe(true);
    await olga.change('team', { type: 'remove-member', member: { kind: 'user', name: 'anna' } });
    await expect(anna.decide('team', 'view', { kind: 'project', project: 'iris' })).rejects.toMatchObject({
      code: 'NAMESPACE_UNKNOWN'
    });
  });

  it('gives no more than the token that was used, also to owners', async () => {
    const world = new World();
    await world.team();
    const weak = new NamespaceService(world.ports, { ...world.identity('olga'), atMost: 'view' });
    const project = { kind: 'project', project: 'iris' } as const;
    expect(await weak.decide('team', 'view', project)).toMatchObject({ allowed: true, held: 'view' });
    const refused = await weak.decide('team', 'edit', project);
    expect(refused).toMatchObject({ allowed: false, held: 'view' });
    expect(refused.because.at(-1)?.text).toContain('the token that was used');
    const create = { name: 'other', kind: 'team', title: '', label: 'unclassified', git: null } as const;
    await expect(weak.create(create)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const member = { kind: 'user', name: 'eve' } as const;
    await expect(weak.change('team', { type: 'add-member', member, role: 'owner' })).rejects.toMatchObject({
      code: 'FORBIDDEN'
    });
  });

  it('gives what a link says, once for each person, until it is revoked', async () => {
    const world = new World();
    const olga = await world.team();
    const object = { kind: 'project', project: 'iris' } as const;
    const { link, code } = await olga.createLink('team', {
      right: 'view',
      object,
      gives: 'grant',
      uses: 'many',
      workspace: null,
      lifetime: DAY
    });
    const anna = world.as('anna');
    expect(await anna.join(code)).toMatchObject({ namespace: 'team', right: 'view' });
    expect((await anna.project('team', 'iris')).rights.classes).toMatchObject({ code: 'view', data: 'view' });
    expect(await anna.join(code)).toMatchObject({ namespace: 'team' });
    await olga.change('team', { type: 'revoke-link', id: link.id });
    await expect(world.as('ben').join(code)).rejects.toMatchObject({ code: 'LINK_INVALID' });
    await expect(anna.project('team', 'iris')).rejects.toMatchObject({ code: 'NAMESPACE_UNKNOWN' });
  });
});
