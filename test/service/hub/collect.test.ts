/** Collecting at a hub: an owner asks, the hub finds out what is needed, and pushes lose nothing by it. */
import { spawn } from 'node:child_process';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BranchbookError } from '../../../src/core/error';
import type { IPlaces } from '../../../src/core/port';
import { createMemoryBucket } from '../../../src/node/memory/memory-service';
import { cardRoute } from '../../../src/service/hub/identity/api-routes';
import { openVerbs } from '../../operation/verbs';
import type { Verbal } from '../../operation/verbs';
import { clockedBucket, DAY } from '../../support/clocked-bucket';
import { makeTeam, person, useTestHub } from '../../support/hub';
import { environment, git } from '../../support/program';
import { randomBytes } from '../../support/random-bytes';
import { cloneVerbs, newPlaces } from '../../support/sharing';

const place = clockedBucket(createMemoryBucket());
const people = ['olga', 'edi', 'vera'].map(user => person(user));
const holder = useTestHub(people, {}, [cardRoute('1.0.0')], place.bucket);

beforeAll(() => {
  Object.assign(process.env, { BRANCHBOOK_HUB: holder.hub.url, JUPYTERHUB_API_TOKEN: 'olga-token' });
});
afterAll(() => {
  delete process.env['BRANCHBOOK_HUB'];
  delete process.env['JUPYTERHUB_API_TOKEN'];
});

const random = (): string => randomBytes(60_000).toString('hex');

type Team = {
  readonly name: string;
  readonly olga: Verbal;
  readonly places: IPlaces;
  readonly address: string;
  /** The hub's own repository. */
  readonly repository: string;
  /** The first snapshot is where `main` was put back to; the second has a content that nothing else has. */
  readonly first: string;
  readonly second: string;
  /** Bytes that the hub keeps for the project. */
  stored(): Promise<number>;
};

async function team(name: string): Promise<Team> {
  place.ahead = 0;
  const { id } = await makeTeam(holder.hub, name, { edi: 'editor', vera: 'viewer' });
  const places = newPlaces();
  const olga = await openVerbs(undefined, places);
  await olga.run('init', {});
  const address = `${holder.hub.url}/${name}/iris`;
  const first = await olga.snapshot({ 'data/kept.bin': random() }, 'first');
  await olga.run('push', { to: address });
  const second = await olga.snapshot({ 'data/gone.bin': random() }, 'second');
  await olga.run('push', {});
  const repository = join(holder.hub.data, 'repositories', `${id}.git`);
  git(repository, 'update-ref', 'refs/heads/main', first);
  const stored = async (): Promise<number> => {
    let bytes = 0;
    for await (const { key, size } of place.bucket.list(`${id}/`)) {
      bytes += /\/(xorbs|shards)\//.test(key) ? size : 0;
    }
    return bytes;
  };
  return { name, olga, places, address, repository, first, second, stored };
}

/** Plain git, which knows nothing of contents. The hub is in this process, so nobody may wait here. */
function plainPush({ olga, name }: Team, refs: string): Promise<{ readonly code: number; readonly output: string }> {
  const header = `http.extraHeader=Authorization: Basic ${Buffer.from('x:olga-token').toString('base64')}`;
  const argv = ['-c', header, 'push', `${holder.hub.url}/${name}/iris.git`, refs];
  const child = spawn('git', argv, { cwd: olga.root, env: environment });
  return new Promise(resolve => {
    let output = '';
    child.stderr.on('data', piece => (output += String(piece)));
    child.once('close', code => resolve({ code: code ?? -1, output }));
  });
}

