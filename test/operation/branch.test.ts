import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { operations } from '../../src/core/operation/index';
import { runOperation } from '../../src/core/operation/run';
import { asset, read } from './fixture';
import { openVerbs } from './verbs';

describe('branch', () => {
  it('lists the current one first, then the ones used last', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ 'a.txt': 'a\n' }, 'first');
    await verbs.run('branch', { action: 'create', name: 'unused' });
    await verbs.run('branch', { action: 'create', name: 'zeta', switch: true });
    await verbs.run('switch', { branch: 'main' });
    const { branches } = await verbs.run('branch', { action: 'list' });
    expect(branches.map(({ name, current }) => [name, current])).toEqual([
      ['main', true],
      ['zeta', false],
      ['unused', false]
    ]);
    expect(branches[0]).toMatchObject({ subject: 'first', worktree: null });
  });

  it.each(['with space', '-x', 'a..b', 'a~1', '.hidden', 'x.lock', 'HEAD', 'a\u0007'])(
    'refuses the name %j',
    async name => {
      const verbs = await openVerbs();
      await verbs.snapshot({ 'a.txt': 'a\n' });
      expect(await verbs.fail('branch', { action: 'create', name })).toMatchObject({
        code: 'BRANCH_NAME_INVALID',
        exit: 2
      });
    }
  );

  it.each(['anna/new-features', 'größe', '実験-1', 'a@b'])('takes the name %j', async name => {
    const verbs = await openVerbs();
    await verbs.snapshot({ 'a.txt': 'a\n' });
    await verbs.run('branch', { action: 'create', name, switch: true });
    expect(verbs.git('symbolic-ref', '--short', 'HEAD').trim()).toBe(name);
  });

  it('knows names that exclude each other', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ 'a.txt': 'a\n' });
    await verbs.run('branch', { action: 'create', name: 'team/one' });
    expect(await verbs.fail('branch', { action: 'create', name: 'team/one' })).toMatchObject({ code: 'BRANCH_EXISTS' });
    expect(await verbs.fail('branch', { action: 'create', name: 'team' })).toMatchObject({
      code: 'BRANCH_NAME_INVALID'
    });
  });

  it('cannot be made before the first snapshot', async () => {
    const verbs = await openVerbs();
    expect(await verbs.fail('branch', { action: 'create', name: 'x' })).toMatchObject({ code: 'UNBORN_HEAD' });
    expect((await verbs.run('branch', { action: 'list' })).branches).toEqual([]);
  });

  it('is made and switched to in one step, which one undo takes back', async () => {
    const verbs = await openVerbs();
    const first = await verbs.snapshot({ 'a.bin': asset('a') });
    await verbs.snapshot({ 'a.bin': asset('b') });
    verbs.write({ 'new.txt': 'carried\n' });
    const { switched } = await verbs.run('branch', { action: 'create', name: 'old', from: 'main~1', switch: true });
    expect(switched).toMatchObject({
      from: 'main',
      to: 'old',
      commit: first,
      changed: ['a.bin'],
      carried: ['new.txt']
    });
    await verbs.run('undo', {});
    expect(verbs.git('branch', '--format=%(refname:short)')).toBe('main\n');
    expect(verbs.read()['a.bin']).toBe(asset('b'));
  });

  it('leaves no branch behind when the switch to it is refused', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ 'a.txt': 'a\n' });
    await verbs.snapshot({ 'a.txt': 'b\n' });
    verbs.write({ 'a.txt': 'mine\n' });
    const refused = await verbs.fail('branch', { action: 'create', name: 'old', from: 'main~1', switch: true });
    expect(refused.code).toBe('WORK_TREE_DIRTY');
    expect(verbs.git('branch', '--format=%(refname:short)')).toBe('main\n');
  });

  it('is renamed, also the current one, and undo renames it back', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ 'a.txt': 'a\n' });
    const log = verbs.git('reflog', '--format=%gs', 'main');
    await verbs.run('branch', { action: 'rename', name: 'main', to: 'trunk' });
    expect(verbs.git('reflog', '--format=%gs', 'trunk')).toBe(
      `Branch: renamed refs/heads/main to refs/heads/trunk\n${log}`
    );
    expect(verbs.git('symbolic-ref', '--short', 'HEAD').trim()).toBe('trunk');
    expect(verbs.git('status', '--porcelain')).toBe('');
    await verbs.run('undo', {});
    expect(verbs.git('symbolic-ref', '--short', 'HEAD').trim()).toBe('main');
    expect(verbs.git('branch', '--format=%(refname:short)')).toBe('main\n');
  });

  it('is deleted only when its snapshots are kept elsewhere, or by force', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ 'a.txt': 'a\n' });
    await verbs.run('branch', { action: 'create', name: 'merged' });
    await verbs.run('branch', { action: 'create', name: 'other', switch: true });
    await verbs.snapshot({ 'a.txt': 'b\n' });
    await verbs.snapshot({ 'a.txt': 'c\n' });
    expect(await verbs.fail('branch', { action: 'delete', name: 'other' })).toMatchObject({ code: 'BRANCH_IN_USE' });
    await verbs.run('switch', { branch: 'main' });
    await verbs.run('branch', { action: 'delete', name: 'merged' });
    const error = await verbs.fail('branch', { action: 'delete', name: 'other' });
    expect(error).toMatchObject({ code: 'BRANCH_NOT_MERGED', exit: 3, data: { commits: 2 } });
    await verbs.run('branch', { action: 'delete', name: 'other', force: true });
    await verbs.run('undo', {});
    expect(verbs.git('log', '-1', '--format=%s', 'other')).toBe('work\n');
    expect(await verbs.fail('branch', { action: 'delete', name: 'nobody' })).toMatchObject({ code: 'BRANCH_UNKNOWN' });
  });

  it('opens beside the project with real files, once', async () => {
    const verbs = await openVerbs();
    onTestFinished(() => rmSync(`${verbs.root}.worktrees`, { recursive: true, force: true }));
    await verbs.snapshot({ 'a.bin': asset('a'), 'run.sh': '!echo\n', link: '→ a.bin', 'empty.bin': '' });
    await verbs.run('branch', { action: 'create', name: 'team/one' });
    const { worktree } = await verbs.run('branch', { action: 'worktree', name: 'team/one' });
    expect(worktree).toBe(`${verbs.root}.worktrees/team-one`);
    expect(readFileSync(`${worktree}/a.bin`, 'utf8')).toBe(asset('a'));
    const beside = await openVerbs(worktree);
    expect(beside.git('status', '--porcelain')).toBe('');
    expect(await beside.run('status', {})).toMatchObject({ branch: 'team/one', clean: true });
    expect((await verbs.run('branch', { action: 'worktree', name: 'team/one' })).worktree).toBe(worktree);
    expect(await verbs.fail('branch', { action: 'delete', name: 'team/one' })).toMatchObject({ code: 'BRANCH_IN_USE' });
    expect(await verbs.fail('branch', { action: 'worktree', name: 'main' })).toMatchObject({ code: 'BRANCH_IN_USE' });
    expect(existsSync(`${verbs.root}/.git`)).toBe(true);
  });

  it('completes a folder beside the project that was interrupted while it was filled', async () => {
    const verbs = await openVerbs();
    onTestFinished(() => rmSync(`${verbs.root}.worktrees`, { recursive: true, force: true }));
    await verbs.snapshot({ 'a.bin': asset('a'), 'b.txt': 'b\n', 'c.bin': asset('c'), link: '→ a.bin' });
    await verbs.run('branch', { action: 'create', name: 'other' });
    const args = { action: 'worktree', name: 'other' } as const;
    const interrupted = runOperation(verbs.project, operations.branch, args, {
      onProgress: ({ path }) => {
        if (path === 'c.bin') {
          throw new Error('the power fails');
        }
      }
    });
    await expect(interrupted).rejects.toMatchObject({ code: 'INTERNAL' });
    const worktree = `${verbs.root}.worktrees/other`;
    expect(read(worktree)).toEqual({
      '.gitattributes': expect.any(String) as string,
      'a.bin': asset('a'),
      'b.txt': 'b\n'
    });
    writeFileSync(`${worktree}/b.txt`, 'mine\n');

    expect((await verbs.run('branch', args)).worktree).toBe(worktree);
    const beside = await openVerbs(worktree);
    expect(beside.read()).toMatchObject({ 'b.txt': 'mine\n', 'c.bin': asset('c'), link: '→ a.bin' });
    expect(beside.git('status', '--porcelain')).toBe(' M b.txt\n');
    expect((await beside.run('status', {})).changes).toMatchObject([{ path: 'b.txt', kind: 'modified' }]);
  });
});
