import { existsSync, lstatSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MigrateResult } from '../../src/core/model/maintenance';
import { DvcProject } from '../support/dvc-project';
import { commandLine } from '../support/in-process';
import { git } from '../support/program';
import { randomBytes } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';

const program = commandLine();

const migrate = (root: string, ...args: readonly string[]): Promise<MigrateResult> =>
  program.json<MigrateResult>(root, 'migrate', '--from', 'dvc', ...args);

async function initialise(root: string): Promise<void> {
  await program.run(root, 'init');
  await program.run(root, 'snapshot', '-m', 'branchbook');
}

/** What plain git and our filter give at a revision, in a fresh checkout. */
function contentAt(root: string, revision: string, path: string): Buffer {
  const folder = join(temporaryDirectory(), 'tree');
  git(root, 'worktree', 'add', '-q', '--detach', folder, revision);
  const content = readFileSync(join(folder, path));
  git(root, 'worktree', 'remove', '--force', folder);
  return content;
}

/** Sorted: commits of one second have no order. */
const facts = (root: string): readonly string[] =>
  git(root, 'log', '--format=%an %ae %ad %cd %s', '--date=raw', 'main', 'side').trim().split('\n').sort();

function history(version: 2 | 3): {
  readonly dvc: DvcProject;
  readonly table: readonly Buffer[];
  readonly model: Buffer;
} {
  const dvc = new DvcProject(version);
  const table = ['a,b\r\n1,2\r\n', 'a,b\r\n1,2\r\n3,4\r\n'].map(text => Buffer.from(text.repeat(500)));
  const model = randomBytes(50_000);
  dvc.add('data/table.csv', table[0]!);
  dvc.commit('one');
  git(dvc.root, 'tag', '-a', 'v1', '-m', 'first');
  git(dvc.root, 'switch', '-q', '-c', 'side');
  const images = { 'a.png': randomBytes(3000), 'sub/b.png': randomBytes(2000) };
  dvc.addFolder('data/images', images);
  dvc.commit('images');
  git(dvc.root, 'switch', '-q', 'main');
  // What `dvc checkout` does here, and again after the merge.
  rmSync(join(dvc.root, 'data/images'), { recursive: true });
  dvc.add('data/table.csv', table[1]!);
  dvc.reproduce('model.pkl', model);
  dvc.commit('two');
  git(dvc.root, 'merge', '-q', '--no-ff', '-m', 'merged', 'side');
  Object.entries(images).forEach(([name, bytes]) => dvc.write(`data/images/${name}`, bytes));
  return { dvc, table, model };
}

describe.each([2, 3] as const)('a history of DVC %i', version => {
  it('becomes one of assets: branches, tags, merges, authors and dates kept', { timeout: 240_000 }, async () => {
    const { dvc, table, model } = history(version);
    const { root } = dvc;
    await initialise(root);
    const before = { facts: facts(root), main: git(root, 'rev-parse', 'main'), tag: git(root, 'rev-parse', 'v1') };
    const plan = await migrate(root, '--dry-run');
    expect(plan).toMatchObject({ dryRun: true, files: 4, versions: 5, newBytes: 0, missing: [] });
    expect(git(root, 'rev-parse', 'main')).toBe(before.main);
    const done = await migrate(root);
    expect(done).toMatchObject({ files: 4, versions: 5, commits: plan.commits, missing: [] });
    expect(done.refs.map(({ name }) => name).sort()).toEqual(['refs/heads/main', 'refs/heads/side', 'refs/tags/v1']);
    expect(facts(root)).toEqual(before.facts);
    expect(git(root, 'rev-list', '--merges', '--count', 'main').trim()).toBe('1');
    expect(git(root, 'cat-file', '-t', 'v1').trim()).toBe('tag');
    expect(git(root, 'status', '--porcelain')).toBe('');
    expect(git(root, 'fsck', '--full', '--strict', '--no-dangling')).toBe('');
    expect(contentAt(root, 'v1', 'data/table.csv')).toEqual(table[0]);
    expect(readFileSync(join(root, 'data/table.csv'))).toEqual(table[1]);
    expect(readFileSync(join(root, 'model.pkl'))).toEqual(model);
    expect(lstatSync(join(root, 'data/images/sub/b.png')).size).toBe(2000);
    expect(git(root, 'lfs', 'ls-files', '--name-only').trim().split('\n').sort()).toEqual(
      ['data/images/a.png', 'data/images/sub/b.png', 'data/table.csv', 'model.pkl'].sort()
    );
    const files = git(root, 'ls-files');
    expect(files).toContain('dvc.lock');
    expect(files).not.toContain('.csv.dvc');
    // Nothing of the cache is needed any more.
    rmSync(join(root, '.dvc/cache'), { recursive: true });
    await program.run(root, 'switch', 'side');
    expect(readFileSync(join(root, 'data/table.csv'))).toEqual(table[0]);
    expect(await program.run(root, 'check', '--read-data')).toContain('All is well');
    await program.run(root, 'undo');
    await program.run(root, 'undo');
    expect(git(root, 'rev-parse', 'main')).toBe(before.main);
    expect(git(root, 'rev-parse', 'v1')).toBe(before.tag);
    expect(git(root, 'for-each-ref', 'refs/branchbook')).toBe('');
    expect(git(root, 'status', '--porcelain')).toBe('');
    expect(readFileSync(join(root, 'data/table.csv'))).toEqual(table[1]);
    await program.run(root, 'undo', '--redo');
    expect(git(root, 'status', '--porcelain')).toBe('');
    expect(readFileSync(join(root, 'data/table.csv'))).toEqual(table[1]);
  });
});

