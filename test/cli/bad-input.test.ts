/** Bad input gets a typed error and changes nothing: every file, ref and setting is as it was. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandLine, createProject } from '../support/in-process';
import { environment, git } from '../support/program';
import type { Outcome } from '../support/program';
import { photograph } from '../support/photograph';
import { temporaryDirectory } from '../support/temporary-directory';

const NOBODY = 65534;

const program = commandLine();

async function expectRefused(project: string, code: string, exit: number, ...args: readonly string[]): Promise<void> {
  const before = photograph(project);
  const error = await program.fail(project, ...args);
  expect(error, args.join(' ')).toMatchObject({ code, exit });
  expect(error.message, args.join(' ')).not.toBe('');
  expect(photograph(project), args.join(' ')).toEqual(before);
}

/** A project with an asset on `main`, and `other` on which it differs. */
async function twoBranches(): Promise<string> {
  const project = await createProject(program);
  mkdirSync(join(project, 'data'));
  writeFileSync(join(project, 'data/a.csv'), 'x\n1\n');
  await program.run(project, 'snapshot', '-m', 'first');
  await program.run(project, 'switch', '-c', 'other');
  writeFileSync(join(project, 'data/a.csv'), 'x\n2\n');
  await program.run(project, 'snapshot', '-m', 'second');
  await program.run(project, 'switch', 'main');
  return project;
}

const everyVerb: readonly (readonly string[])[] = [
  ['status'],
  ['track', '*.x'],
  ['snapshot'],
  ['branch'],
  ['branch', 'new'],
  ['switch', 'main'],
  ['merge', 'main'],
  ['compare', 'main'],
  ['versions', 'a'],
  ['assets'],
  ['show'],
  ['restore', 'a'],
  ['get', 'a'],
  ['undo'],
  ['check']
];

