/** Sharing through a plain bare repository: clone, push, pull and remote, with real git as the other client. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository, git } from './fixture';
import { bareRepository, cloneVerbs, failsToClone } from '../support/sharing';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';
import { temporaryDirectory } from '../support/temporary-directory';

const bin = (seed: string): string => `${seed}:`.repeat(90);

/** A project that is pushed to a bare repository. */
async function published(): Promise<{ readonly ada: Verbal; readonly bare: string }> {
  const bare = bareRepository();
  const ada = await openVerbs();
  await ada.run('init', {});
  await ada.snapshot({ 'a.txt': 'one\n', 'data/a.bin': bin('a') }, 'first');
  await ada.run('remote', { action: 'add', name: 'origin', address: bare });
  await ada.run('push', {});
  return { ada, bare };
}

const refsOf = (root: string): string => git(root, 'for-each-ref', '--format=%(refname) %(objectname)');

describe('push to a git host', () => {
  it('sends assets to its storage of large files, and history; plain git and git-lfs read both', async () => {
    const { ada, bare } = await published();
    const head = ada.git('rev-parse', 'HEAD').trim();
    expect(refsOf(bare)).toBe(`refs/heads/main ${head}\n`);
    expect(ada.git('rev-parse', 'refs/remotes/origin/main').trim()).toBe(head);
    expect(ada.git('rev-parse', '--abbrev-ref', '@{upstream}').trim()).toBe('origin/main');

    const plain = temporaryDirectory();
    git(plain, 'clone', '-q', bare, 'plain');
    git(join(plain, 'plain'), 'lfs', 'install', '--local');
    git(join(plain, 'plain'), 'lfs', 'pull');
    expect(readFileSync(join(plain, 'plain/data/a.bin'), 'utf8')).toBe(bin('a'));
    expect(readdirSync(join(ada.root, '.git/branchbook/transport'))).toEqual([]);
  });

  it('refuses a branch that moved there, says whose work it is, and merges it with --pull', async () => {
    const { ada, bare } = await published();
    const ben = await cloneVerbs(bare);
    await ben.snapshot({ 'b.txt': 'two\n', 'data/b.bin': bin('b') }, 'by ben');
    await ben.run('push', {});
    await ada.snapshot({ 'c.txt': 'three\n' }, 'by ada');
    const before = refsOf(bare);
    const refused = await ada.fail('push', {});
    expect(refused).toMatchObject({ code: 'PUSH_REJECTED', data: { behind: 1, ref: 'refs/heads/main' } });
    expect(refused.message).toContain('a snapshot by Ada');
    expect(refused.hint).toContain('push --pull');
    expect(refsOf(bare)).toBe(before);

    const { pushed, pulled } = await ada.run('push', { pullFirst: true });
    expect(pulled?.incoming.map(({ subject }) => subject)).toEqual(['by ben']);
    expect(pushed).toMatchObject([{ name: 'main', snapshots: 2 }]);
    expect(ada.read()).toMatchObject({ 'b.txt': 'two\n', 'data/b.bin': bin('b'), 'c.txt': 'three\n' });
    expect(refsOf(bare)).toBe(`refs/heads/main ${ada.git('rev-parse', 'HEAD').trim()}\n`);
  });

  it('moves no ref when content is nowhere to be had', async () => {
    const { ada, bare } = await published();
    const sha256 = 'ab'.repeat(32);
    ada.write({ 'lost.txt': `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize 99\n` });
    const blob = ada.git('hash-object', '-w', '--no-filters', 'lost.txt').trim();
    ada.git('update-index', '--add', '--cacheinfo', `100644,${blob},lost.txt`);
    const commit = ada.git('commit-tree', ada.git('write-tree').trim(), '-p', 'HEAD', '-m', 'lost').trim();
    ada.git('update-ref', 'refs/heads/main', commit);
    const before = refsOf(bare);
    expect(await ada.fail('push', {})).toMatchObject({ code: 'ASSET_MISSING', data: { path: 'lost.txt', sha256 } });
    expect(refsOf(bare)).toBe(before);
  });

  it('sends tags and all branches when asked to, and nothing twice', async () => {
    const { ada, bare } = await published();
    ada.git('tag', '-a', '-m', 'release', 'v1');
    ada.git('branch', 'other');
    const { pushed } = await ada.run('push', { all: true });
    expect(pushed.map(({ name }) => name).sort()).toEqual(['other', 'v1']);
    expect(git(bare, 'rev-parse', 'v1^{commit}')).toBe(git(bare, 'rev-parse', 'main'));
    expect(await ada.run('push', { all: true })).toMatchObject({
      pushed: [],
      notices: ['Everything is there already.']
    });
    const { pushed: named } = await ada.run('push', { branches: ['other'] });
    expect(named).toEqual([]);
    expect(await ada.fail('push', { branches: ['nowhere'] })).toMatchObject({ code: 'BRANCH_UNKNOWN' });
  });

  it('says where a project could be shared when it is not', async () => {
    const ada = await openVerbs();
    await ada.snapshot({ 'a.txt': '1' });
    const failure = await ada.fail('push', {});
    expect(failure).toMatchObject({ code: 'REMOTE_UNKNOWN' });
    expect(failure.hint).toContain('push --to');
  });
});

