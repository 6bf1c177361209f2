/** `check --repair` where only a remote has a good copy: a folder, a hub, and a git host's storage of large files. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { splitmix64 } from '../support/random-bytes';
import { useSharing } from '../support/shared-project';
import { bareRepository, cloneVerbs, newPlaces } from '../support/sharing';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';

const sharing = useSharing();
const random = (seed: number, size = 400_000): string => Buffer.from(splitmix64(seed, size)).toString('hex');
const versions = [{ 'data/a.bin': random(1) }, { 'data/a.bin': random(2) }];

type Kind = 'folder' | 'hub' | 'git-lfs';

/** A full clone whose history needs a version that its files do not have. */
async function clone(kind: Kind): Promise<Verbal> {
  if (kind !== 'git-lfs') {
    const { address, places, ada } = await sharing.publish(kind, ...versions);
    expect(ada.root).not.toBe('');
    const made = await cloneVerbs(address, {}, places);
    await made.run('pull', { assets: 'all' });
    return made;
  }
  const bare = bareRepository();
  const places = newPlaces();
  const ada = await openVerbs(undefined, places);
  await ada.run('init', {});
  for (const files of versions) {
    await ada.snapshot(files);
  }
  await ada.run('remote', { action: 'add', name: 'origin', address: bare });
  await ada.run('push', {});
  // The folder's own copies are looked at before anybody is asked: they are what is to be tried here.
  const made = await cloneVerbs(`file://${bare}`, {}, places);
  await made.run('pull', { assets: 'all' });
  return made;
}

function packs({ project }: Verbal): readonly string[] {
  const folder = join(project.home, 'xorbs');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
}

function flipMiddle(path: string): void {
  const bytes = readFileSync(path);
  bytes[Math.floor(statSync(path).size / 2)]! ^= 1;
  writeFileSync(path, bytes);
}

describe.each(['folder', 'hub', 'git-lfs'] as const)('with a remote that is a %s', kind => {
  it('damaged chunks and missing packs are whole again, and it says from where', async () => {
    const damaged = await clone(kind);
    packs(damaged).forEach(flipMiddle);
    const found = await damaged.run('check', { readData: true });
    expect(found.findings.length).toBeGreaterThan(0);
    const { findings, repaired } = await damaged.run('check', { readData: true, repair: true });
    expect(findings).toEqual([]);
    expect(repaired.map(({ from }) => from).join()).toContain(kind === 'git-lfs' ? 'origin' : 'the remote origin');

    packs(damaged).forEach(path => rmSync(path));
    const again = await openVerbs(damaged.root, damaged.project.places);
    expect((await again.run('check', { readData: true, repair: true })).findings).toEqual([]);
    const { file } = await again.run('get', { address: 'data/a.bin@main~1' });
    expect(readFileSync(file, 'utf8')).toBe(random(1));
    expect(readdirSync(join(again.project.home, 'transport'))).toEqual([]);
  });
});

it('a remote that does not answer is named, and the damage stays told', async () => {
  const damaged = await clone('hub');
  packs(damaged).forEach(flipMiddle);
  damaged.git('config', 'remote.origin.branchbook', 'http://127.0.0.1:1/team/iris');
  const { findings } = await damaged.run('check', { readData: true, repair: true });
  expect(findings.filter(({ severity }) => severity === 'error').length).toBeGreaterThan(0);
  const unasked = findings.filter(({ code }) => code === 'PLACE_UNREACHABLE');
  expect(unasked).toMatchObject([{ severity: 'warning', object: 'origin' }]);
});
