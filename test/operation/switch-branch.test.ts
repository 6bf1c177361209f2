import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { switchOperation } from '../../src/core/operation/switch-branch';
import { undoOperation } from '../../src/core/operation/undo';
import { asset, createSandbox, expectHealthy, notebook } from './fixture';
import type { Files, Sandbox } from './fixture';

/** `main` has `first`, `other` (branched from it) has `second` on top. HEAD is on `other`. */
async function twoBranches(first: Files, second: Files): Promise<Sandbox> {
  const sandbox = await createSandbox();
  sandbox.write(first);
  await sandbox.run(snapshotOperation, { message: 'first' });
  sandbox.git('branch', 'other');
  await sandbox.run(switchOperation, { branch: 'other' });
  sandbox.write(second);
  await sandbox.run(snapshotOperation, { message: 'second' });
  return sandbox;
}

async function roundTrip(first: Files, second: Files): Promise<void> {
  const sandbox = await twoBranches(first, second);
  const other = sandbox.read();
  await expectHealthy(sandbox);
  await sandbox.run(switchOperation, { branch: 'main' });
  const main = sandbox.read();
  expect(main).toEqual({ '.gitattributes': other['.gitattributes'], ...first });
  await expectHealthy(sandbox);
  expect(sandbox.git('status', '--porcelain')).toBe('');
  await sandbox.run(switchOperation, { branch: 'other' });
  expect(sandbox.read()).toEqual(other);
  await expectHealthy(sandbox);
  await sandbox.run(switchOperation, { branch: 'main' });
  expect(sandbox.read()).toEqual(main);
  expect(sandbox.git('symbolic-ref', 'HEAD')).toBe('refs/heads/main\n');
}

