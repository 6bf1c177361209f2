/** Sharing through a folder place: no server, everything real. A second clone is the teammate. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { IPlaces } from '../../src/core/port';
import { cloneVerbs, failsToClone, newPlaces } from '../support/sharing';
import { splitmix64 } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';
import { git } from './fixture';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';

const random = (seed: number, size = 60_000): string => Buffer.from(splitmix64(seed, size)).toString('hex');

type Team = { readonly ada: Verbal; readonly place: string; readonly address: string; readonly places: IPlaces };

/** A place with a namespace, and a project published in it. */
async function publish(files: { readonly [path: string]: string } = { 'data/a.bin': random(1) }): Promise<Team> {
  const place = join(temporaryDirectory(), 'team');
  mkdirSync(place);
  const places = newPlaces();
  const connected = await places.connect(place);
  await connected.namespaces.create({ name: 'ml', kind: 'team', title: 'ML', label: 'unclassified', git: null });
  const ada = await openVerbs(undefined, places);
  await ada.run('init', {});
  await ada.snapshot({ 'a.txt': 'one\n', ...files }, 'first');
  await ada.run('push', { to: `${place}/ml/iris` });
  return { ada, place, address: `${place}/ml/iris`, places };
}

const onDisk = (verbal: Verbal, path: string): string => verbal.read()[path] ?? '';

describe('a shared folder', () => {
  it('takes a project: record, remote, assets as chunks, history', async () => {
    const { ada, address, place, places } = await publish();
    expect(await ada.run('remote', { action: 'list' })).toMatchObject({
      remotes: [{ name: 'origin', address, kind: 'folder', assets: 'place', isUpstream: true }]
    });
    const view = await (await places.connect(place)).namespaces.view('ml');
    expect(view.projects).toMatchObject([{ name: 'iris' }]);
    const { check } = await ada.run('remote', { action: 'check' });
    expect(check).toMatchObject({
      namespace: 'ml',
      project: 'iris',
      right: 'manage',
      canPush: true,
      ahead: 0,
      behind: 0
    });

    const again = await ada.run('push', { to: address });
    expect(again.pushed).toEqual([]);
    const ben = await cloneVerbs(address, {}, places);
    expect(ben.read()).toEqual(ada.read());
    expect(ben.result).toMatchObject({ transfer: { contents: 1 }, absent: { assets: 0 }, notices: [] });
  });

  it('sends only chunks that it lacks, and says so when a branch moved', async () => {
    const { ada, address, places } = await publish({ 'data/a.bin': random(1, 500_000) });
    const ben = await cloneVerbs(address, {}, places);
    await ben.snapshot({ 'data/a.bin': `${random(1, 500_000)}and a little more` }, 'longer');
    const { transfer } = await ben.run('push', {});
    expect(transfer.contents).toBe(1);
    expect(transfer.bytes).toBeGreaterThan(1_000_000);
    expect(transfer.transferred).toBeLessThan(400_000);

    await ada.snapshot({ 'mine.txt': 'x' }, 'by ada');
    expect(await ada.fail('push', {})).toMatchObject({ code: 'PUSH_REJECTED', data: { behind: 1 } });
    await ada.run('push', { pullFirst: true });
    expect(onDisk(ada, 'data/a.bin')).toBe(onDisk(ben, 'data/a.bin'));
  });

  it('loses no update when several push at once', async () => {
    const { address, places } = await publish();
    const people = await Promise.all([0, 1, 2].map(() => cloneVerbs(address, { lazy: true }, places)));
    await Promise.all(
      people.map(async (person, index) => {
        await person.snapshot({ [`by-${index}.txt`]: `${index}` }, `by ${index}`);
        await person.run('push', { pullFirst: true });
      })
    );
    const all = await cloneVerbs(address, {}, places);
    expect(Object.keys(all.read())).toEqual(expect.arrayContaining(['by-0.txt', 'by-1.txt', 'by-2.txt']));
  });

  it('moves no ref when content is missing, here and there', async () => {
    const { ada, address, places } = await publish();
    await ada.snapshot({ 'data/b.bin': random(2) }, 'second');
    rmSync(join(ada.root, '.git/branchbook/xorbs'), { recursive: true });
    rmSync(join(ada.root, '.git/branchbook/shards'), { recursive: true });
    const ada2 = await openVerbs(ada.root, places);
    expect(await ada2.fail('push', {})).toMatchObject({ code: 'ASSET_MISSING', data: { path: 'data/b.bin' } });
    const ben = await cloneVerbs(address, { lazy: true }, places);
    expect(ben.git('log', '--format=%s').trim()).toBe('first');
  });

  it('keeps what is protected from where it is not', async () => {
    const { ada } = await publish();
    await ada.snapshot({ 'b.txt': 'x' }, 'second');
    ada.git('config', 'branchbook.label', 'protected');
    expect(await ada.fail('push', {})).toMatchObject({ code: 'LABEL_REFUSED' });
  });

  it('says clearly that it is out of reach; work goes on, and nothing is queued', async () => {
    const { ada, place, address, places } = await publish();
    const ben = await cloneVerbs(address, {}, places);
    const never = await ada.run('remote', { action: 'check', offline: true });
    expect(never.check).toMatchObject({ right: null, canPush: true, upstream: 'origin/main' });
    await ada.run('remote', { action: 'check' });
    renameSync(place, `${place}-away`);
    const offline = newPlaces();
    const alone = await openVerbs(ada.root, offline);
    for (const verb of ['push', 'pull'] as const) {
      expect(['PLACE_UNREACHABLE', 'PLACE_UNKNOWN', 'NAMESPACE_UNKNOWN']).toContain((await alone.fail(verb, {})).code);
    }
    await alone.snapshot({ 'b.txt': 'offline' }, 'offline');
    const { check } = await alone.run('remote', { action: 'check', offline: true });
    expect(check).toMatchObject({ namespace: 'ml', project: 'iris', right: 'manage', ahead: 1, people: [] });
    // Whoever has just cloned knows it too.
    const cloned = await (await openVerbs(ben.root, offline)).run('remote', { action: 'check', offline: true });
    expect(cloned.check).toMatchObject({ right: 'manage', canPush: true, upstream: 'origin/main' });
    alone.git('config', 'remote.origin.right', 'view');
    const viewing = await alone.run('remote', { action: 'check', offline: true });
    expect(viewing.check).toMatchObject({ right: 'view', canPush: false, upstream: 'origin/main' });
    renameSync(`${place}-away`, place);
    expect(await alone.run('push', {})).toMatchObject({ pushed: [{ name: 'main', snapshots: 1 }] });
  });
});

