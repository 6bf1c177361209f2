/** `gc --at` with a shared folder: the client finds out what is needed, from the history that lies there. */
import { mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { IPlaces } from '../../src/core/port';
import { randomBytes } from '../support/random-bytes';
import { bareRepository, cloneVerbs, newPlaces } from '../support/sharing';
import { temporaryDirectory } from '../support/temporary-directory';
import { git } from './fixture';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';

const random = (): string => randomBytes(60_000).toString('hex');
const DAY = 24 * 3_600_000;

type Scene = {
  readonly ada: Verbal;
  readonly places: IPlaces;
  readonly place: string;
  readonly address: string;
  readonly history: string;
  readonly first: string;
  readonly second: string;
  /** What leaves, and since when. */
  leaving(): Readonly<Record<string, number>>;
  /** As if what leaves had been found so many days ago. */
  age(days: number): void;
};

/** A project of which a branch was moved back, so that a content is needed by nothing. */
async function scene(): Promise<Scene> {
  const place = join(temporaryDirectory(), 'team');
  mkdirSync(place);
  const places = newPlaces();
  const { namespaces } = await places.connect(place);
  await namespaces.create({ name: 'ml', kind: 'team', title: 'ML', label: 'unclassified', git: null });
  const ada = await openVerbs(undefined, places);
  await ada.run('init', {});
  const address = `${place}/ml/iris`;
  const first = await ada.snapshot({ 'data/kept.bin': random() }, 'first');
  await ada.run('push', { to: address });
  const second = await ada.snapshot({ 'data/gone.bin': random() }, 'second');
  await ada.run('push', {});
  const [folder] = readdirSync(join(place, 'ml/projects'));
  const home = join(place, 'ml/projects', folder!);
  const history = join(home, 'history.git');
  git(history, 'update-ref', 'refs/heads/main', first);
  const list = join(home, 'assets/leaving.json');
  const read = (): { since: Record<string, number> } => JSON.parse(readFileSync(list, 'utf8')) as never;
  return {
    ...{ ada, places, place, address, history, first, second },
    leaving: () => read().since,
    age: days => {
      const told = read();
      const since = Object.fromEntries(Object.entries(told.since).map(([pack, at]) => [pack, at - days * DAY]));
      writeFileSync(list, JSON.stringify({ ...told, nonce: 'aged', since }));
    }
  };
}

const count = (place: string): number =>
  readdirSync(place, { recursive: true }).filter(path => String(path).includes('/xorbs/')).length;

const nameOf = (folder: string): string => folder.replace(/-[0-9a-f]{8}$/, '');

describe('a collection at a shared folder', { timeout: 60_000 }, () => {
  it('deletes what a branch left that moved away; the rest clones completely, and is what counts', async () => {
    const { ada, places, place, address, age } = await scene();
    const found = await ada.run('gc', { at: 'origin' });
    expect(found).toMatchObject({ at: { address }, needed: 1, removed: { packs: 0 }, young: { contents: 1 } });
    expect(found.at!.due).toBeGreaterThan(0);
    age(15);
    const record = join(place, 'ml/namespace.json');
    // An upload that a crash cut had been counted.
    writeFileSync(record, readFileSync(record, 'utf8').replace(/("bytes": ?)(\d{5,})/, '$199000000'));
    const packs = count(place);
    expect(await ada.run('gc', { at: 'origin', dryRun: true })).toMatchObject({ removed: { packs: 1 } });
    expect(count(place)).toBe(packs);
    const done = await ada.run('gc', { at: address });
    expect(done).toMatchObject({ removed: { contents: 1, packs: 1 } });
    expect(count(place)).toBeLessThan(packs);
    const view = await (await places.connect(place)).namespaces.view('ml');
    expect(view.usedBytes).toBe(done.after.bytes);
    const ben = await cloneVerbs(address, {}, places);
    expect(ben.read()['data/kept.bin']).toBe(ada.read()['data/kept.bin']);
    await ada.run('push', {});
    expect((await cloneVerbs(address, {}, places)).read()).toEqual(ada.read());
  });

  it('takes off the list what a new branch leads to, though another ref leads there too', async () => {
    const { ada, places, address, history, second, leaving } = await scene();
    await ada.run('gc', { at: 'origin' });
    expect(Object.keys(leaving())).toHaveLength(1);
    // By plain git, which asks nobody.
    git(history, 'update-ref', 'refs/heads/back', second);
    const ben = await cloneVerbs(address, { branch: 'back' }, places);
    ben.git('branch', 'other');
    await ben.run('push', { branches: ['other'] });
    expect(leaving()).toEqual({});
  });

  it('counts every ref that is there, also those that are no branches and those that are hidden', async () => {
    const { ada, history, second } = await scene();
    git(history, 'update-ref', 'refs/reviews/1', second);
    git(history, 'config', 'transfer.hideRefs', 'refs/reviews');
    expect(await ada.run('gc', { at: 'origin' })).toMatchObject({ needed: 2, young: { contents: 0 } });
  });

  it('deletes nothing for who may not, nor where it cannot tell what is needed', async () => {
    const { ada, places, address, history, place, age } = await scene();
    await ada.run('gc', { at: 'origin' });
    age(15);
    const packs = count(place);
    const { namespaces } = await places.connect(place);
    await namespaces.change('ml', { type: 'add-member', member: { kind: 'user', name: 'vera' }, role: 'editor' });
    const me = process.env['JUPYTERHUB_USER'];
    process.env['JUPYTERHUB_USER'] = 'vera';
    try {
      const vera = await openVerbs(ada.root, newPlaces());
      expect(await vera.fail('gc', { at: address })).toMatchObject({ code: 'FORBIDDEN' });
    } finally {
      process.env['JUPYTERHUB_USER'] = me ?? '';
      if (me === undefined) {
        delete process.env['JUPYTERHUB_USER'];
      }
    }
    expect(await ada.fail('gc', { at: address, grace: '0d' })).toMatchObject({ code: 'USAGE' });
    expect(await ada.fail('gc', { at: 'nowhere' })).toMatchObject({ code: 'ADDRESS_INVALID' });
    const bare = bareRepository();
    await ada.run('remote', { action: 'add', name: 'plain', address: bare });
    expect(await ada.fail('gc', { at: 'plain' })).toMatchObject({ code: 'USAGE' });

    const head = ada.git('rev-parse', 'HEAD');
    writeFileSync(join(ada.root, '.git/shallow'), head);
    const shallow = await openVerbs(ada.root, places);
    expect(await shallow.fail('gc', { at: address })).toMatchObject({ code: 'PROJECT_DAMAGED' });
    writeFileSync(join(ada.root, '.git/shallow'), '');

    git(history, 'update-ref', '-d', 'refs/heads/main');
    expect(await ada.fail('gc', { at: address })).toMatchObject({ code: 'PROJECT_DAMAGED' });
    expect(count(place)).toBe(packs);
  });

  it('deletes what deleted projects left, and no other project', async () => {
    const { ada, places, place, address, age } = await scene();
    const { namespaces } = await places.connect(place);
    await namespaces.change('ml', { type: 'add-project', name: 'tulip' });
    const tulip = await openVerbs(undefined, places);
    await tulip.run('init', {});
    await tulip.snapshot({ 'data/tulip.bin': random() }, 'tulips');
    await tulip.run('push', { to: `${place}/ml/tulip` });
    const projects = join(place, 'ml/projects');
    for (const name of ['old-12345678', 'young-12345678']) {
      mkdirSync(join(projects, name, 'history.git'), { recursive: true });
      writeFileSync(join(projects, name, 'project.json'), '{}');
    }
    const now = Date.now() / 1000;
    for (const path of readdirSync(projects, { recursive: true, encoding: 'utf8' })) {
      const days = path.startsWith('young') ? 13 : 15;
      utimesSync(join(projects, path), now - days * 86_400, now - days * 86_400);
    }
    await ada.run('gc', { at: 'origin', dryRun: true });
    expect(readdirSync(projects).sort().map(nameOf)).toEqual(['iris', 'old', 'tulip', 'young']);
    await ada.run('gc', { at: 'origin' });
    expect(readdirSync(projects).sort().map(nameOf)).toEqual(['iris', 'tulip', 'young']);
    age(15);
    await ada.run('gc', { at: 'origin' });
    expect((await cloneVerbs(`${place}/ml/tulip`, {}, places)).read()).toEqual(tulip.read());
    expect((await cloneVerbs(address, {}, places)).read()['data/kept.bin']).toBe(ada.read()['data/kept.bin']);
  });

  it('leaves alone what serves a history elsewhere', async () => {
    const { ada, address } = await scene();
    await ada.run('remote', { action: 'add', name: 'host', address: bareRepository(), assets: address });
    await ada.run('push', { remote: 'host' });
    expect(await ada.fail('gc', { at: address })).toMatchObject({ code: 'PROJECT_DAMAGED' });
  });
});
