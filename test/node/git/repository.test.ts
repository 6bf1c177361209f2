import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disk } from '../../../src/node/fs/disk';
import { initRepository, openGit } from '../../../src/node/git/repository';
import type { IGit } from '../../../src/core/port';
import { environment, nextSecond, Sandbox } from './sandbox';

let box: Sandbox;
beforeEach(() => {
  box = new Sandbox();
});
afterEach(() => box.dispose());

async function collect<T>(items: AsyncGenerator<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    all.push(item);
  }
  return all;
}

/** A history with merges, renames, unicode names, modes and links; dates a day apart. */
function populate(): void {
  const day = (n: number): number => 1_700_000_000 + n * 86_400;
  box.write('readme.md', 'hello\n');
  box.write('data/ünïcode 名前 😀.csv', 'a,b\n');
  box.write('data/deep/er/x.txt', 'x\n');
  box.write('run.sh', '#!/bin/sh\n');
  chmodSync(join(box.root, 'run.sh'), 0o755);
  symlinkSync('readme.md', join(box.root, 'link'));
  box.commit('first\n\nbody', day(0));
  box.git('tag', '-a', 'v1', '-m', 'one');
  box.git('checkout', '-q', '-b', 'side');
  box.write('side.txt', 'side\n');
  box.git('mv', 'data/deep', 'data/renamed');
  box.commit('side', day(1));
  box.git('checkout', '-q', 'main');
  box.write('readme.md', 'hello again\n');
  box.commit('main', day(2));
  box.git('merge', '-q', '--no-ff', '-m', 'merge side', 'side');
  rmSync(join(box.root, 'side.txt'));
  box.commit('remove', day(3));
}

function expectIntact(): void {
  expect(box.git('status', '--porcelain')).toBe('');
  expect(box.git('fsck', '--full', '--strict', '--no-dangling')).toBe('');
}

async function snapshot(git: IGit, path: string, text: string, parent: string): Promise<string> {
  box.write(path, text);
  // Of a file written within the last second, an index can say nothing for sure.
  utimesSync(join(box.root, path), new Date(), new Date(Date.now() - 5000));
  const oid = await git.writeBlob(Buffer.from(text));
  const { tree } = await git.readCommit(parent);
  const next = await git.writeTree(tree, new Map([[path, { mode: '100644' as const, oid }]]));
  const who = { name: 'Ada', email: 'ada@example.org', time: 1_800_000_000, offset: -90 };
  const commit = await git.writeCommit({
    tree: next,
    parents: [parent],
    author: who,
    committer: who,
    message: `set ${path}`
  });
  const transaction = await git.begin();
  transaction.set({ path, mode: '100644', oid }, await disk.lstat(join(box.root, path)));
  await transaction.commit({
    refs: [{ name: 'refs/heads/main', from: parent, to: commit }],
    reflog: `commit: set ${path}`
  });
  return commit;
}

