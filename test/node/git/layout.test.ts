/** Repositories that are laid out in less common ways: read as git reads them, or refused with what to do. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFaultyFileSystem } from '../../../src/node/fault/faulty-file-system';
import { disk } from '../../../src/node/fs/disk';
import { fileError } from '../../../src/node/fs/file-error';
import { openGit } from '../../../src/node/git/repository';
import { environment, Sandbox } from './sandbox';

let box: Sandbox;
let other = '';
beforeEach(() => {
  box = new Sandbox();
  box.write('a.txt', 'a\n');
  box.write('dir/b.txt', 'b\n');
  box.write('dir/deep/c.txt', 'c\n');
  box.commit('start');
  other = realpathSync(mkdtempSync(join(tmpdir(), 'bb-layout-')));
});
afterEach(() => {
  box.dispose();
  rmSync(other, { recursive: true, force: true });
});

const paths = (changes: readonly { readonly path: string }[]): readonly string[] => changes.map(change => change.path);

describe('read as git does', () => {
  it('objects of alternates, and those of their alternates', async () => {
    box.git('repack', '-a', '-d', '-q');
    execFileSync('git', ['clone', '-q', '--shared', box.root, join(other, 'one')], { env: environment });
    execFileSync('git', ['clone', '-q', '--shared', join(other, 'one'), join(other, 'two')], { env: environment });
    const git = await openGit(join(other, 'two'), disk, { environment });
    const head = box.git('rev-parse', 'HEAD');
    const { tree } = await git.readCommit(await git.resolve('main'));
    expect(paths(await git.listTree(tree))).toEqual(['a.txt', 'dir/b.txt', 'dir/deep/c.txt']);
    expect(await git.resolve(head.slice(0, 8))).toBe(head);
    // What the alternate has need not be written again.
    const oid = await git.writeBlob(Buffer.from('a\n'));
    expect(() => readFileSync(join(other, 'two/.git/objects', oid.slice(0, 2), oid.slice(2)))).toThrow('ENOENT');
  });

  it('signed commits, whose headers go on over several lines', async () => {
    const plain = box.git('cat-file', 'commit', 'HEAD');
    const signature =
      'gpgsig -----BEGIN PGP SIGNATURE-----\n \n parent of nobody\n tree x\n -----END PGP SIGNATURE-----';
    const signed = `${plain.replace('\n\n', `\n${signature}\nencoding ISO-8859-1\n\n`)} gr\u00fcn\n`;
    const argv = ['hash-object', '-t', 'commit', '-w', '--stdin'];
    const input = Buffer.from(signed, 'latin1');
    const oid = execFileSync('git', argv, { cwd: box.root, env: environment, input, encoding: 'utf8' }).trim();
    const commit = await (await box.open()).readCommit(oid);
    expect(commit).toMatchObject({
      parents: [],
      tree: box.git('rev-parse', 'HEAD^{tree}'),
      message: 'start gr\u00fcn\n'
    });
  });

  it('files left out with skip-worktree, which are not missing', async () => {
    box.git('update-index', '--skip-worktree', 'a.txt');
    rmSync(join(box.root, 'a.txt'));
    expect((await (await box.open()).scan(box.clean())).changes).toEqual([]);
    const transaction = await (await box.open()).begin();
    const oid = box.git('rev-parse', 'HEAD:dir/b.txt');
    transaction.set({ path: 'dir/b.txt', mode: '100644', oid }, null);
    await transaction.commit({ reflog: 'x' });
    expect(box.git('ls-files', '-v', 'a.txt')).toBe('S a.txt');
  });

  it('unmerged paths, until they are set', async () => {
    box.git('checkout', '-q', '-b', 'side');
    box.write('a.txt', 'theirs\n');
    box.commit('theirs');
    box.git('checkout', '-q', 'main');
    box.write('a.txt', 'ours\n');
    box.commit('ours');
    expect(() => box.git('merge', 'side')).toThrow();
    const git = await box.open();
    expect((await git.scan(box.clean())).changes).toMatchObject([{ path: 'a.txt', kind: 'unmerged' }]);
    expect(await git.stateInProgress()).toBe('merge');
    const transaction = await git.begin();
    expect(transaction.entriesAt('a.txt').map(entry => entry.stage)).toEqual([1, 2, 3]);
    transaction.set({ path: 'a.txt', mode: '100644', oid: box.git('rev-parse', 'main:a.txt') }, null);
    await transaction.commit({ reflog: 'x' });
    expect(box.git('ls-files', '--unmerged')).toBe('');
  });

  it('only what lies under the paths that are asked for', async () => {
    ['a.txt', 'dir/b.txt', 'dir/deep/c.txt', 'directory'].forEach(path => box.write(path, 'changed\n'));
    const git = await box.open();
    const scan = async (...under: readonly string[]): Promise<readonly string[]> =>
      paths((await git.scan(box.clean(), under)).changes);
    expect(await scan('dir')).toEqual(['dir/b.txt', 'dir/deep/c.txt']);
    expect(await scan('dir/deep', 'a.txt')).toEqual(['a.txt', 'dir/deep/c.txt']);
    expect(await scan('nothing')).toEqual([]);
    expect(await scan('')).toHaveLength(4);
    const before = box.git('rev-parse', 'HEAD^{tree}');
    box.commit('changed');
    const after = box.git('rev-parse', 'HEAD^{tree}');
    expect(paths(await git.diffTrees(before, after, ['dir']))).toEqual(['dir/b.txt', 'dir/deep/c.txt']);
    expect(paths(await git.diffTrees(before, after, ['dir/deep/c.txt']))).toEqual(['dir/deep/c.txt']);
    expect(paths(await git.diffTrees(null, after, ['dire']))).toEqual([]);
  });

  it('a linked worktree, whose index and HEAD are its own', async () => {
    box.git('worktree', 'add', '-q', '-b', 'linked', join(other, 'w'));
    const git = await openGit(join(other, 'w'), disk, { environment });
    const from = await git.resolve('HEAD');
    const oid = await git.writeBlob(Buffer.from('new\n'));
    const { tree: base, author } = await git.readCommit(from);
    const tree = await git.writeTree(base, new Map([['a.txt', { mode: '100644' as const, oid }]]));
    const to = await git.writeCommit({ tree, parents: [from], author, committer: author, message: 'linked' });
    writeFileSync(join(other, 'w/a.txt'), 'new\n');
    const first = await git.begin();
    first.set({ path: 'a.txt', mode: '100644', oid }, await disk.lstat(join(other, 'w/a.txt')));
    await first.commit({ refs: [{ name: 'refs/heads/linked', from, to }], reflog: 'commit: linked' });
    const inside = (...argv: string[]): string =>
      execFileSync('git', argv, { cwd: join(other, 'w'), env: environment, encoding: 'utf8' }).trimEnd();
    expect(inside('status', '--porcelain')).toBe('');
    expect(inside('log', '-1', '--format=%s')).toBe('linked');
    const second = await git.begin();
    await second.commit({ head: { kind: 'detached', commit: to }, reflog: 'checkout: moving' });
    expect(inside('rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD');
    expect([box.git('branch', '--show-current'), box.git('status', '--porcelain')]).toEqual(['main', '']);
    expect(box.git('fsck', '--full', '--no-dangling')).toBe('');
  });
});

describe('refused, with what to do', () => {
  const setups: { readonly [name: string]: (() => void) | undefined } = {
    'a split index': () => box.git('update-index', '--split-index'),
    'a sparse checkout': () => box.git('sparse-checkout', 'set', '--sparse-index', 'dir'),
    'refs as a reftable': () => {
      box.git('config', 'core.repositoryFormatVersion', '1');
      box.git('config', 'extensions.refStorage', 'reftable');
    },
    'files kept elsewhere': () => box.git('config', 'core.worktree', other),
    'converted line ends': () => box.git('config', 'core.autocrlf', 'true'),
    'the filter of a stranger': () => {
      box.git('config', 'filter.crypt.clean', 'crypt');
      box.write('.gitattributes', '[attr]secret filter=crypt\n*.key secret\n');
    }
  };
  it.each(Object.keys(setups))('%s', async name => {
    setups[name]?.();
    const failure = { code: 'REPOSITORY_UNSUPPORTED', hint: expect.stringMatching(/\S/) as string };
    await expect(box.open().then(git => git.scan(box.clean()))).rejects.toMatchObject(failure);
  });

  it('the filter of a stranger that only a folder names, once a file in it is looked at', async () => {
    box.git('config', 'filter.crypt.clean', 'crypt');
    box.write('dir/.gitattributes', '*.txt filter=crypt\n');
    const git = await box.open();
    await expect(git.isAsset('dir/b.txt')).rejects.toMatchObject({ code: 'REPOSITORY_UNSUPPORTED' });
    expect(await git.isAsset('a.txt')).toBe(false);
  });
});

describe('left alone', () => {
  it('a filter that no setting defines, and core.autocrlf=input', async () => {
    box.write('.gitattributes', '*.txt filter=nobody\n');
    box.git('config', 'core.autocrlf', 'input');
    expect(paths((await (await box.open()).scan(box.clean())).changes)).toEqual(['.gitattributes']);
  });

  it('GIT_DIR and its like: the path decides', async () => {
    const misled = {
      ...environment,
      GIT_DIR: join(other, 'x'),
      GIT_WORK_TREE: other,
      GIT_INDEX_FILE: join(other, 'i')
    };
    const git = await openGit(join(box.root, 'dir'), disk, { environment: misled });
    expect([git.root, (await git.scan(box.clean())).changes]).toEqual([box.root, []]);
  });

  it('names with percent signs', async () => {
    box.write('100%25 %s', 'x');
    expect(paths((await (await box.open()).scan(box.clean())).changes)).toEqual(['100%25 %s']);
  });
});

describe('without hard links', () => {
  const files = createFaultyFileSystem(disk, operation => {
    if (operation.name === 'link') {
      throw fileError('EPERM', operation.path, 'link');
    }
  });

  it('locks are taken, respected and given up all the same', async () => {
    const git = await openGit(box.root, files, { environment });
    const head = await git.resolve('HEAD');
    await git.updateRefs([{ name: 'refs/heads/new', from: null, to: head }], 'branch: new');
    const transaction = await git.begin();
    box.write('a.txt', 'other');
    expect(() => box.git('add', 'a.txt')).toThrow('index.lock');
    transaction.remove('a.txt');
    await transaction.commit({ reflog: 'x' });
    expect(box.git('ls-files')).toBe('dir/b.txt\ndir/deep/c.txt');
    expect(box.git('branch', '--list', 'new')).toContain('new');
    await expect(openGit(box.root, files, { environment })).resolves.toBeDefined();
  });
});