describe('pull from a git host', () => {
  it('brings snapshots and assets, and merges', async () => {
    const { ada, bare } = await published();
    const ben = await cloneVerbs(bare);
    await ben.snapshot({ 'data/a.bin': bin('A'), 'new.txt': 'x' }, 'by ben');
    await ben.run('push', {});
    const looked = await ada.run('pull', { fetchOnly: true });
    expect(looked).toMatchObject({ merged: null, ahead: 0, behind: 1, incoming: [{ subject: 'by ben' }] });
    expect(ada.read()).not.toHaveProperty('new.txt');
    const pulled = await ada.run('pull', {});
    expect(pulled).toMatchObject({
      merged: { kind: 'fast-forward' },
      ahead: 0,
      behind: 0,
      changed: ['data/a.bin', 'new.txt'],
      transfer: { contents: 1 }
    });
    expect(ada.read()['data/a.bin']).toBe(bin('A'));
    expect(await ada.run('pull', {})).toMatchObject({ merged: null, incoming: [], changed: [] });
  });

  it('leaves everything as it was on a conflict, with what was fetched', async () => {
    const { ada, bare } = await published();
    const ben = await cloneVerbs(bare);
    await ben.snapshot({ 'data/a.bin': bin('B') }, 'by ben');
    await ben.run('push', {});
    await ada.snapshot({ 'data/a.bin': bin('A') }, 'by ada');
    const files = ada.read();
    const head = ada.git('rev-parse', 'HEAD');
    expect(await ada.fail('pull', {})).toMatchObject({ code: 'MERGE_CONFLICT' });
    expect(ada.read()).toEqual(files);
    expect(ada.git('rev-parse', 'HEAD')).toBe(head);
    expect(ada.git('rev-parse', 'origin/main').trim()).toBe(ben.git('rev-parse', 'HEAD').trim());
    await ada.run('merge', { branch: 'origin/main', theirs: ['data/a.bin'] });
    await ada.run('push', {});
    expect(git(bare, 'rev-parse', 'main')).toBe(ada.git('rev-parse', 'HEAD'));
  });

  it('fills a branch that has no snapshot yet', async () => {
    const { bare } = await published();
    const eve = await openVerbs(temporaryDirectory());
    await eve.run('remote', { action: 'add', name: 'origin', address: bare });
    await eve.run('pull', {});
    expect(eve.read()).toMatchObject({ 'a.txt': 'one\n', 'data/a.bin': bin('a') });
  });

  it('takes branches whose names became folders, and keeps those that are gone', async () => {
    const { ada, bare } = await published();
    git(bare, 'branch', 'x', 'main');
    git(bare, 'branch', 'y', 'main');
    await ada.run('pull', { fetchOnly: true });
    git(bare, 'branch', '-D', 'x', 'y');
    git(bare, 'branch', 'x/new', 'main');
    await ada.run('pull', { fetchOnly: true });
    const names = ada.git('for-each-ref', '--format=%(refname)', 'refs/remotes/').trim().split('\n');
    expect(names).toEqual(['refs/remotes/origin/main', 'refs/remotes/origin/x/new', 'refs/remotes/origin/y']);
  });

  it('says clearly that nobody answers, and changes nothing', async () => {
    const { ada } = await published();
    await ada.run('remote', { action: 'set', name: 'origin', address: 'http://127.0.0.1:1/x.git' });
    for (const verb of ['pull', 'push'] as const) {
      expect(await ada.fail(verb, {})).toMatchObject({ code: 'PLACE_UNREACHABLE', retryable: true });
    }
    expect(await ada.fail('remote', { action: 'check' })).toMatchObject({ code: 'PLACE_UNREACHABLE' });
    await ada.snapshot({ 'a.txt': 'offline' });
  });
});