describe.each(['loose', 'packed'])('reading a repository with %s objects', kind => {
  beforeEach(() => {
    populate();
    if (kind === 'packed') {
      // The commits are old on purpose; their reflog lines must outlive the collection.
      box.git('-c', 'gc.reflogExpire=never', '-c', 'gc.reflogExpireUnreachable=never', 'gc', '-q');
    }
  });

  it('resolves revisions as git does', async () => {
    const git = await box.open();
    const short = box.git('rev-parse', '--short', 'HEAD~1');
    const names = ['HEAD', '@', 'main', 'side', 'v1', 'heads/side', 'refs/tags/v1', 'HEAD~1', 'main~2', 'HEAD~1^2'];
    for (const name of [...names, 'HEAD^^', 'main@{1}', '@{0}', 'HEAD@{2}', '@{-1}', short, 'v1^{commit}', 'main^0']) {
      expect([name, await git.resolve(name)]).toEqual([name, box.git('rev-parse', `${name}^{commit}`)]);
    }
    for (const name of ['nothing', 'main~99', 'HEAD^9', '', 'a..b', '-x', '../HEAD', 'main@{99}']) {
      await expect(git.resolve(name)).rejects.toMatchObject({ code: 'REVISION_UNKNOWN' });
    }
  });

  it('finds what a branch was on a date, also before its reflog begins', async () => {
    const git = await box.open();
    expect(await git.resolve('main@{2023-11-17}')).toBe(
      box.git('rev-list', '-1', '--first-parent', '--before=2023-11-17 23:59:59', 'main')
    );
    expect(await git.resolve('main@{1.second.ago}')).toMatch(/^[0-9a-f]{40}$/);
    await expect(git.resolve('main@{2001-01-01}')).rejects.toMatchObject({ code: 'REVISION_UNKNOWN' });
  });

  it('walks history, bases and trees as git does', async () => {
    const git = await box.open();
    const head = box.git('rev-parse', 'HEAD');
    const log = await collect(git.history(head));
    expect(log.map(commit => commit.oid)).toEqual(box.git('rev-list', '--date-order', 'HEAD').split('\n'));
    expect(log.at(-1)?.message).toBe('first\n\nbody\n');
    const limited = await collect(git.history(head, { paths: ['side.txt'] }));
    expect(limited.map(commit => commit.oid)).toEqual(box.git('rev-list', 'HEAD', '--', 'side.txt').split('\n'));
    const [a, b] = ['main~2', 'side'].map(name => box.git('rev-parse', name)) as [string, string];
    expect(await git.mergeBases(a, b)).toEqual([box.git('merge-base', a, b)]);
    expect(await git.isAncestor(b, head)).toBe(true);
    expect(await git.isAncestor(head, b)).toBe(false);
    const tree = (await git.readCommit(head)).tree;
    const listed = (await git.listTree(tree)).map(entry => `${entry.mode} blob ${entry.oid}\t${entry.path}`);
    expect(listed.join('\n')).toBe(box.git('ls-tree', '-r', 'HEAD'));
    const diff = await git.diffTrees((await git.readCommit(b)).tree, tree);
    expect(diff.map(change => change.path).join('\n')).toBe(
      box.git('diff-tree', '-r', '--no-renames', '--name-only', b, head)
    );
  });

  it.each([0, 1, 600])('counts what only one side has as git does, dates %i s apart', async apart => {
    const git = await box.open();
    const tree = box.git('rev-parse', 'HEAD^{tree}');
    const commits = [box.git('rev-parse', 'HEAD')];
    const seed = apart + 7;
    for (let step = 1; step <= 25; step += 1) {
      // The parents: two of the last eight, which makes merges and criss-crosses.
      const parents = [step * seed, step * (seed + 4)].map(number => commits[Math.max(0, step - 1 - (number % 8))]!);
      const who = { name: 'Ada', email: 'ada@example.org', time: 1_800_000_000 + step * apart, offset: 0 };
      const message = `${step}\n`;
      commits.push(
        await git.writeCommit({ tree, parents: [...new Set(parents)], author: who, committer: who, message })
      );
    }
    const last = commits.slice(-4);
    for (const [a, b] of last.flatMap((x, index) => last.slice(index).map(y => [x, y] as const))) {
      const [behind, ahead] = box.git('rev-list', '--left-right', '--count', `${a}...${b}`).split('\t').map(Number);
      expect(await git.distance(a, b)).toEqual({ ahead, behind });
      const bases = box.git('merge-base', '--all', a, b).split('\n');
      expect([...(await git.mergeBases(a, b))].sort()).toEqual(bases.sort());
    }
  });

  it('counts without looking below the common history', async () => {
    const git = await box.open();
    const tree = box.git('rev-parse', 'HEAD^{tree}');
    const commit = (parent: string, time: number): Promise<string> => {
      const who = { name: 'Ada', email: 'ada@example.org', time, offset: 0 };
      return git.writeCommit({ tree, parents: [parent], author: who, committer: who, message: `${time}\n` });
    };
    // The parent of `common` does not exist: whoever looks for it fails.
    const common = await commit('1'.repeat(40), 1_800_000_000);
    const main = await commit(common, 1_800_000_060);
    const other = await commit(await commit(common, 1_800_000_120), 1_800_000_180);
    expect(await git.distance(main, other)).toEqual({ ahead: 2, behind: 1 });
  });

  it('tells commits of one second apart by who reaches them', async () => {
    const git = await box.open();
    const tree = box.git('rev-parse', 'HEAD^{tree}');
    const who = { name: 'Ada', email: 'ada@example.org', time: 1_800_000_000, offset: 0 };
    const commit = (message: string, ...parents: readonly string[]): Promise<string> =>
      git.writeCommit({ tree, parents, author: who, committer: who, message });
    const common = await commit('common', box.git('rev-parse', 'HEAD'));
    const theirs = await commit('theirs 3', await commit('theirs 2', await commit('theirs 1', common)));
    const ours = await commit('ours', common);
    const tip = await commit('merge', ours, theirs);
    const only = async (tips: readonly string[], known: readonly string[]): Promise<readonly string[]> =>
      (await git.commitsOnlyIn(tips, known)).map(({ oid }) => oid).sort();
    // The way from what is known to the common commit is the longer one.
    expect(await only([ours], [theirs])).toEqual([ours]);
    expect(await only([tip], [theirs])).toEqual([tip, ours].sort());
    expect(await only([ours, theirs], [tip])).toEqual([]);
    const listed = box.git('rev-list', theirs, `^${ours}`).split('\n').sort();
    expect(await only([theirs], [ours])).toEqual(listed);
  });

  it('knows the commits that were made here from those that came here', async () => {
    const elsewhere = new Sandbox(false);
    try {
      elsewhere.git('clone', '-q', box.root, '.');
      const gift = elsewhere.commit('commit: a gift');
      box.git('fetch', '-q', elsewhere.root, 'HEAD:gift');
      box.git('cherry-pick', '--allow-empty', gift);
      const git = await box.open();
      expect(await git.isMadeHere(gift)).toBe(false);
      expect(await git.isMadeHere(box.git('rev-parse', 'HEAD'))).toBe(false);
      box.git('commit', '-q', '--amend', '--allow-empty', '-m', 'mine');
      expect(await git.isMadeHere(box.git('rev-parse', 'HEAD'))).toBe(true);
      expect(await git.isMadeHere(box.git('rev-parse', 'side'))).toBe(true);
      expect(await (await elsewhere.open()).isMadeHere(box.git('rev-parse', 'side'))).toBe(false);
      expect(await (await elsewhere.open()).isMadeHere(gift)).toBe(true);
    } finally {
      elsewhere.dispose();
    }
  });

  it('lists refs, tags peeled', async () => {
    const git = await box.open();
    const expected = box.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads').split('\n');
    expect((await git.refs('refs/heads/')).map(ref => `${ref.name} ${ref.commit}`)).toEqual(expected);
    expect((await git.refs('refs/tags/'))[0]?.commit).toBe(box.git('rev-parse', 'v1^{commit}'));
  });
});