describe('refused, and nothing changed', () => {
  it('every verb where there is no project', async () => {
    const folder = temporaryDirectory();
    for (const args of everyVerb) {
      await expectRefused(folder, 'NOT_A_PROJECT', 1, ...args);
    }
    const plain = temporaryDirectory();
    git(plain, 'init', '-q');
    for (const args of everyVerb) {
      await expectRefused(plain, 'NOT_A_PROJECT', 1, ...args);
    }
  });

  it('snapshots and merges without an author', async () => {
    const project = await twoBranches();
    writeFileSync(join(project, 'mine.txt'), 'mine\n');
    await program.run(project, 'snapshot', '-m', 'diverge');
    git(project, 'config', '--unset', 'user.name');
    git(project, 'config', '--unset', 'user.email');
    writeFileSync(join(project, 'new.txt'), 'new\n');
    await expectRefused(project, 'IDENTITY_MISSING', 1, 'snapshot');
    await expectRefused(project, 'IDENTITY_MISSING', 1, 'merge', 'other');
    expect(await program.run(project, 'status')).toContain('No author is set');
  });

  it('before the first snapshot, what needs one', async () => {
    const project = await createProject(program);
    for (const args of [
      ['branch', 'new'],
      ['branch', 'new', '--switch'],
      ['switch', '-c', 'new'],
      ['switch', 'main'],
      ['merge', 'main'],
      ['compare', 'main'],
      ['show'],
      ['show', '@main'],
      ['show', '@~1'],
      ['versions', '.gitignore'],
      ['restore', '.gitignore'],
      ['get', '.gitignore@main']
    ]) {
      await expectRefused(project, 'UNBORN_HEAD', 1, ...args);
    }
    expect(await program.run(project, 'status')).toContain('before its first snapshot');
    expect(await program.run(project, 'branch')).toContain('Take the first');
    expect(await program.json(project, 'assets')).toMatchObject({ assets: [] });
    expect(await program.run(project, 'check')).toContain('All is well');
  });

  it('merging with a detached HEAD; everything else works there, and says so', async () => {
    const project = await twoBranches();
    await program.run(project, 'switch', '--detach', 'other');
    expect(await program.run(project, 'status')).toContain('On no branch, at ');
    await expectRefused(project, 'DETACHED_HEAD', 1, 'merge', 'main');
    writeFileSync(join(project, 'new.txt'), 'new\n');
    await program.run(project, 'snapshot', '-m', 'on no branch');
    const left = await program.run(project, 'switch', 'main');
    const [, id] = /`branchbook branch NAME --from ([0-9a-f]+)`/.exec(left)!;
    await program.run(project, 'branch', 'kept', '--from', id!, '--switch');
    expect(git(project, 'log', '-1', '--format=%s', 'kept')).toBe('on no branch\n');
    expect(git(project, 'symbolic-ref', '--short', 'HEAD')).toBe('kept\n');
  });

  it('names that no branch can have', async () => {
    const project = await twoBranches();
    for (const name of [
      'a b',
      '-x',
      '--force',
      'a..b',
      'a~1',
      'x.lock',
      'HEAD',
      '@',
      'a//b',
      '/a',
      'a/',
      'a\u0007b',
      ''
    ]) {
      await expectRefused(project, 'BRANCH_NAME_INVALID', 2, 'branch', '--', name);
      await expectRefused(project, 'BRANCH_NAME_INVALID', 2, 'switch', '-c', '--', name);
      await expectRefused(project, 'BRANCH_NAME_INVALID', 2, 'branch', `--rename=${name}`, 'other');
    }
    await expectRefused(project, 'BRANCH_UNKNOWN', 1, 'switch', 'a b');
    await expectRefused(project, 'BRANCH_UNKNOWN', 1, 'switch', 'nobody');
    await expectRefused(project, 'BRANCH_EXISTS', 1, 'branch', 'other');
  });

  it.each(['anna/new-features', 'expérience/été', '実験-1', 'a@b', '🚀', "it's-$(x)"])(
    'but not the branch %s',
    async name => {
      const project = await twoBranches();
      await program.run(project, 'switch', '-c', name);
      writeFileSync(join(project, 'data/a.csv'), 'x\n3\n');
      await program.run(project, 'snapshot', '-m', 'third');
      expect(git(project, 'symbolic-ref', '--short', 'HEAD')).toBe(`${name}\n`);
      await program.run(project, 'switch', 'main');
      expect(readFileSync((await program.run(project, 'get', `data/a.csv@${name}`)).trim(), 'utf8')).toBe('x\n3\n');
      await program.run(project, 'merge', name);
      await program.run(project, 'branch', name, '-d');
      expect(git(project, 'branch', '--format=%(refname:short)')).toBe('main\nother\n');
    }
  );

  it('while git is in the middle of a merge', async () => {
    const project = await twoBranches();
    writeFileSync(join(project, 'data/a.csv'), 'x\n3\n');
    await program.run(project, 'snapshot', '-m', 'third');
    expect(spawnSync('git', ['merge', 'other'], { cwd: project, env: environment }).status).toBe(1);
    for (const args of [
      ['switch', 'other'],
      ['snapshot'],
      ['merge', 'other'],
      ['undo'],
      ['restore', 'data/a.csv@other']
    ]) {
      await expectRefused(project, 'OPERATION_IN_PROGRESS', 1, ...args);
    }
    expect(await program.run(project, 'status')).toContain('in the middle of a merge');
    git(project, 'merge', '--abort');
    await program.run(project, 'switch', 'other');
  });

  it('switching over work that no snapshot holds; status says so before', async () => {
    const project = await twoBranches();
    writeFileSync(join(project, 'data/a.csv'), 'unsaved\n');
    expect(await program.run(project, 'status')).toMatch(/switch to other would be refused.*data\/a\.csv/);
    await expectRefused(project, 'WORK_TREE_DIRTY', 3, 'switch', 'other');
    await expectRefused(project, 'WORK_TREE_DIRTY', 3, 'merge', 'other');
    await program.run(project, 'branch', 'same');
    await program.run(project, 'switch', 'same');
  });

  it('files that may not be read', async () => {
    const project = await twoBranches();
    writeFileSync(join(project, 'data/new.csv'), 'x\n1\n');
    writeFileSync(join(project, 'new.txt'), 'new\n');
    for (const path of ['data/new.csv', 'new.txt']) {
      chmodSync(join(project, path), 0o000);
      const before = git(project, 'for-each-ref');
      const { code, stderr } = asSomebody(project, 'snapshot', path, '--json');
      expect(code).toBe(1);
      expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'FILE_UNREADABLE', data: { path } } });
      expect(git(project, 'for-each-ref')).toBe(before);
      chmodSync(join(project, path), 0o644);
    }
    expect(asSomebody(project, 'snapshot', '-m', 'readable again')).toMatchObject({ code: 0 });
  });

  it('the user’s own attributes and ignore files that may not be read count as absent', async () => {
    const project = await twoBranches();
    const folder = join(project, '.git/forbidden');
    mkdirSync(folder);
    writeFileSync(join(folder, 'attributes'), '*.txt filter=lfs\n');
    writeFileSync(join(folder, 'ignore'), '*.log\n');
    writeFileSync(join(project, 'a.log'), 'text\n');
    git(project, 'config', 'core.attributesFile', join(folder, 'attributes'));
    git(project, 'config', 'core.excludesFile', join(folder, 'ignore'));
    for (const path of [join(folder, 'attributes'), join(folder, 'ignore'), folder]) {
      chmodSync(path, 0o000);
      const name = `${basename(path)}.txt`;
      writeFileSync(join(project, name), 'text\n');
      const { code, stderr } = asSomebody(project, 'snapshot', '-m', name);
      expect(code, stderr).toBe(0);
    }
    for (const name of ['attributes.txt', 'forbidden.txt', 'ignore.txt', 'a.log']) {
      expect(git(project, 'cat-file', 'blob', `HEAD:${name}`)).toBe('text\n');
    }
  });

  it('a case-only collision is kept apart, and a case-only rename is followed', async () => {
    const project = await twoBranches();
    await program.run(project, 'switch', '-c', 'renamed');
    git(project, 'mv', 'data/a.csv', 'data/A.csv');
    await program.run(project, 'snapshot', '-m', 'rename');
    await program.run(project, 'switch', 'main');
    expect(readdirSync(join(project, 'data'))).toEqual(['a.csv']);
    await program.run(project, 'switch', 'renamed');
    expect(readdirSync(join(project, 'data'))).toEqual(['A.csv']);
    expect(git(project, 'status', '--porcelain')).toBe('');
  });
});

