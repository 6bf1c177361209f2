/** T4, for sharing: clone, push and pull are killed in the middle, on the real disk. Nothing is half, and the next one goes on. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Activity, IPlaces } from '../../src/core/port';
import { accountOperations, operations } from '../../src/core/operation/index';
import { runAccountOperation, runOperation } from '../../src/core/operation/run';
import { git } from '../operation/fixture';
import { openVerbs } from '../operation/verbs';
import type { Verbal } from '../operation/verbs';
import { splitmix64 } from '../support/random-bytes';
import { accountAt, cloneVerbs, newPlaces } from '../support/sharing';
import { bundle } from '../support/store-worker';
import { isNightly, patience } from './support/budget';
import { temporaryDirectory } from '../support/temporary-directory';

let child: string;
beforeAll(async () => {
  child = await bundle('test/torture/support/transferring.ts');
});

const random = (seed: number): string => Buffer.from(splitmix64(seed, 600_000)).toString('latin1');

type Team = { readonly ada: Verbal; readonly address: string; readonly places: IPlaces };

async function publish(): Promise<Team> {
  const place = join(temporaryDirectory(), 'place');
  mkdirSync(place);
  const places = newPlaces();
  const { namespaces } = await places.connect(place);
  await namespaces.create({ name: 'ml', kind: 'team', title: 'ML', label: 'unclassified', git: null });
  const ada = await openVerbs(undefined, places);
  await ada.run('init', {});
  await ada.snapshot({ 'a.txt': 'one\n', 'data/a.bin': random(1) }, 'first');
  await ada.run('push', { to: `${place}/ml/iris` });
  return { ada, address: `${place}/ml/iris`, places };
}

function kill(verb: string, folder: string, address: string, when: string): void {
  const { signal, stderr, status } = spawnSync(process.execPath, [child, verb, folder, address, when], {
    encoding: 'utf8'
  });
  expect({ signal, stderr, status }).toEqual({ signal: 'SIGKILL', stderr: '', status: null });
}

/** At night all; else every second. */
const some = <T>(points: readonly T[]): readonly T[] => points.filter((_, index) => isNightly || index % 2 === 0);

async function expectWhole({ root }: Verbal, { places }: Team): Promise<void> {
  const fresh = await openVerbs(root, places);
  expect(
    (await fresh.run('check', { readData: true })).findings.filter(({ severity }) => severity === 'error')
  ).toEqual([]);
  expect((await fresh.run('status', {})).changes).toEqual([]);
  expect(git(root, 'fsck', '--strict', '--no-dangling')).toBe('');
}

describe('a clone that is killed', () => {
  it.each(
    some([
      ['while history comes', 'phase:Bringing the history', false],
      ['while assets come', 'phase:receiving', false],
      ['before its files come', 'file:rename:/branchbook/journal/', true],
      ['between files and branch', 'file:rename:/\\.git/refs/heads/', true],
      ['before it is complete', 'file:unlink:/cloning\\.json$', true]
    ])
  )('%s: the next one goes on', { timeout: patience }, async (_, when, assetsAreHere) => {
    const team = await publish();
    const folder = join(temporaryDirectory(), 'ben');
    kill('clone', folder, team.address, when);
    const { result, ...ben } = await cloneVerbs(team.address, { folder }, team.places);
    expect(ben.read()).toEqual(team.ada.read());
    if (assetsAreHere) {
      expect(result.transfer.transferred).toBe(0);
    }
    await expectWhole(ben, team);
    expect(existsSync(join(folder, '.git/branchbook/cloning.json'))).toBe(false);
  });
});

describe('a push that is killed', () => {
  it.each(
    some([
      ['while assets go', 'phase:sending', false],
      ['while history goes', 'phase:Sending the history', true],
      ['before it notes what it did', 'file:rename:/refs/remotes/', true]
    ])
  )(
    '%s: nobody sees anything half, and the next one goes on',
    { timeout: patience },
    async (_, when, assetsAreThere) => {
      const team = await publish();
      const { ada, address, places } = team;
      await ada.snapshot({ 'data/a.bin': random(2), 'data/b.bin': random(3) }, 'second');
      kill('push', ada.root, address, when);
      const between = await cloneVerbs(address, {}, places);
      expect(['first', 'second']).toContain(between.git('log', '-1', '--format=%s').trim());
      expect(Object.values(between.read()).join('')).not.toContain('oid sha256');
      const { transfer } = await ada.run('push', {});
      if (assetsAreThere) {
        expect(transfer.transferred).toBe(0);
      }
      const after = await cloneVerbs(address, {}, places);
      expect(after.read()).toEqual(ada.read());
      await expectWhole(ada, team);
    }
  );
});

describe('a pull that is killed', () => {
  it.each(
    some([
      ['while history comes', 'phase:Bringing the history', false],
      ['while assets come', 'phase:receiving', false],
      ['before the merge', 'file:rename:/branchbook/journal/', true],
      ['in the merge', 'file:rename:/\\.git/refs/heads/', true]
    ])
  )('%s: the next one goes on', { timeout: patience }, async (_, when, assetsAreHere) => {
    const team = await publish();
    const ben = await cloneVerbs(team.address, {}, team.places);
    await team.ada.snapshot({ 'data/a.bin': random(2), 'data/b.bin': random(3) }, 'second');
    await team.ada.run('push', {});
    kill('pull', ben.root, team.address, when);
    const again = await openVerbs(ben.root, team.places);
    const { transfer } = await again.run('pull', {});
    if (assetsAreHere) {
      expect(transfer.transferred).toBe(0);
    }
    expect(again.read()).toEqual(team.ada.read());
    await expectWhole(again, team);
  });
});

describe('cancelled', () => {
  const cancelAt = (phase: string): Activity => {
    const abort = new AbortController();
    return { signal: abort.signal, onProgress: step => step.phase === phase && abort.abort() };
  };

  it.each(['Bringing the history', 'receiving'])('a clone while it is %s leaves nothing', async phase => {
    const { address, places } = await publish();
    const cwd = temporaryDirectory();
    const cloning = runAccountOperation(accountAt(cwd, places), accountOperations.clone, { address }, cancelAt(phase));
    await expect(cloning).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(readdirSync(cwd)).toEqual([]);
  });

  it.each(
    some([
      ['push', 'sending'],
      ['push', 'Sending the history'],
      ['pull', 'Bringing the history'],
      ['pull', 'receiving']
    ] as const)
  )('a %s while it is %s changes nothing, and keeps nobody out', { timeout: patience }, async (verb, phase) => {
    const team = await publish();
    const ben = await cloneVerbs(team.address, {}, team.places);
    const other = verb === 'push' ? ben : team.ada;
    await other.snapshot({ 'data/b.bin': random(4) }, 'second');
    if (verb === 'pull') {
      await other.run('push', {});
    }
    const head = ben.git('rev-parse', 'HEAD');
    const activity = cancelAt(phase);
    const running =
      verb === 'push'
        ? runOperation(ben.project, operations.push, {}, activity)
        : runOperation(ben.project, operations.pull, {}, activity);
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(ben.git('rev-parse', 'HEAD')).toBe(head);
    expect(readdirSync(join(ben.root, '.git/branchbook/transport'))).toEqual([]);
    await expectWhole(ben, team);
    await ben.run(verb, {});
    await team.ada.run('pull', {});
    expect(team.ada.read()).toEqual(ben.read());
  });
});