describe('switch', () => {
  it('moves notebooks, assets and metrics back and forth', () =>
    roundTrip(
      { 'a.ipynb': notebook('1'), 'data/x.bin': asset('x'), 'metrics.json': '{"a": 1}', 'keep.txt': 'same' },
      { 'a.ipynb': notebook('2'), 'data/x.bin': asset('y', 9000), 'metrics.json': null, 'new/deep/z.bin': asset('z') }
    ));

  it('keeps symbolic links as links', () =>
    roundTrip(
      { 'a.txt': 'a', link: '→ a.txt', outside: '→ /etc/passwd', 'folder/x': 'x' },
      { link: '→ ../elsewhere', outside: 'a file now', 'a.txt': '→ outside' }
    ));

  it('turns folders into files and files into folders', () =>
    roundTrip(
      { thing: 'file', 'other/a': 'a', 'other/b/c': 'c', link: '→ other' },
      { thing: null, 'thing/x/y.bin': asset('y'), other: null, link: null, 'link/inside': 'i' }
    ));

  it('turns a folder into a file', () =>
    roundTrip({ 'thing/a': 'a', 'thing/b/c': 'c', z: 'z' }, { thing: null, 'thing.txt': 'x' }));

  it('renames in case only, and moves an asset to another name without copying', async () => {
    await roundTrip(
      { 'Readme.md': 'text', 'data/one.bin': asset('same') },
      { 'Readme.md': null, 'README.md': 'text', 'data/one.bin': null, 'data/two.bin': asset('same') }
    );
  });

  it('follows the executable bit, of scripts and of assets', () =>
    roundTrip({ 'run.sh': 'echo', 'tool.bin': asset('t') }, { 'run.sh': '!echo', 'tool.bin': `!${asset('t')}` }));

  it('handles the same asset under two names', () =>
    roundTrip(
      { 'a.bin': asset('same'), 'b.bin': asset('same') },
      { 'a.bin': asset('other'), 'b.bin': asset('other'), 'c.bin': asset('same') }
    ));

  it('handles empty files and awkward names', () =>
    roundTrip(
      { 'empty.bin': '', 'with space "quoted".txt': 'x', 'é/ünï.txt': 'u', '-dash': 'd', 'a\nb': 'n' },
      { 'empty.bin': asset('full'), 'with space "quoted".txt': 'y', é: null, '-dash': null, 'a\nb': 'm' }
    ));

  it('says what changed on disk, and moves the file itself', async () => {
    const sandbox = await twoBranches(
      { 'a.bin': asset('1'), 'gone.txt': 'x' },
      { 'a.bin': asset('2'), 'gone.txt': null, 'new.txt': 'n' }
    );
    const inode = statSync(join(sandbox.root, 'a.bin')).ino;
    const result = await sandbox.run(switchOperation, { branch: 'main' });
    expect(result).toMatchObject({
      from: 'other',
      to: 'main',
      changed: ['a.bin'],
      added: ['gone.txt'],
      removed: ['new.txt']
    });
    await sandbox.run(switchOperation, { branch: 'other' });
    expect(statSync(join(sandbox.root, 'a.bin')).ino).toBe(inode);
  });

  it('refuses to overwrite unsnapshotted work, naming each path, and changes nothing', async () => {
    const sandbox = await twoBranches(
      { 'a.txt': 'a', 'b.bin': asset('b'), 'c.txt': 'c' },
      { 'a.txt': 'A', 'b.bin': asset('B'), 'c.txt': null, 'd/e.txt': 'e' }
    );
    sandbox.write({ 'a.txt': 'mine', 'b.bin': asset('mine'), 'c.txt': 'untracked', 'd/e.txt': null });
    const before = sandbox.read();
    await expect(sandbox.run(switchOperation, { branch: 'main' })).rejects.toMatchObject({
      code: 'WORK_TREE_DIRTY',
      data: {
        paths: [
          { path: 'a.txt', reason: 'modified, not snapshotted' },
          { path: 'b.bin', reason: 'modified, not snapshotted' },
          { path: 'c.txt', reason: 'not snapshotted' }
        ]
      }
    });
    expect(sandbox.read()).toEqual(before);
    expect(sandbox.git('symbolic-ref', 'HEAD')).toBe('refs/heads/other\n');
    await expectHealthy(sandbox);
  });

  it('refuses when an untracked or ignored file stands where a file or folder should come', async () => {
    const sandbox = await twoBranches(
      { 'x/y': 'y', z: 'z', '.gitignore': 'ignored\n', ignored2: 'i' },
      { x: null, z: null }
    );
    sandbox.write({ x: 'untracked', 'z/ignored': 'precious' });
    await expect(sandbox.run(switchOperation, { branch: 'main' })).rejects.toMatchObject({
      code: 'WORK_TREE_DIRTY',
      data: { paths: [{ path: 'x' }, { path: 'z/ignored' }] }
    });
    expect(sandbox.read()).toMatchObject({ x: 'untracked', 'z/ignored': 'precious' });
  });

  it('carries changes that both branches agree on', async () => {
    const sandbox = await twoBranches({ 'a.txt': 'a', 'same.txt': 's', 'same.bin': asset('s') }, { 'a.txt': 'A' });
    sandbox.write({ 'same.txt': 'mine', 'same.bin': asset('mine'), 'untracked.txt': 'u' });
    const result = await sandbox.run(switchOperation, { branch: 'main' });
    expect(result.carried).toEqual(['same.bin', 'same.txt', 'untracked.txt']);
    expect(sandbox.read()).toMatchObject({
      'same.txt': 'mine',
      'same.bin': asset('mine'),
      'untracked.txt': 'u',
      'a.txt': 'a'
    });
    await expectHealthy(sandbox);
  });

  it('parks changes on the branch that is switched to, when that is where we are', async () => {
    const sandbox = await twoBranches({ 'a.bin': asset('a') }, { 'a.bin': asset('A') });
    sandbox.write({ 'a.bin': asset('edited') });
    const result = await sandbox.run(switchOperation, { branch: 'other', changes: 'park' });
    expect(sandbox.git('rev-parse', 'other')).toBe(`${result.parked}\n`);
    expect(result.commit).toBe(result.parked);
    expect(sandbox.read()).toMatchObject({ 'a.bin': asset('edited') });
    expect(sandbox.git('status', '--porcelain')).toBe('');
  });

  it('parks changes as a snapshot on the branch they belong to', async () => {
    const sandbox = await twoBranches({ 'a.txt': 'a' }, { 'a.txt': 'A' });
    sandbox.write({ 'a.txt': 'mine', 'new.bin': asset('n') });
    const result = await sandbox.run(switchOperation, { branch: 'main', changes: 'park' });
    expect(sandbox.git('log', '-1', '--format=%H %s', 'other')).toBe(`${result.parked} Parked changes\n`);
    expect(sandbox.read()).toEqual({ '.gitattributes': expect.any(String), 'a.txt': 'a' });
    await sandbox.run(switchOperation, { branch: 'other' });
    expect(sandbox.read()).toMatchObject({ 'a.txt': 'mine', 'new.bin': asset('n') });
  });

  it('discards, and undo brings the discarded work back', async () => {
    const sandbox = await twoBranches(
      { 'a.txt': 'a', 'b.bin': asset('b'), 'c.txt': 'c' },
      { 'a.txt': 'A', 'b.bin': asset('B') }
    );
    sandbox.write({ 'a.txt': '!mine', 'b.bin': asset('mine'), 'c.txt': null, 'untracked.txt': 'u' });
    const before = sandbox.read();
    await sandbox.run(switchOperation, { branch: 'main', changes: 'discard' });
    expect(sandbox.read()).toEqual({
      '.gitattributes': expect.any(String),
      'a.txt': 'a',
      'b.bin': asset('b'),
      'c.txt': 'c',
      'untracked.txt': 'u'
    });
    await sandbox.run(undoOperation, {});
    expect(sandbox.read()).toEqual(before);
    await expectHealthy(sandbox);
    await sandbox.run(undoOperation, { redo: true });
    expect(sandbox.read()).toMatchObject({ 'a.txt': 'a', 'b.bin': asset('b'), 'c.txt': 'c', 'untracked.txt': 'u' });
    await sandbox.run(undoOperation, {});
    expect(sandbox.read()).toEqual(before);
    await expectHealthy(sandbox);
  });

  it('never lets a kernel that still writes to a file that left corrupt a version', async () => {
    const sandbox = await twoBranches({ 'a.bin': asset('1') }, { 'a.bin': asset('2') });
    const file = join(sandbox.root, 'a.bin');
    utimesSync(file, 1e9, 1e9);
    sandbox.git('update-index', '-q', '--refresh');
    const descriptor = openSync(file, 'r+');
    try {
      await sandbox.run(switchOperation, { branch: 'main' });
      writeSync(descriptor, 'written by the kernel', 0);
      await sandbox.run(switchOperation, { branch: 'other' });
    } finally {
      closeSync(descriptor);
    }
    expect(readFileSync(file, 'latin1')).toBe(asset('2'));
    await expectHealthy(sandbox);
    const rescued = readdirSync(`${sandbox.project.home}/rescued`);
    expect(readFileSync(`${sandbox.project.home}/rescued/${rescued[0]}`, 'latin1')).toMatch(/^written by the kernel/);
  });

  it('refuses names inside .git and paths behind symbolic links', async () => {
    const sandbox = await twoBranches({ 'folder/x': 'x' }, { 'folder/x': 'X' });
    const elsewhere = join(sandbox.root, '..', `${sandbox.root.split('/').at(-1)}-outside`);
    sandbox.write({ folder: null });
    sandbox.write({ folder: `→ ${elsewhere}` });
    await expect(sandbox.run(switchOperation, { branch: 'main', changes: 'discard' })).rejects.toMatchObject({
      code: 'PATH_UNSAFE'
    });
    expect(existsSync(elsewhere)).toBe(false);
  });

  it('refuses a branch that would write into .git', async () => {
    const sandbox = await twoBranches({ a: 'a' }, { a: 'A' });
    const blob = sandbox.git('hash-object', '-w', '.gitattributes').trim();
    for (const name of ['.GIT', 'git~1', '.g\u200cit']) {
      sandbox.git('read-tree', '--empty');
      const { execFileSync } = await import('node:child_process');
      const inner = execFileSync('git', ['mktree'], {
        cwd: sandbox.root,
        input: `100644 blob ${blob}\tconfig\n`,
        encoding: 'utf8'
      }).trim();
      const tree = execFileSync('git', ['mktree'], {
        cwd: sandbox.root,
        input: `040000 tree ${inner}\t${name}\n`,
        encoding: 'utf8'
      }).trim();
      const commit = sandbox.git('commit-tree', '-m', 'evil', tree).trim();
      sandbox.git('branch', '-f', 'evil', commit);
      sandbox.git('reset', '-q');
      await expect(sandbox.run(switchOperation, { branch: 'evil' })).rejects.toMatchObject({ code: 'PATH_UNSAFE' });
      expect(sandbox.git('symbolic-ref', 'HEAD')).toBe('refs/heads/other\n');
    }
  });

  it('detaches, and comes back', async () => {
    const sandbox = await twoBranches({ a: 'a' }, { a: 'A' });
    await expect(sandbox.run(switchOperation, { branch: 'other~1' })).rejects.toMatchObject({ code: 'BRANCH_UNKNOWN' });
    await sandbox.run(switchOperation, { branch: 'other~1', detach: true });
    expect(sandbox.read()).toMatchObject({ a: 'a' });
    expect(sandbox.git('rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD\n');
    await sandbox.run(switchOperation, { branch: 'other' });
    expect(sandbox.read()).toMatchObject({ a: 'A' });
    expect(sandbox.git('rev-parse', '--abbrev-ref', '@{-1}')).not.toBe('other\n');
    await expectHealthy(sandbox);
  });

  it('says how to keep snapshots that no branch has, as long as nothing keeps them', async () => {
    const sandbox = await twoBranches({ a: 'a' }, { a: 'A' });
    expect((await sandbox.run(switchOperation, { branch: 'main', detach: true })).notices).toEqual([]);
    expect((await sandbox.run(switchOperation, { branch: 'other' })).notices).toEqual([]);
    await sandbox.run(switchOperation, { branch: 'main', detach: true });
    sandbox.write({ a: 'on no branch' });
    const { snapshot } = await sandbox.run(snapshotOperation, {});
    const { notices } = await sandbox.run(switchOperation, { branch: 'other' });
    expect(notices).toEqual([
      expect.stringMatching(new RegExp(`\\b${snapshot.id.slice(0, 8)}\\b.*\`branchbook branch NAME --from`))
    ]);
    await sandbox.run(switchOperation, { branch: snapshot.id.slice(0, 8), detach: true });
    expect((await sandbox.run(switchOperation, { branch: 'main' })).notices).toEqual(notices);
    sandbox.git('tag', 'kept', snapshot.id);
    await sandbox.run(switchOperation, { branch: 'kept', detach: true });
    expect((await sandbox.run(switchOperation, { branch: 'main' })).notices).toEqual([]);
  });

  it('creates the local branch for one that only a remote has, slashes and all', async () => {
    const sandbox = await twoBranches({ a: 'a' }, { a: 'A' });
    sandbox.git('remote', 'add', 'origin', 'https://example.org/x.git');
    sandbox.git('update-ref', 'refs/remotes/origin/team/feature/x', 'main');
    await sandbox.run(switchOperation, { branch: 'team/feature/x' });
    expect(sandbox.git('symbolic-ref', 'HEAD')).toBe('refs/heads/team/feature/x\n');
    expect(sandbox.git('config', 'branch.team/feature/x.merge')).toBe('refs/heads/team/feature/x\n');
    expect(sandbox.read()).toMatchObject({ a: 'a' });
    await expect(sandbox.run(switchOperation, { branch: 'nowhere' })).rejects.toMatchObject({ code: 'BRANCH_UNKNOWN' });
  });

  it('refuses while git is in the middle of a merge', async () => {
    const sandbox = await twoBranches({ a: 'a' }, { a: 'A' });
    sandbox.git('switch', '-q', 'main');
    sandbox.write({ a: 'B' });
    sandbox.git('commit', '-qam', 'B');
    expect(() => sandbox.git('merge', 'other')).toThrow();
    await expect(sandbox.run(switchOperation, { branch: 'other' })).rejects.toMatchObject({
      code: 'OPERATION_IN_PROGRESS',
      data: { state: 'merge' }
    });
  });

  it('can be cancelled before it touches anything', async () => {
    const sandbox = await twoBranches({ a: 'a' }, { a: 'A' });
    const signal = AbortSignal.abort();
    await expect(sandbox.run(switchOperation, { branch: 'main' }, { signal })).rejects.toMatchObject({
      code: 'CANCELLED'
    });
    expect(sandbox.read()).toMatchObject({ a: 'A' });
    await expectHealthy(sandbox);
  });

  it('refuses when the disk cannot hold what has to be rebuilt', async () => {
    const sandbox = await twoBranches({ 'a.bin': asset('1') }, { 'a.bin': asset('2') });
    const full = {
      ...sandbox.project,
      files: Object.assign(Object.create(sandbox.project.files), { freeBytes: async () => 1000 })
    };
    await sandbox.project.files
      .unlink(
        `${sandbox.project.home}/materialized/${await sandbox.project.store.hashFile(join(sandbox.root, 'a.bin'))}`
      )
      .catch(() => undefined);
    for (const { name } of await sandbox.project.files.readdir(`${sandbox.project.home}/materialized`)) {
      await sandbox.project.files.unlink(`${sandbox.project.home}/materialized/${name}`);
    }
    const { runOperation } = await import('../../src/core/operation/run');
    await expect(runOperation(full, switchOperation, { branch: 'main' })).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(sandbox.read()).toMatchObject({ 'a.bin': asset('2') });
    await expectHealthy(sandbox);
  });
});
