/** Whoever wants a content that a lazy clone does not have gets it, or is told how: in a folder and on a hub. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { splitmix64 } from '../support/random-bytes';
import { useSharing } from '../support/shared-project';
import type { Shared } from '../support/shared-project';
import { cloneVerbs } from '../support/sharing';
import type { Verbal } from './verbs';

const sharing = useSharing();
const random = (seed: number): string => Buffer.from(splitmix64(seed, 30_000)).toString('hex');
const rows = (last: string): string => `id,x\n1,a\n2,${last}\n`;

/** Two versions of two assets, and one of a third. */
const first = { 'data/a.bin': random(1), 'data/b.bin': random(2), 'data/t.csv': rows('b') };
const second = { 'data/a.bin': random(3), 'data/t.csv': rows('c') };

type Way = readonly [name: string, use: (clone: Verbal) => Promise<unknown>];

const ways: readonly Way[] = [
  ['get', clone => clone.run('get', { address: 'data/a.bin' })],
  ['get of a version', clone => clone.run('get', { address: 'data/a.bin@main~1' })],
  ['get into a file', clone => clone.run('get', { address: 'data/a.bin', output: `${clone.root}.out` })],
  ['restore', clone => clone.run('restore', { addresses: ['data/a.bin'] })],
  ['restore of a version', clone => clone.run('restore', { addresses: ['data/a.bin@main~1'] })],
  ['switch --all', clone => clone.run('switch', { branch: 'main', all: true })],
  ['switch --only', clone => clone.run('switch', { branch: 'main', only: ['data/**'] })],
  ['show', clone => clone.run('show', { address: 'data/t.csv', page: { offset: 0, limit: 9 } })],
  ['show of a table on disk', clone => clone.run('show', { address: 'data/t.csv', content: true, workTree: true })],
  ['show of bytes on disk', clone => clone.run('show', { address: 'data/a.bin', content: true, workTree: true })],
  ['diff of snapshots', clone => clone.run('diff', { from: 'main~1', to: 'main', path: 'data/t.csv' })],
  ['diff with the file on disk', clone => clone.run('diff', { from: 'main~1', path: 'data/t.csv' })],
  ['diff of bytes', clone => clone.run('diff', { from: 'main~1', to: 'main', path: 'data/a.bin' })],
  ['compare', clone => clone.run('compare', { revisions: ['main~1', 'main'], content: true, drift: true })],
  ['schema', clone => clone.run('schema', { action: 'infer', path: 'data/t.csv' })],
  ['a second work tree', clone => clone.run('branch', { action: 'worktree', name: 'other' })]
];

async function lazy(kind: 'folder' | 'hub'): Promise<Verbal & { readonly ada: Verbal }> {
  const shared = await sharing.publish(kind, first, second);
  return { ...(await lazyCloneOf(shared)), ada: shared.ada };
}

async function lazyCloneOf({ address, places }: Shared): Promise<Verbal> {
  const clone = await cloneVerbs(address, { lazy: true }, places);
  clone.git('branch', 'other');
  return clone;
}

/** From here on nobody answers. */
function cutOff({ git }: Verbal): void {
  git('config', 'remote.origin.branchbook', 'http://127.0.0.1:1/team/iris');
  git('config', 'remote.origin.url', 'http://127.0.0.1:1/team/iris.git');
}

const onDisk = ({ root }: Verbal, path: string): string => readFileSync(join(root, path), 'utf8');

const remotely = ['get', 'switch --all', 'show', 'diff with the file on disk', 'compare'];

describe.each([
  ['folder', ways],
  ['hub', ways.filter(([name]) => remotely.includes(name))]
] as const)('a lazy clone of a %s', (kind, chosen) => {
  it('brings what each verb needs', { timeout: 180_000 }, async () => {
    const shared = await sharing.publish(kind, first, second);
    const untouched = await lazyCloneOf(shared);
    expect(await untouched.run('check', {})).toMatchObject({ findings: [], absent: { assets: 5 } });
    for (const [name, use] of chosen) {
      const clone = await lazyCloneOf(shared);
      // Nothing shows the pointer's text.
      expect(JSON.stringify(await use(clone)), name).not.toContain('git-lfs');
      const { findings, absent } = await clone.run('check', {});
      expect(findings, name).toEqual([]);
      expect(absent.assets, name).toBeLessThan(5);
      const modified = (await clone.run('status', {})).changes.filter(change => change.kind === 'modified');
      expect(modified, name).toHaveLength(name === 'restore of a version' ? 1 : 0);
    }
  });
});