describe('writing', () => {
  it('makes commits that git finds clean and intact, and logs them', async () => {
    populate();
    await nextSecond();
    const git = await box.open();
    let head = box.git('rev-parse', 'HEAD');
    for (const path of ['new/ä.txt', 'readme.md', 'data/z', 'data.txt']) {
      head = await snapshot(git, path, `content of ${path}\n`, head);
      expectIntact();
    }
    expect(box.git('rev-parse', 'main')).toBe(head);
    expect(box.git('reflog', '-2', '--format=%gs')).toBe('commit: set data.txt\ncommit: set data/z');
    expect(box.git('log', '-1', '--format=%ad', '--date=raw')).toBe('1800000000 -0130');
    const seen: string[] = [];
    expect((await git.scan(box.clean(seen))).changes).toEqual([]);
    expect(seen).toEqual([]);
  });

  it.each([2, 3, 4])('reads index version %i', async version => {
    populate();
    box.git('update-index', '--index-version', String(version));
    const git = await box.open();
    expect((await git.scan(box.clean())).changes).toEqual([]);
    const transaction = await git.begin();
    expect(transaction.paths.join('\n')).toBe(box.git('ls-files'));
    await transaction.rollback();
    await snapshot(git, 'x', 'x', box.git('rev-parse', 'HEAD'));
    expectIntact();
  });

  it('leaves everything as it was when a ref has moved', async () => {
    populate();
    const git = await box.open();
    const head = box.git('rev-parse', 'HEAD');
    const transaction = await git.begin();
    transaction.remove('readme.md');
    const refs = [{ name: 'refs/heads/main', from: box.git('rev-parse', 'side'), to: head }];
    await expect(transaction.commit({ refs, reflog: 'x' })).rejects.toMatchObject({ code: 'REF_CONFLICT' });
    expectIntact();
    expect(box.git('rev-parse', 'HEAD')).toBe(head);
  });

  it('creates, moves and deletes refs all or nothing, packed ones too', async () => {
    populate();
    box.git('pack-refs', '--all');
    const git = await box.open();
    const head = box.git('rev-parse', 'HEAD');
    const side = box.git('rev-parse', 'side');
    await git.updateRefs([{ name: 'refs/heads/a/b', from: null, to: head }], 'branch: created');
    await expect(git.updateRefs([{ name: 'refs/heads/a', from: null, to: head }], '')).rejects.toMatchObject({
      code: 'BRANCH_NAME_INVALID'
    });
    const mixed = [
      { name: 'refs/heads/ok', from: null, to: head },
      { name: 'refs/heads/side', from: head, to: null }
    ];
    await expect(git.updateRefs(mixed, '')).rejects.toMatchObject({ code: 'REF_CONFLICT' });
    expect(box.git('branch', '--list', 'ok')).toBe('');
    await git.updateRefs(
      [
        { name: 'refs/heads/side', from: side, to: null },
        { name: 'refs/heads/a/b', from: head, to: null }
      ],
      ''
    );
    await git.updateRefs([{ name: 'refs/heads/a', from: null, to: head }], 'branch: created');
    expect(box.git('for-each-ref', '--format=%(refname:short)', 'refs/heads')).toBe('a\nmain');
    expectIntact();
  });

  it.each([
    ['idea/x', 'idea'],
    ['idea', 'idea/x'],
    ['a/b', 'a/b/c/d'],
    ['a/b/c/d', 'a/b']
  ])('renames %s to %s as git does, loose and packed, current or not', async (from, to) => {
    for (const [isPacked, isCurrent] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true]
    ]) {
      const [theirs, ours] = [new Sandbox(), new Sandbox()];
      for (const each of [theirs, ours]) {
        each.commit('first', 1_700_000_000);
        each.git('branch', 'zoo');
        each.git('branch', 'b0');
        each.git(...(isCurrent ? ['switch', '-q', '-c', from] : ['branch', from]));
        each.git(...(isPacked ? ['pack-refs', '--all'] : ['tag', 'v1']));
      }
      theirs.git('branch', '-m', from, to);
      const git = await ours.open();
      const commit = ours.git('rev-parse', 'HEAD');
      const refs = [
        { name: `refs/heads/${from}`, from: commit, to: null },
        { name: `refs/heads/${to}`, from: null, to: commit }
      ];
      const reflog = `Branch: renamed refs/heads/${from} to refs/heads/${to}`;
      if (isCurrent) {
        const transaction = await git.begin();
        await transaction.commit({ head: { kind: 'branch', branch: to, commit }, refs, reflog });
      } else {
        await git.updateRefs(refs, reflog);
      }
      const last = `refs/heads/${to}`;
      for (const argv of [
        ['for-each-ref'],
        ['symbolic-ref', 'HEAD'],
        ['reflog', '-1', '--format=%gs', last],
        ['fsck', '--full', '--strict', '--no-dangling']
      ]) {
        expect(ours.git(...argv), argv.join(' ')).toBe(theirs.git(...argv));
      }
      expect((await git.refs('refs/heads/')).map(ref => ref.name)).toEqual(
        ours.git('for-each-ref', '--format=%(refname)', 'refs/heads/').split('\n')
      );
      // git takes it from there, and back.
      ours.git('branch', '-m', to, from);
      ours.git('pack-refs', '--all');
      expect(ours.git('rev-parse', from)).toBe(commit);
      [theirs, ours].forEach(each => each.dispose());
    }
  });

  it('moves HEAD between branches and detaches it', async () => {
    populate();
    const git = await box.open();
    const commit = box.git('rev-parse', 'HEAD');
    await git.updateRefs([{ name: 'refs/heads/new', from: null, to: commit }], 'branch: Created from main');
    let transaction = await git.begin();
    await transaction.commit({
      head: { kind: 'branch', branch: 'new', commit },
      reflog: 'checkout: moving from main to new'
    });
    expect(box.git('branch', '--show-current')).toBe('new');
    expect(await git.resolve('@{-1}')).toBe(box.git('rev-parse', '@{-1}'));
    expect((await git.lastUsed()).has('main')).toBe(true);
    transaction = await git.begin();
    await transaction.commit({ head: { kind: 'detached', commit }, reflog: `checkout: moving from new to ${commit}` });
    expect(await git.head()).toEqual({ kind: 'detached', commit });
    expectIntact();
  });

  it('replaces a damaged object by a good one', async () => {
    const git = await box.open();
    const oid = await git.writeBlob(Buffer.from('precious'));
    const path = join('.git/objects', oid.slice(0, 2), oid.slice(2));
    rmSync(join(box.root, path));
    box.write(path, 'garbage');
    await expect(git.readBlob(oid)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    expect(await git.writeBlob(Buffer.from('precious'))).toBe(oid);
    expect(Buffer.from(await git.readBlob(oid)).toString()).toBe('precious');
  });
});

