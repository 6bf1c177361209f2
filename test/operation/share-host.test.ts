/** History on a git host, assets elsewhere by setting: in a place, or in the host's own storage over HTTP. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operations } from '../../src/core/operation/index';
import { runOperation } from '../../src/core/operation/run';
import type { Progress } from '../../src/core/port/progress';
import { splitmix64 } from '../support/random-bytes';
import { useSharing } from '../support/shared-project';
import { bareRepository, cloneVerbs } from '../support/sharing';
import { git } from './fixture';
import { openVerbs } from './verbs';

const sharing = useSharing();
const random = (seed: number): string => Buffer.from(splitmix64(seed, 50_000)).toString('hex');

describe('a git host beside a place', () => {
  it.each(['folder', 'hub'] as const)('takes the history, and the %s the assets', async kind => {
    const { ada, address, places } = await sharing.publish(kind, { 'a.txt': 'one' });
    const bare = bareRepository();
    await ada.run('remote', { action: 'add', name: 'github', address: bare, assets: address });
    await ada.snapshot({ 'data/a.bin': random(1) }, 'with data');
    const { transfer } = await ada.run('push', { remote: 'github' });
    expect(transfer.contents).toBe(1);
    expect(git(bare, 'log', '-1', '--format=%s', 'main').trim()).toBe('with data');
    expect(git(bare, 'count-objects', '-v')).toMatch(/size: \d{1,2}\n/);
    expect(await ada.run('remote', { action: 'list' })).toMatchObject({
      remotes: [{ name: 'origin' }, { name: 'github', kind: 'git', assets: address }]
    });

    // Who clones the host's address is told that the data is not there, and says where it is.
    const ben = await cloneVerbs(bare, {}, places);
    expect(ben.result.absent.assets).toBe(1);
    expect(readFileSync(join(ben.root, 'data/a.bin'), 'utf8')).toContain('oid sha256');
    await ben.run('remote', { action: 'set', name: 'origin', assets: address });
    await ben.run('get', { address: 'data/a.bin' });
    expect(readFileSync(join(ben.root, 'data/a.bin'), 'utf8')).toBe(random(1));
    await ben.snapshot({ 'data/b.bin': random(2) }, 'by ben');
    await ben.run('push', {});
    await ada.run('pull', { remote: 'github', branch: 'main' });
    expect(readFileSync(join(ada.root, 'data/b.bin'), 'utf8')).toBe(random(2));
  });
});

describe('a git host with its own storage of large files', () => {
  it('takes both over HTTP, tells how far it is in bytes, and sends nothing twice', async () => {
    const { places } = await sharing.publish('hub', { 'a.txt': 'one' });
    const olga = await places.connect(sharing.hub.url);
    await olga.namespaces.create({ name: 'host', kind: 'team', title: 'Host', label: 'unclassified', git: null });
    await olga.namespaces.change('host', { type: 'add-project', name: 'iris' });
    // Plain git: the hub is known by nothing but this address, as GitHub is.
    const address = `${sharing.hub.url.replace('//', '//git:ada-token@')}/host/iris.git`;
    const ada = await openVerbs(undefined, places);
    await ada.run('init', {});
    await ada.snapshot({ 'a.txt': 'one', 'data/a.bin': random(3), 'data/b.bin': random(4) }, 'first');
    await ada.run('remote', { action: 'add', name: 'origin', address, assets: 'lfs' });
    const steps: Progress[] = [];
    const { transfer } = await runOperation(ada.project, operations.push, {}, { onProgress: step => steps.push(step) });
    expect(transfer.contents).toBe(2);
    expect(steps).toContainEqual({ phase: 'sending', done: 200_000, total: 200_000, unit: 'bytes' });
    expect(steps.some(({ phase, unit }) => phase === 'Sending the history' && unit === 'bytes')).toBe(true);
    expect(JSON.stringify(await ada.run('remote', { action: 'list' }))).not.toContain('ada-token');

    const ben = await cloneVerbs(address, { lazy: true }, places);
    await ben.run('get', { address: 'data/a.bin' });
    expect(readFileSync(join(ben.root, 'data/a.bin'), 'utf8')).toBe(random(3));
    await ben.run('switch', { branch: 'main', all: true });
    expect(ben.read()).toEqual(ada.read());
  });
});