describe('a lazy clone that nobody answers', () => {
  it('says so, and how to go on', { timeout: 180_000 }, async () => {
    const clone = await lazy('folder');
    cutOff(clone);
    for (const [name, use] of ways) {
      const said = await use(clone).then(
        result => JSON.stringify(result),
        (error: { code: string; message: string; hint: string }) => {
          expect(error.code, name).toBe('ASSET_MISSING');
          return `${error.message} ${error.hint}`;
        }
      );
      expect(said, name).toMatch(/cannot be reached|branchbook get/);
    }
    expect(onDisk(clone, 'data/b.bin')).toContain('oid sha256');
    expect((await clone.run('check', {})).findings).toEqual([]);
  });

  it('works on: status, snapshot, switch, merge; and then tells what could not be done', async () => {
    const clone = await lazy('hub');
    cutOff(clone);
    expect((await clone.run('status', {})).absent).toHaveLength(3);
    await clone.run('switch', { branch: 'other' });
    await clone.snapshot({ 'note.txt': 'offline' }, 'offline');
    await clone.run('switch', { branch: 'main' });
    await clone.run('merge', { branch: 'other' });
    for (const verb of ['push', 'pull'] as const) {
      expect(await clone.fail(verb, {})).toMatchObject({ code: 'PLACE_UNREACHABLE', retryable: true });
    }
    expect(await clone.fail('remote', { action: 'check' })).toMatchObject({ code: 'PLACE_UNREACHABLE' });
    expect(clone.read()).toHaveProperty('note.txt');
  });
});

describe('absent contents', () => {
  it('stay what they are in snapshots, merges and switches, and nobody counts them as damage', async () => {
    const clone = await lazy('folder');
    const { ada } = clone;
    await ada.run('branch', { action: 'create', name: 'side' });
    await ada.snapshot({ 'data/b.bin': random(4) }, 'on main');
    await ada.run('switch', { branch: 'side' });
    await ada.snapshot({ 'data/a.bin': random(5) }, 'on the side');
    await ada.run('push', { all: true });

    const before = clone.git('ls-tree', '-r', 'HEAD');
    await clone.snapshot({ 'note.txt': 'x' }, 'note');
    expect(clone.git('ls-tree', '-r', 'HEAD').replace(/.*note\.txt\n/, '')).toBe(before);
    await clone.run('pull', {});
    await clone.run('merge', { branch: 'origin/side' });
    await clone.run('switch', { branch: 'other' });
    await clone.run('switch', { branch: 'main' });
    expect((await clone.run('status', {})).changes).toEqual([]);
    expect(onDisk(clone, 'data/a.bin')).toContain('oid sha256');

    const { missing, removed } = await clone.run('gc', { grace: '0d', expire: '0d' });
    expect({ missing, removed: removed.contents }).toEqual({ missing: 7, removed: 0 });
    expect(await clone.run('check', { readData: true })).toMatchObject({ findings: [], absent: { assets: 7 } });
    // What was brought is not deleted either, nor is it brought again.
    await clone.run('get', { address: 'data/a.bin' });
    await clone.run('gc', { grace: '0d', expire: '0d' });
    expect(await clone.run('check', { repair: true, readData: true })).toMatchObject({
      findings: [],
      repaired: [],
      absent: { assets: 6 }
    });
    expect(onDisk(clone, 'data/a.bin')).toBe(random(5));
  });

  it('of a content that no remote knows of is damage', async () => {
    const clone = await lazy('folder');
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 99999\n`;
    clone.write({ 'lost.txt': pointer });
    const blob = clone.git('hash-object', '-w', '--no-filters', 'lost.txt').trim();
    clone.git('update-index', '--add', '--cacheinfo', `100644,${blob},lost.txt`);
    const tree = clone.git('write-tree').trim();
    clone.git('update-ref', 'refs/heads/main', clone.git('commit-tree', tree, '-p', 'HEAD', '-m', 'lost').trim());
    const { findings } = await clone.run('check', {});
    expect(findings).toMatchObject([{ severity: 'error', code: 'MISSING' }]);
    expect(await clone.fail('gc', {})).toMatchObject({ code: 'PROJECT_DAMAGED' });
  });
});