describe('scanning', () => {
  it('tells every kind of change, honours ignore files, stays out of nested repositories', async () => {
    populate();
    box.write('.gitignore', '*.log\n!keep.log\n/build/\n');
    box.write('data/.gitignore', '*.tmp\n');
    box.commit('ignore');
    box.write('readme.md', 'changed\n');
    rmSync(join(box.root, 'run.sh'));
    chmodSync(join(box.root, 'data/renamed/er/x.txt'), 0o755);
    for (const path of ['a.log', 'keep.log', 'build/x', 'data/y.tmp', 'data/y.csv', 'staged.txt', 'nested/in']) {
      box.write(path, path);
    }
    box.git('add', 'staged.txt');
    mkdirSync(join(box.root, 'nested/.git'), { recursive: true });
    symlinkSync('/', join(box.root, 'outside'));
    const { changes } = await (await box.open()).scan(box.clean());
    expect(changes.map(change => `${change.kind} ${change.path}`)).toEqual([
      'modified data/renamed/er/x.txt',
      'untracked data/y.csv',
      'untracked keep.log',
      'untracked outside',
      'modified readme.md',
      'removed run.sh',
      'added staged.txt'
    ]);
  });

  it('asks for the content of touched files once and then remembers', async () => {
    populate();
    await nextSecond();
    utimesSync(join(box.root, 'readme.md'), 1, 1);
    const git = await box.open();
    const seen: string[] = [];
    expect((await git.scan(box.clean(seen))).changes).toEqual([]);
    expect(seen).toContain('readme.md');
    seen.length = 0;
    await git.scan(box.clean(seen));
    expect(seen).toEqual([]);
    expectIntact();
  });

  it('knows assets by their attributes as git does', async () => {
    box.write(
      '.gitattributes',
      '*.csv filter=lfs\nraw/** filter=lfs -text\nraw/*.txt -filter\n"sp ace.bin" filter=lfs\n[attr]big filter=lfs\n*.big big\n'
    );
    box.write('raw/deep/.gitattributes', '*.md !filter\n/only.py filter=other\n');
    const git = await box.open();
    const paths = [
      'a.csv',
      'x/y.csv',
      'raw/a.txt',
      'raw/b',
      'raw/deep/c.md',
      'raw/deep/only.py',
      'sp ace.bin',
      'z.big',
      'plain',
      'rawer/x'
    ];
    for (const path of paths) {
      const value = box.git('check-attr', 'filter', '--', path).split(': ').at(-1);
      expect([path, await git.isAsset(path)]).toEqual([path, value === 'lfs']);
    }
  });
});