describe('migrate --from dvc', { timeout: 240_000 }, () => {
  it('leaves with DVC what is missing or damaged, and says so', async () => {
    const dvc = new DvcProject();
    const damaged = randomBytes(4000);
    dvc.add('good.bin', randomBytes(4000));
    dvc.add('gone.bin', randomBytes(4000), false);
    dvc.add('damaged.bin', damaged);
    dvc.commit('one');
    writeFileSync(dvc.cacheFileOf(damaged), randomBytes(4000));
    await initialise(dvc.root);
    const { missing, files, notices } = await migrate(dvc.root);
    expect(files).toBe(1);
    expect(missing.map(({ path, reason }) => [path, reason.slice(0, 7)]).sort()).toEqual([
      ['damaged.bin', 'damaged'],
      ['gone.bin', 'not in ']
    ]);
    expect(notices.join(' ')).toContain('dvc fetch');
    expect(git(dvc.root, 'ls-files').split('\n')).toEqual(
      expect.arrayContaining(['gone.bin.dvc', 'damaged.bin.dvc', 'good.bin'])
    );
    expect(git(dvc.root, 'show', 'HEAD:.gitignore')).toMatch(/^\/gone\.bin\n\/damaged\.bin\n/);
  });

  it('finds contents in a remote that is a folder, and keeps the .dvc files when told to', async () => {
    const dvc = new DvcProject();
    const content = randomBytes(4000);
    dvc.add('a.bin', content);
    dvc.write('.dvc/config', `[core]\n    remote = here\n['remote "here"']\n    url = ../storage\n`);
    dvc.commit('one');
    renameSync(join(dvc.root, '.dvc/cache'), join(dvc.root, 'storage'));
    writeFileSync(join(dvc.root, '.git/info/exclude'), '/storage\n');
    rmSync(join(dvc.root, 'a.bin'));
    await initialise(dvc.root);
    expect(await migrate(dvc.root, '--keep-dvc-files')).toMatchObject({ files: 1, missing: [] });
    expect(readFileSync(join(dvc.root, 'a.bin'))).toEqual(content);
    expect(existsSync(join(dvc.root, 'a.bin.dvc'))).toBe(true);
  });

  it('puts real files where DVC had links into its cache', async () => {
    const dvc = new DvcProject();
    const content = randomBytes(4000);
    dvc.add('a.bin', content);
    dvc.commit('one');
    rmSync(join(dvc.root, 'a.bin'));
    symlinkSync(dvc.cacheFileOf(content), join(dvc.root, 'a.bin'));
    await initialise(dvc.root);
    await migrate(dvc.root);
    expect(lstatSync(join(dvc.root, 'a.bin')).isFile()).toBe(true);
    expect(readFileSync(join(dvc.root, 'a.bin'))).toEqual(content);
  });

  it('refuses to overwrite data that was edited, and changes; both lose nothing', async () => {
    const dvc = new DvcProject();
    dvc.add('a.bin', randomBytes(4000));
    const commit = dvc.commit('one');
    await initialise(dvc.root);
    const head = git(dvc.root, 'rev-parse', 'HEAD');
    expect(head).not.toBe(commit);
    writeFileSync(join(dvc.root, 'a.bin'), 'my own edit');
    expect(await program.fail(dvc.root, 'migrate', '--from', 'dvc')).toMatchObject({ code: 'WORK_TREE_DIRTY' });
    expect(readFileSync(join(dvc.root, 'a.bin'), 'utf8')).toBe('my own edit');
    dvc.write('a.bin.dvc', 'outs: []\n');
    expect(await program.fail(dvc.root, 'migrate', '--from', 'dvc')).toMatchObject({ code: 'WORK_TREE_DIRTY' });
    expect(git(dvc.root, 'rev-parse', 'HEAD')).toBe(head);
    expect(git(dvc.root, 'for-each-ref', 'refs/branchbook')).toBe('');
  });

  it('takes nothing from outside the project, whatever a .dvc file says', async () => {
    const dvc = new DvcProject();
    dvc.add('a.bin', randomBytes(400));
    const name = /md5: (\w+)/.exec(readFileSync(join(dvc.root, 'a.bin.dvc'), 'utf8'))![1]!;
    for (const [index, path] of ['../../evil', '/etc/passwd', '.git/hooks/pre-push', 's3://bucket/x'].entries()) {
      dvc.write(`evil-${index}.dvc`, `outs:\n- md5: ${name}\n  hash: md5\n  path: ${path}\n`);
    }
    dvc.write('torn.dvc', 'outs: [\n');
    dvc.commit('hostile');
    await initialise(dvc.root);
    const { missing, files } = await migrate(dvc.root);
    expect(files).toBe(1);
    expect(missing).toHaveLength(5);
    expect(existsSync(join(dvc.root, '.git/hooks/pre-push'))).toBe(false);
  });
});