describe('symbolic links', () => {
  it('stay links, and nothing outside the project is read or written through them', async () => {
    const project = await createProject(program);
    const outside = temporaryDirectory();
    writeFileSync(join(outside, 'secret.csv'), 'secret\n');
    symlinkSync(outside, join(project, 'data'));
    symlinkSync(join(outside, 'secret.csv'), join(project, 'link.csv'));
    await program.run(project, 'snapshot', '-m', 'links');
    expect(git(project, 'ls-tree', '-r', '--format=%(objectmode) %(path)', 'HEAD')).toMatch(
      /120000 data\n120000 link\.csv\n$/
    );
    expect(git(project, 'cat-file', 'blob', 'HEAD:link.csv')).toBe(join(outside, 'secret.csv'));
    await expectRefused(project, 'PATH_UNSAFE', 2, 'snapshot', 'data/secret.csv');
    await program.run(project, 'switch', '-c', 'real');
    rmSync(join(project, 'data'));
    mkdirSync(join(project, 'data'));
    writeFileSync(join(project, 'data/secret.csv'), 'mine\n');
    await program.run(project, 'snapshot', '-m', 'a folder now');
    await program.run(project, 'switch', 'main');
    expect(readlinkSync(join(project, 'data'))).toBe(outside);
    await expectRefused(project, 'PATH_UNSAFE', 2, 'restore', 'data/secret.csv@real');
    await program.run(project, 'switch', 'real');
    expect(lstatSync(join(project, 'data')).isDirectory()).toBe(true);
    expect(readFileSync(join(project, 'data/secret.csv'), 'utf8')).toBe('mine\n');
    expect(readdirSync(outside)).toEqual(['secret.csv']);
    expect(readFileSync(join(outside, 'secret.csv'), 'utf8')).toBe('secret\n');
  });
});

/** Run as a user whom permissions bind: the superuser becomes nobody, who then owns the project. */
function asSomebody(project: string, ...args: readonly string[]): Outcome {
  if (process.getuid!() !== 0) {
    return program.program().try(project, ...args);
  }
  const folder = temporaryDirectory();
  cpSync(dirname(program.program().file), folder, { recursive: true });
  chmodSync(folder, 0o755);
  giveTo(project);
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'branchbook.cjs'), ...args], {
    cwd: project,
    env: { ...environment, HOME: folder },
    encoding: 'utf8',
    uid: NOBODY,
    gid: NOBODY
  });
  execFileSync('chown', ['-R', String(process.getuid!()), project]);
  return { code: status ?? -1, stdout, stderr };
}

function giveTo(project: string): void {
  execFileSync('chown', ['-R', String(NOBODY), project]);
  chownSync(project, NOBODY, NOBODY);
}