describe('opening', () => {
  it('initialises, finds upward, and follows linked worktrees', async () => {
    const empty = new Sandbox(false);
    try {
      await expect(openGit(empty.root, disk, { environment })).rejects.toMatchObject({ code: 'NOT_A_PROJECT' });
      const git = await initRepository(empty.root, disk, { environment });
      expect(await git.head()).toEqual({ kind: 'branch', branch: 'main', commit: null });
      empty.write('a/b/c', 'x');
      empty.commit('one');
      expect((await openGit(`${empty.root}/a/b`, disk, { environment })).root).toBe(empty.root);
      empty.git('branch', 'other');
      const linked = `${empty.root}-linked`;
      await git.addWorktree(linked, 'other');
      const second = await openGit(linked, disk, { environment });
      expect(second.commonDir).toBe(git.gitDir);
      expect(await second.head()).toMatchObject({ kind: 'branch', branch: 'other' });
      expect(await git.worktrees()).toEqual([
        { root: empty.root, branch: 'main' },
        { root: linked, branch: 'other' }
      ]);
      await expect(git.addWorktree(`${linked}2`, 'other')).rejects.toMatchObject({ code: 'BRANCH_IN_USE' });
      rmSync(linked, { recursive: true });
    } finally {
      empty.dispose();
    }
  });

  it.each([
    ['extensions.objectFormat', 'sha256'],
    ['core.bare', 'true'],
    ['core.sparseCheckout', 'true']
  ])('refuses %s=%s', async (key, value) => {
    box.git('config', key, value);
    await expect(box.open()).rejects.toMatchObject({ code: 'REPOSITORY_UNSUPPORTED' });
  });

  it('reads and writes settings that git reads back', async () => {
    const git = await box.open();
    const values = ['plain', ' spaced ', 'a;b#c', 'quo"te\\back', 'new\nline', ''];
    for (const value of values) {
      await git.setConfig('branch.feature/x.y.remote', value);
      expect(await git.config('branch.feature/x.y.remote')).toBe(value);
      expect(box.git('config', '-z', 'branch.feature/x.y.remote')).toBe(`${value}\0`);
    }
    await expect(
      (await box.open({ environment: { HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' } })).identity()
    ).rejects.toMatchObject({ code: 'IDENTITY_MISSING' });
    expect(await git.identity()).toEqual({ name: 'Ada', email: 'ada@example.org' });
  });

  it('finds an identity that the settings include for this folder', async () => {
    box.write('work.config', '[user]\n\tname = Grace\n\temail = grace@example.org\n');
    box.write('all.config', `[includeIf "gitdir:${box.root}/"]\n\tpath = ${box.root}/work.config\n`);
    const settings = { ...environment, GIT_CONFIG_GLOBAL: `${box.root}/all.config` };
    const { GIT_AUTHOR_NAME: _name, GIT_AUTHOR_EMAIL: _email, ...unnamed } = settings;
    const git = await box.open({ environment: unnamed });
    expect(await git.identity()).toEqual({ name: 'Grace', email: 'grace@example.org' });
  });

  it('says what plain git is in the middle of', async () => {
    populate();
    const git = await box.open();
    expect(await git.stateInProgress()).toBeNull();
    box.write('.git/MERGE_HEAD', box.git('rev-parse', 'side'));
    expect(await git.stateInProgress()).toBe('merge');
  });
});
