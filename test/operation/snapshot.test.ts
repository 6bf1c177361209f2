import { appendFileSync, chmodSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { factsOf, provenanceOf } from '../../src/core/model/trailer';
import { runOperation } from '../../src/core/operation/run';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { statusOperation } from '../../src/core/operation/status';
import type { IFileSystem } from '../../src/core/port';
import { asset, createSandbox, expectHealthy, notebook } from './fixture';
import type { Sandbox } from './fixture';

/** The same file system with some calls replaced. */
function withCalls(files: IFileSystem, calls: Partial<IFileSystem>): IFileSystem {
  return Object.assign(Object.create(files), calls) as IFileSystem;
}

function lastMessage(sandbox: Sandbox): string {
  return sandbox.git('log', '-1', '--format=%B').replace(/\n$/, '');
}

describe('snapshot', () => {
  it('makes the first commit of a new repository, and status agrees with git', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ 'a.ipynb': notebook('1'), 'data/x.bin': asset('x'), 'run.sh': '!echo', link: '→ a.ipynb' });
    expect((await sandbox.run(statusOperation, {})).summary).toBe('On main, before its first snapshot. 5 new files.');
    const result = await sandbox.run(snapshotOperation, {});
    expect(result.snapshot.subject).toBe('Snapshot 5 files');
    expect(result.assets).toMatchObject([{ path: 'data/x.bin', size: 5000, previous: null }]);
    expect(sandbox.git('status', '--porcelain')).toBe('');
    expect(sandbox.git('lfs', 'ls-files', '--name-only')).toBe('data/x.bin\n');
    expect(sandbox.git('ls-files', '-s')).toMatch(/100755 .*run\.sh/);
    expect(sandbox.git('ls-files', '-s')).toMatch(/120000 .*link/);
    expect((await sandbox.run(statusOperation, {})).clean).toBe(true);
    await expectHealthy(sandbox);
  });

  it('takes only the named paths and folders, and removals', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ 'a/1': '1', 'a/2': '2', b: 'b', c: 'c' });
    await sandbox.run(snapshotOperation, {});
    sandbox.write({ 'a/1': 'one', 'a/2': null, b: null, c: 'C' });
    const result = await sandbox.run(snapshotOperation, { paths: ['a', 'b'], message: 'some' });
    expect(result.changes.map(change => [change.path, change.kind])).toEqual([
      ['a/1', 'modified'],
      ['a/2', 'removed'],
      ['b', 'removed']
    ]);
    expect(sandbox.git('status', '--porcelain')).toBe(' M c\n');
    await expect(sandbox.run(snapshotOperation, { paths: ['nowhere'] })).rejects.toMatchObject({
      code: 'PATH_UNKNOWN'
    });
    await expect(sandbox.run(snapshotOperation, { paths: ['../x'] })).rejects.toMatchObject({ code: 'PATH_UNSAFE' });
    await expect(sandbox.run(snapshotOperation, { paths: ['a'] })).rejects.toMatchObject({
      code: 'NOTHING_TO_SNAPSHOT'
    });
    await expectHealthy(sandbox);
  });

  it('leaves what the user staged for other paths staged', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ a: 'a', b: 'b' });
    await sandbox.run(snapshotOperation, {});
    sandbox.write({ a: 'A', b: 'B', c: 'c' });
    sandbox.git('add', 'b', 'c');
    await sandbox.run(snapshotOperation, { paths: ['a'] });
    expect(sandbox.git('status', '--porcelain')).toBe('M  b\nA  c\n');
    await expectHealthy(sandbox);
  });

  it('records message, provenance and facts, and tells the version before', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ 'x.bin': asset('1') });
    const facts = { path: 'x.bin', rows: 3, columns: 2, type: 'pandas' };
    await sandbox.run(snapshotOperation, { facts: [facts] });
    sandbox.write({ 'x.bin': asset('2', 7000) });
    const provenance = { notebook: 'n.ipynb', cell: 'c1', kernel: 'python3', libraries: { pandas: '2.0' } };
    const result = await sandbox.run(snapshotOperation, { message: 'clean\n\nBranchbook-Cell: not ours', provenance });
    expect(result.assets[0]).toMatchObject({ size: 7000, previous: { size: 5000, facts }, facts: null });
    expect(result.snapshot).toMatchObject({ subject: 'clean', provenance, author: { email: 'ada@example.org' } });
    expect(provenanceOf(lastMessage(sandbox))).toEqual(provenance);
    expect(factsOf(lastMessage(sandbox))).toEqual([]);
  });

  it('tracks new large files as assets, with a rule for exactly that path and a notice', async () => {
    const sandbox = await createSandbox();
    const large = 'x'.repeat(1024 * 1024 + 1);
    sandbox.write({ 'odd [name] *.dat': large, 'big.ipynb': notebook(large), small: 's' });
    const result = await sandbox.run(snapshotOperation, {});
    expect(result.notices).toHaveLength(1);
    expect(result.assets.map(file => file.path)).toEqual(['odd [name] *.dat']);
    expect(sandbox.git('lfs', 'ls-files', '--name-only')).toBe('odd [name] *.dat\n');
    expect(sandbox.git('status', '--porcelain')).toBe('');
    await expectHealthy(sandbox);
    sandbox.write({ 'odd [name] *.dat': `${large}more` });
    expect((await sandbox.run(snapshotOperation, {})).notices).toEqual([]);
    expect(sandbox.read()['.gitattributes']!.split('\n')).toHaveLength(3);
  });

  it('takes an ignored file that was named, and says so; nested repositories are skipped', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ '.gitignore': 'secret*\n', 'secret.txt': 's' });
    mkdirSync(join(sandbox.root, 'nested'));
    const { git } = await import('./fixture');
    git(join(sandbox.root, 'nested'), 'init', '-q');
    sandbox.write({ 'nested/file': 'x' });
    expect((await sandbox.run(snapshotOperation, {})).changes.map(change => change.path)).toEqual([
      '.gitattributes',
      '.gitignore'
    ]);
    const result = await sandbox.run(snapshotOperation, { paths: ['secret.txt'] });
    expect(result.notices[0]).toContain('ignored');
    expect(sandbox.git('ls-files')).toContain('secret.txt');
  });

  it('works with a detached HEAD', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ a: 'a' });
    await sandbox.run(snapshotOperation, {});
    sandbox.git('checkout', '-q', '--detach');
    sandbox.write({ a: 'A' });
    const { snapshot } = await sandbox.run(snapshotOperation, {});
    expect(sandbox.git('rev-parse', 'HEAD')).toBe(`${snapshot.id}\n`);
    expect(sandbox.git('rev-parse', 'main')).not.toBe(`${snapshot.id}\n`);
    await expectHealthy(sandbox);
  });

  it('refuses without an identity, and when nothing changed', async () => {
    const sandbox = await createSandbox();
    await sandbox.run(snapshotOperation, {});
    await expect(sandbox.run(snapshotOperation, {})).rejects.toMatchObject({ code: 'NOTHING_TO_SNAPSHOT' });
    const before = sandbox.git('rev-parse', 'HEAD');
    await sandbox.run(snapshotOperation, { allowEmpty: true, message: 'empty' });
    expect(sandbox.git('rev-parse', 'HEAD~1')).toBe(before);
  });

  it('refuses a notebook that is half written, and changes nothing', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ 'a.ipynb': notebook('1'), b: 'b' });
    await sandbox.run(snapshotOperation, {});
    const before = sandbox.git('rev-parse', 'HEAD');
    sandbox.write({ 'a.ipynb': notebook('a longer one').slice(0, 120), b: 'B' });
    await expect(sandbox.run(snapshotOperation, {})).rejects.toMatchObject({
      code: 'NOTEBOOK_TORN',
      data: { path: 'a.ipynb' }
    });
    expect(sandbox.git('rev-parse', 'HEAD')).toBe(before);
    expect(sandbox.git('status', '--porcelain')).toBe(' M a.ipynb\n M b\n');
  });

  it('waits for a notebook whose save completes meanwhile', async () => {
    const sandbox = await createSandbox();
    const whole = notebook('whole');
    sandbox.write({ 'a.ipynb': whole.slice(0, 50) });
    const saving = setTimeout(() => writeFileSync(join(sandbox.root, 'a.ipynb'), whole), 100);
    await sandbox.run(snapshotOperation, {});
    clearTimeout(saving);
    expect(sandbox.git('show', 'HEAD:a.ipynb')).toBe(whole);
  });

  it.each(['a.bin', 'a.txt'])('refuses %s that keeps changing while it is read', async path => {
    const sandbox = await createSandbox();
    sandbox.write({ [path]: asset('1') });
    const grow = (): void => appendFileSync(join(sandbox.root, path), 'more');
    const files = withCalls(sandbox.project.files, {
      readFile: async name => {
        const bytes = await sandbox.project.files.readFile(name);
        if (name.endsWith(path)) {
          grow();
        }
        return bytes;
      }
    });
    // The time is asked for between every look at a file and its reading.
    const now = (): number => {
      grow();
      return sandbox.project.clock.now();
    };
    const project = { ...sandbox.project, files, clock: { ...sandbox.project.clock, now } };
    await expect(runOperation(project, snapshotOperation, { paths: [path] })).rejects.toMatchObject({
      code: 'FILE_CHANGED'
    });
    expect(() => sandbox.git('rev-parse', '--verify', '-q', 'HEAD')).toThrow();
  });

  it('records one moment of a file that changes once', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ 'a.bin': asset('1') });
    let changed = false;
    const store = Object.create(sandbox.project.store) as typeof sandbox.project.store;
    store.begin = async () => {
      const session = await sandbox.project.store.begin();
      const watched = Object.create(session) as typeof session;
      watched.add = async (path, activity) => {
        const result = await session.add(path, activity);
        if (!changed) {
          changed = true;
          writeSync(openSync(path, 'r+'), 'CHANGED', 0);
        }
        return result;
      };
      watched.addUnchanged = async files => files.map(() => null);
      return watched;
    };
    await runOperation({ ...sandbox.project, store }, snapshotOperation, { paths: ['a.bin'] });
    expect(changed).toBe(true);
    expect(sandbox.git('status', '--porcelain', 'a.bin')).toBe('');
    await expectHealthy(sandbox);
  });

  it('refuses a file it may not read', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ 'a.txt': 'a', b: 'b' });
    chmodSync(join(sandbox.root, 'a.txt'), 0o000);
    // The superuser may read everything; then the refusal comes from the file system itself.
    const denied = withCalls(sandbox.project.files, {
      readFile: async path => {
        if (path.endsWith('/a.txt')) {
          const { BranchbookError } = await import('../../src/core/error');
          throw new BranchbookError('PERMISSION_DENIED', 'permission denied');
        }
        return sandbox.project.files.readFile(path);
      }
    });
    await expect(runOperation({ ...sandbox.project, files: denied }, snapshotOperation, {})).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      data: { path: 'a.txt' }
    });
    expect(sandbox.git('ls-files')).toBe('');
  });
});