describe('a collection at a hub', { timeout: 60_000 }, () => {
  it('deletes what a branch left that moved away; the rest clones completely, is counted, and the log says who', async () => {
    const { olga, address, places, name, stored } = await team('moved');
    const before = await stored();
    expect(await olga.run('gc', { at: 'origin' })).toMatchObject({
      at: { address },
      needed: 1,
      freed: 0,
      young: { contents: 1 }
    });
    place.ahead = 15 * DAY;
    expect(await olga.run('gc', { at: address, dryRun: true })).toMatchObject({ removed: { packs: 1 } });
    expect(await stored()).toBe(before);
    const done = await olga.run('gc', { at: address });
    expect(done).toMatchObject({ removed: { contents: 1, packs: 1 }, young: { bytes: 0 } });
    expect(done.freed).toBeGreaterThan(60_000);
    expect(await stored()).toBeLessThan(before - 60_000);

    const ben = await cloneVerbs(address, {}, places);
    expect(ben.read()['data/kept.bin']).toBe(olga.read()['data/kept.bin']);
    const namespaces = holder.hub.namespaces('olga');
    expect((await namespaces.view(name)).usedBytes).toBe(await stored());
    const collected = (await namespaces.audit(name, {})).filter(({ action }) => action === 'collect');
    expect(collected).toMatchObject([
      { user: 'olga', project: 'iris', outcome: 'ok' },
      { user: 'olga', project: 'iris', outcome: 'ok' }
    ]);

    // And the branch comes back, with what it needs.
    await olga.run('push', {});
    const carol = await cloneVerbs(address, {}, places);
    expect(carol.read()).toEqual(olga.read());
    expect((await namespaces.view(name)).usedBytes).toBe(await stored());
  });

  it('is for owners only', async () => {
    const { name, stored } = await team('owned');
    const before = await stored();
    for (const user of ['edi', 'vera']) {
      const path = `/api/v1/namespaces/${name}/projects/iris/assets/collect`;
      const json = { dryRun: true, grace: 14 * DAY, ignoreMissing: false };
      const failure = await holder.hub
        .as(user)
        .json({ method: 'POST', path, json })
        .then(
          () => null,
          (error: BranchbookError) => error.code
        );
      expect(failure).toBe('FORBIDDEN');
    }
    expect(await stored()).toBe(before);
  });

  it('refuses refs to what was deleted, though git still has their objects', async () => {
    const scene = await team('dangling');
    await scene.olga.run('gc', { at: 'origin' });
    place.ahead = 15 * DAY;
    await scene.olga.run('gc', { at: 'origin' });
    // git at the hub kept the commit, its tree and the pointer.
    expect(git(scene.repository, 'cat-file', '-t', scene.second).trim()).toBe('commit');
    const { code, output } = await plainPush(scene, `${scene.second}:refs/heads/back`);
    expect(code).not.toBe(0);
    expect(output).toContain('not at the hub');
    expect(git(scene.repository, 'for-each-ref', '--format=%(refname)').trim()).toBe('refs/heads/main');
  });

  it('keeps what a ref came back to, also by plain git', async () => {
    const scene = await team('returned');
    await scene.olga.run('gc', { at: 'origin' });
    place.ahead = 13 * DAY;
    const { code, output } = await plainPush(scene, `${scene.second}:refs/heads/back`);
    expect(code, output).toBe(0);
    git(scene.repository, 'update-ref', '-d', 'refs/heads/back');
    place.ahead = 15 * DAY;
    // Nothing needs it again, but that is new.
    expect(await scene.olga.run('gc', { at: 'origin' })).toMatchObject({
      removed: { packs: 0 },
      young: { contents: 1 }
    });
    git(scene.repository, 'update-ref', 'refs/heads/back', scene.second);
    const ben = await cloneVerbs(scene.address, { branch: 'back' }, scene.places);
    expect(ben.read()['data/gone.bin']).toBe(scene.olga.read()['data/gone.bin']);
  });

  it('deletes nothing when a commit cannot be read, or there is none', async () => {
    const scene = await team('unread');
    await scene.olga.run('gc', { at: 'origin' });
    place.ahead = 15 * DAY;
    const before = await scene.stored();
    const tree = git(scene.repository, 'rev-parse', `${scene.first}^{tree}`).trim();
    const path = join(scene.repository, 'objects', tree.slice(0, 2), tree.slice(2));
    renameSync(path, `${path}-away`);
    expect(await scene.olga.fail('gc', { at: 'origin' })).toMatchObject({ code: 'PROJECT_DAMAGED' });
    renameSync(`${path}-away`, path);
    git(scene.repository, 'update-ref', '-d', 'refs/heads/main');
    expect(await scene.olga.fail('gc', { at: 'origin' })).toMatchObject({ code: 'PROJECT_DAMAGED' });
    expect(await scene.stored()).toBe(before);
  });
});
