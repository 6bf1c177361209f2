import { readFileSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { getOperation } from '../../src/core/operation/get';
import { restoreOperation } from '../../src/core/operation/restore';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { asset, createRepository, createSandbox, expectHealthy, openSandbox } from './fixture';
import type { Sandbox } from './fixture';

async function twoVersions(): Promise<Sandbox> {
  const sandbox = await createSandbox();
  sandbox.write({ 'data/a.bin': asset('1'), 'data/b.txt': 'b1', top: 't' });
  await sandbox.run(snapshotOperation, { facts: [{ path: 'data/a.bin', rows: 1 }] });
  sandbox.write({ 'data/a.bin': asset('2'), 'data/b.txt': 'b2', 'data/c.txt': 'c', top: 'T' });
  await sandbox.run(snapshotOperation, {});
  return sandbox;
}

describe('restore', () => {
  it('brings back one file; HEAD stays, git shows it as modified', async () => {
    const sandbox = await twoVersions();
    const { restored } = await sandbox.run(restoreOperation, { addresses: ['data/a.bin@HEAD~1'] });
    expect(restored).toMatchObject([{ path: 'data/a.bin', size: 5000 }]);
    expect(sandbox.read()).toMatchObject({ 'data/a.bin': asset('1'), 'data/b.txt': 'b2' });
    expect(sandbox.git('status', '--porcelain')).toBe(' M data/a.bin\n');
    await sandbox.run(restoreOperation, { addresses: ['data/a.bin'] });
    expect(sandbox.git('status', '--porcelain')).toBe('');
    await expectHealthy(sandbox);
  });

  it('brings back a whole folder, without files that it did not have', async () => {
    const sandbox = await twoVersions();
    sandbox.write({ 'data/untracked': 'u' });
    const { restored } = await sandbox.run(restoreOperation, { addresses: ['data'], revision: 'HEAD~1' });
    expect(restored.map(file => [file.path, file.size])).toEqual([
      ['data/a.bin', 5000],
      ['data/b.txt', 2],
      ['data/c.txt', null]
    ]);
    expect(sandbox.read()).toMatchObject({
      'data/a.bin': asset('1'),
      'data/b.txt': 'b1',
      'data/untracked': 'u',
      top: 'T'
    });
    expect(sandbox.git('status', '--porcelain')).toBe(
      ' M data/a.bin\n M data/b.txt\n D data/c.txt\n?? data/untracked\n'
    );
    await expectHealthy(sandbox);
  });

  it('brings back a deleted file', async () => {
    const sandbox = await twoVersions();
    sandbox.write({ data: null });
    await sandbox.run(restoreOperation, { addresses: ['data/a.bin', 'data/b.txt'] });
    expect(sandbox.git('status', '--porcelain')).toBe(' D data/c.txt\n');
  });

  it('refuses unknown paths and revisions', async () => {
    const sandbox = await twoVersions();
    await expect(sandbox.run(restoreOperation, { addresses: ['nowhere@HEAD'] })).rejects.toMatchObject({
      code: 'PATH_UNKNOWN'
    });
    await expect(sandbox.run(restoreOperation, { addresses: ['top@nowhere'] })).rejects.toMatchObject({
      code: 'REVISION_UNKNOWN'
    });
    await expect(sandbox.run(restoreOperation, { addresses: [] })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('get', () => {
  it('gives a read-only copy of exactly that version, and the facts recorded with it', async () => {
    const sandbox = await twoVersions();
    const result = await sandbox.run(getOperation, { address: 'data/a.bin@HEAD~1' });
    expect(readFileSync(result.file, 'latin1')).toBe(asset('1'));
    expect(result.file.endsWith('/a.bin')).toBe(true);
    expect(statSync(result.file).mode & 0o222).toBe(0);
    expect(result).toMatchObject({ size: 5000, facts: { rows: 1 }, trusted: true });
    expect(result.snapshot).toBe(sandbox.git('rev-parse', 'HEAD~1').trim());
    expect((await sandbox.run(getOperation, { address: 'data/a.bin@HEAD~1' })).file).toBe(result.file);
  });

  it('never gives a copy that somebody changed', async () => {
    const sandbox = await twoVersions();
    const { file } = await sandbox.run(getOperation, { address: 'data/a.bin' });
    chmodSync(file, 0o644);
    writeFileSync(file, asset('X'));
    const again = await sandbox.run(getOperation, { address: 'data/a.bin' });
    expect(readFileSync(again.file, 'latin1')).toBe(asset('2'));
  });

  it('writes small files and links’ targets where it is told', async () => {
    const sandbox = await twoVersions();
    const output = join(sandbox.root, 'copy.txt');
    const result = await sandbox.run(getOperation, { address: 'data/b.txt@HEAD~1', output });
    expect(result).toMatchObject({ file: output, size: 2 });
    expect(readFileSync(output, 'utf8')).toBe('b1');
  });

  it('says whether the version was made by this user', async () => {
    const sandbox = await twoVersions();
    sandbox.git('config', 'user.email', 'eve@example.org');
    const project = sandbox.project;
    expect((await project.git.identity()).email).toBe('eve@example.org');
    expect((await sandbox.run(getOperation, { address: 'data/a.bin' })).trusted).toBe(false);
  });

  it('does not take a version that came here in our name for ours', async () => {
    const sandbox = await twoVersions();
    const clone = await openSandbox(createRepository());
    clone.write({ '.gitattributes': null });
    clone.git('pull', '-q', sandbox.root, 'main');
    clone.write({ 'gift.pkl': 'gift' });
    await clone.run(snapshotOperation, { message: 'commit: a gift' });
    expect((await clone.run(getOperation, { address: 'gift.pkl' })).trusted).toBe(true);
    sandbox.git('fetch', '-q', clone.root, 'main:gift');
    expect((await sandbox.run(getOperation, { address: 'gift.pkl@gift' })).trusted).toBe(false);
  });

  it('refuses folders', async () => {
    const sandbox = await twoVersions();
    await expect(sandbox.run(getOperation, { address: 'data' })).rejects.toMatchObject({ code: 'PATH_UNKNOWN' });
  });
});
