/** The verbs that only look: compare, versions, show, assets, check. */
import { readFileSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { asset } from './fixture';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';

async function project(): Promise<Verbal> {
  const verbs = await openVerbs();
  await verbs.snapshot({ 'd.bin': asset('one'), 'metrics/m.json': '{"auc": 0.5}', 'gone.txt': 'x\n' }, 'first');
  await verbs.run('branch', { action: 'create', name: 'other', switch: true });
  await verbs.snapshot(
    { 'd.bin': asset('two', 9000), 'metrics/m.json': '{"auc": 0.75}', 'gone.txt': null, 'n.txt': 'n\n' },
    'second'
  );
  await verbs.run('switch', { branch: 'main' });
  return verbs;
}

describe('compare', () => {
  it('tells distance, files and metrics', async () => {
    const verbs = await project();
    const result = await verbs.run('compare', { revisions: ['main', 'other'] });
    expect(result.revisions).toMatchObject([
      { name: 'main', ahead: 0, behind: 0 },
      { name: 'other', ahead: 1, behind: 0 }
    ]);
    expect(result.files).toEqual([
      { path: 'd.bin', kind: 'file', asset: true, sizes: [5000, 9000], change: [null, 'modified'] },
      { path: 'gone.txt', kind: 'code', asset: false, sizes: [2, null], change: [null, 'removed'] },
      { path: 'metrics/m.json', kind: 'metrics', asset: false, sizes: [12, 13], change: [null, 'modified'] },
      { path: 'n.txt', kind: 'code', asset: false, sizes: [null, 2], change: [null, 'new'] }
    ]);
    expect(result.metrics).toEqual([{ path: 'metrics/m.json', name: 'auc', values: [0.5, 0.75], direction: 'higher' }]);
  });

  it('takes one revision against the current branch, and only some paths', async () => {
    const verbs = await project();
    const result = await verbs.run('compare', { revisions: ['other'], paths: ['metrics'] });
    expect(result.revisions.map(({ name }) => name)).toEqual(['main', 'other']);
    expect(result.files.map(({ path }) => path)).toEqual(['metrics/m.json']);
    expect(await verbs.fail('compare', { revisions: [] })).toMatchObject({ code: 'USAGE' });
    expect(await verbs.fail('compare', { revisions: ['main', 'nobody'] })).toMatchObject({ code: 'REVISION_UNKNOWN' });
  });
});

describe('versions and show', () => {
  it('list what made a file, removal included', async () => {
    const verbs = await project();
    await verbs.run('merge', { branch: 'other' });
    const { versions } = await verbs.run('versions', { path: 'gone.txt' });
    expect(versions.map(({ subject, size }) => [subject, size])).toEqual([
      ['second', null],
      ['first', 2]
    ]);
    const binary = (await verbs.run('versions', { path: 'd.bin' })).versions;
    expect(binary.map(({ size, current }) => [size, current])).toEqual([
      [9000, true],
      [5000, false]
    ]);
    expect(binary[0]!.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await verbs.fail('versions', { path: 'nothing' })).toMatchObject({ code: 'PATH_UNKNOWN' });
    expect(await verbs.fail('versions', { path: '../x' })).toMatchObject({ code: 'PATH_UNSAFE' });
  });

  it('describe a version with its chunks, and a snapshot with its changes', async () => {
    const verbs = await project();
    const version = await verbs.run('show', { address: 'd.bin@other', chunks: true });
    expect(version).toMatchObject({ kind: 'version', version: { subject: 'second', size: 9000, current: false } });
    expect(version.kind === 'version' && version.chunks!.reduce((sum, chunk) => sum + chunk.length, 0)).toBe(9000);
    const snapshot = await verbs.run('show', { address: 'other' });
    expect(snapshot.kind === 'snapshot' && snapshot.changes.map(({ path, kind }) => [path, kind])).toEqual([
      ['d.bin', 'modified'],
      ['gone.txt', 'removed'],
      ['metrics/m.json', 'modified'],
      ['n.txt', 'new']
    ]);
  });
});

describe('assets', () => {
  it('say kind, size, last snapshot and change', async () => {
    const verbs = await project();
    verbs.write({ 'd.bin': asset('three'), 'new.bin': asset('new', 100) });
    const { branch, assets } = await verbs.run('assets', {});
    expect(branch).toBe('main');
    expect(assets).toMatchObject([
      { path: 'd.bin', size: 5000, change: 'modified', here: true, last: { subject: 'first' } },
      { path: 'metrics/m.json', kind: 'metrics', size: 12, change: null, here: true, last: { subject: 'first' } },
      { path: 'new.bin', size: 100, change: 'new', here: true, last: null }
    ]);
    const other = await verbs.run('assets', { revision: 'other' });
    expect(other.assets).toMatchObject([
      { path: 'd.bin', size: 9000, change: null, last: { subject: 'second' } },
      { path: 'metrics/m.json', size: 13, change: null, last: { subject: 'second' } }
    ]);
  });

  it('list metrics, which git itself stores, with versions that get and restore take', async () => {
    const verbs = await project();
    verbs.write({ 'metrics/m.json': '{"auc": 1}', 'metrics/new.yaml': 'auc: 1\n', 'metrics/notes.md': 'x\n' });
    const changed = (await verbs.run('assets', {})).assets.filter(({ kind }) => kind === 'metrics');
    expect(changed.map(({ path, change }) => [path, change])).toEqual([
      ['metrics/m.json', 'modified'],
      ['metrics/new.yaml', 'new']
    ]);
    await verbs.run('snapshot', { message: 'third' });
    const { versions } = await verbs.run('versions', { path: 'metrics/m.json' });
    expect(versions.map(({ subject, sha256, size, current }) => [subject, sha256, size, current])).toEqual([
      ['third', null, 10, true],
      ['first', null, 12, false]
    ]);
    const { address } = versions[1]!;
    const got = await verbs.run('get', { address });
    expect(readFileSync(got.file, 'utf8')).toBe('{"auc": 0.5}');
    expect(await verbs.run('show', { address })).toMatchObject({ assetKind: 'metrics', version: { size: 12 } });
    await verbs.run('restore', { addresses: [address] });
    expect(verbs.read()['metrics/m.json']).toBe('{"auc": 0.5}');
    verbs.write({ 'metrics/new.yaml': null });
    const after = (await verbs.run('assets', {})).assets.filter(({ kind }) => kind === 'metrics');
    expect(after.map(({ path, change }) => [path, change])).toEqual([
      ['metrics/m.json', 'modified'],
      ['metrics/new.yaml', 'removed']
    ]);
    const { metrics } = await verbs.run('compare', { revisions: ['main~1', 'main'] });
    expect(metrics).toEqual([
      { path: 'metrics/m.json', name: 'auc', values: [0.5, 1], direction: 'higher' },
      { path: 'metrics/new.yaml', name: 'auc', values: [null, 1], direction: 'higher' }
    ]);
  });
});

describe('check', () => {
  it('counts everything on all branches, and misses what is gone', async () => {
    const verbs = await project();
    expect(await verbs.run('check', { readData: true })).toEqual({
      findings: [],
      repaired: [],
      commits: 2,
      assets: 2,
      bytes: 14_000,
      absent: { assets: 0, bytes: 0 }
    });
    rmSync(`${verbs.project.home}/shards`, { recursive: true });
    rmSync(`${verbs.project.home}/xorbs`, { recursive: true });
    const fresh = await openVerbs(verbs.root);
    const { findings } = await fresh.run('check', {});
    const missing = findings.filter(({ code }) => code === 'MISSING');
    expect(missing.map(({ severity }) => severity).sort()).toEqual(['error', 'warning']);
  });
});