describe('clone of a git host', () => {
  it('makes a project with the remote’s branch and its assets', async () => {
    const { ada, bare } = await published();
    const ben = await cloneVerbs(bare);
    expect(ben.read()).toEqual(ada.read());
    expect(ben.git('rev-parse', '--abbrev-ref', '@{upstream}').trim()).toBe('origin/main');
    expect((await ben.run('status', {})).changes).toEqual([]);
    expect(ben.git('fsck', '--strict')).toBe('');
    expect(existsSync(join(ben.root, '.git/branchbook/cloning.json'))).toBe(false);
    expect(await ben.fail('undo', {})).toMatchObject({ code: 'NOTHING_TO_UNDO' });
  });

  it('is lazy: pointers stand in, and come when they are asked for', async () => {
    const { bare } = await published();
    const { result, ...ben } = await cloneVerbs(bare, { lazy: true });
    expect(result).toMatchObject({ absent: { assets: 1, bytes: bin('a').length }, transfer: { transferred: 0 } });
    expect(ben.read()['data/a.bin']).toContain('oid sha256:');
    expect((await ben.run('status', {})).changes).toEqual([]);
    await ben.run('get', { address: 'data/a.bin' });
    expect(ben.read()['data/a.bin']).toBe(bin('a'));
    expect((await ben.run('status', {})).changes).toEqual([]);
  });

  it('leaves nothing when it fails, and touches nothing that is there', async () => {
    const { bare } = await published();
    const folder = temporaryDirectory();
    expect(await failsToClone({ address: '/nowhere/x', folder: join(folder, 'new') })).toMatchObject({
      code: 'PLACE_UNKNOWN'
    });
    expect(await failsToClone({ address: bare, folder: join(folder, 'new'), branch: 'none' })).toMatchObject({
      code: 'BRANCH_UNKNOWN'
    });
    expect(readdirSync(folder)).toEqual([]);
    mkdirSync(join(folder, 'mine'));
    writeFileSync(join(folder, 'mine/a.txt'), 'mine');
    expect(await failsToClone({ address: bare, folder: join(folder, 'mine') })).toMatchObject({ code: 'USAGE' });
    expect(readdirSync(join(folder, 'mine'))).toEqual(['a.txt']);
  });

  it('goes on where one was killed', async () => {
    const { ada, bare } = await published();
    const folder = join(temporaryDirectory(), 'ben');
    mkdirSync(join(folder, '.git/branchbook'), { recursive: true });
    git(folder, 'init', '-q', '-b', 'main');
    writeFileSync(join(folder, '.git/branchbook/cloning.json'), JSON.stringify({ version: 1, address: bare }));
    expect(await failsToClone({ address: createRepository(), folder })).toMatchObject({ code: 'USAGE' });
    const ben = await cloneVerbs(bare, { folder });
    expect(ben.read()).toEqual(ada.read());
  });

  it('works inside another repository', async () => {
    const { ada, bare } = await published();
    const ben = await cloneVerbs(bare, { folder: join(ada.root, 'inner') });
    expect(ben.root).toBe(join(ada.root, 'inner'));
    expect(ben.read()).toHaveProperty('a.txt');
  });

  it('takes an empty repository', async () => {
    const ben = await cloneVerbs(bareRepository());
    await ben.snapshot({ 'a.txt': '1' });
    await ben.run('push', {});
    expect(await ben.run('remote', { action: 'check' })).toMatchObject({
      check: { upstream: 'origin/main', ahead: 0 }
    });
  });
});

describe('remote', () => {
  it('lists, adds, changes and removes', async () => {
    const { ada, bare } = await published();
    expect(await ada.run('remote', { action: 'list' })).toEqual({
      remotes: [{ name: 'origin', address: bare, kind: 'git', assets: 'lfs', isUpstream: true }]
    });
    expect(await ada.fail('remote', { action: 'add', name: 'origin', address: bare })).toMatchObject({
      code: 'REMOTE_EXISTS'
    });
    expect(await ada.fail('remote', { action: 'add', name: '-x', address: bare })).toMatchObject({ code: 'USAGE' });
    expect(await ada.fail('remote', { action: 'set', name: 'origin', assets: 'place' })).toMatchObject({
      code: 'USAGE'
    });
    expect(await ada.fail('remote', { action: 'remove', name: 'none' })).toMatchObject({ code: 'REMOTE_UNKNOWN' });
    await ada.run('remote', { action: 'remove', name: 'origin' });
    expect(ada.git('remote')).toBe('');
    expect(ada.git('config', '--list')).not.toMatch(/^(branch|remote)\./m);
    expect(ada.git('for-each-ref', 'refs/remotes/')).toBe('');
  });
});