describe('a lazy clone', () => {
  const files = { 'data/a.bin': random(1), 'data/b.bin': random(2), 'models/m.bin': random(3) };

  it('brings nothing until it is asked for, then just that', async () => {
    const { ada, address, places } = await publish(files);
    const ben = await cloneVerbs(address, { lazy: true }, places);
    expect(ben.result).toMatchObject({ absent: { assets: 3 }, transfer: { transferred: 0 } });
    expect((await ben.run('status', {})).changes).toEqual([]);
    await ben.run('get', { address: 'data/a.bin' });
    expect(onDisk(ben, 'data/a.bin')).toBe(onDisk(ada, 'data/a.bin'));
    expect(onDisk(ben, 'data/b.bin')).toContain('oid sha256');
    await ben.run('restore', { addresses: ['data/b.bin'] });
    expect(onDisk(ben, 'data/b.bin')).toBe(onDisk(ada, 'data/b.bin'));
    await ben.run('switch', { branch: 'main', all: true });
    expect(ben.read()).toEqual(ada.read());
    expect(ben.git('fsck', '--strict')).toBe('');
  });

  it('reads versions that never were here: get, diff and show', async () => {
    const { ada, address, places } = await publish({ 'data/t.csv': 'id,x\n1,a\n2,b\n' });
    await ada.snapshot({ 'data/t.csv': 'id,x\n1,a\n2,c\n' }, 'changed');
    await ada.run('push', {});
    const ben = await cloneVerbs(address, { lazy: true }, places);
    const { file } = await ben.run('get', { address: 'data/t.csv@main~1' });
    expect(git(ben.root, 'hash-object', '--no-filters', file)).toBe(
      git(ada.root, 'hash-object', '--no-filters', (await ada.run('get', { address: 'data/t.csv@main~1' })).file)
    );
    expect((await ben.run('diff', { from: 'main~1', to: 'main' })).files).toHaveLength(1);
    expect(await ben.run('show', { address: 'data/t.csv@main' })).toMatchObject({ version: { path: 'data/t.csv' } });
  });

  it('pulls snapshots without their assets, and pushes without having them', async () => {
    const { ada, address, places } = await publish(files);
    const ben = await cloneVerbs(address, { lazy: true }, places);
    await ada.snapshot({ 'data/a.bin': random(9) }, 'new data');
    await ada.run('push', {});
    await ben.snapshot({ 'notes.txt': 'x' }, 'notes');
    const { transfer } = await ben.run('push', { pullFirst: true });
    expect(transfer.transferred).toBe(0);
    expect(onDisk(ben, 'data/a.bin')).toContain('oid sha256');
    await ada.run('pull', {});
    expect(ada.read()).toHaveProperty('notes.txt');
  });

  it('tells what could not be brought, and how to get it', async () => {
    const { place, address, places } = await publish(files);
    const ben = await cloneVerbs(address, { lazy: true }, places);
    renameSync(place, `${place}-away`);
    const offline = newPlaces();
    const alone = await openVerbs(ben.root, offline);
    expect(await alone.fail('get', { address: 'data/a.bin' })).toMatchObject({ code: 'ASSET_MISSING' });
    expect(onDisk(alone, 'data/a.bin')).toContain('oid sha256');
  });
});

it('a place that is not there is no place to clone from', async () => {
  const folder = temporaryDirectory();
  expect(await failsToClone({ address: `${folder}/ml/iris`, folder: `${folder}/new` })).toMatchObject({
    code: 'PLACE_UNKNOWN'
  });
});
