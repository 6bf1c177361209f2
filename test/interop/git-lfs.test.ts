/** The real git and the real git-lfs on a project of ours. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildProgram, git, newProject } from '../support/program';
import type { Program } from '../support/program';
import { randomBytes } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});

function write(project: string, path: string, content: string | Buffer): void {
  mkdirSync(join(project, path, '..'), { recursive: true });
  writeFileSync(join(project, path), content);
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function onlyFileBelow(folder: string): string {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter(entry => entry.isFile());
  expect(files).toHaveLength(1);
  return join(files[0]!.parentPath, files[0]!.name);
}

function expectSound(project: string): void {
  expect(git(project, 'fsck', '--full', '--strict', '--no-dangling')).toBe('');
  expect(git(project, 'status', '--porcelain')).toBe('');
}

describe('git and git-lfs', () => {
  it('find the repository sound and clean after every operation', () => {
    const project = newProject(program);
    write(project, 'data/a.parquet', randomBytes(300_000));
    write(project, 'train.py', 'one\n\n\n\ntwo\n');
    const steps: (readonly string[])[] = [
      ['snapshot', '-m', 'first'],
      ['branch', 'other'],
      ['branch', 'other', '-m', 'experiment'],
      ['switch', 'experiment'],
      ['merge', 'main'],
      ['undo'],
      ['switch', '-c', 'third'],
      ['switch', 'main'],
      ['branch', 'third', '-d'],
      ['undo'],
      ['check', '--read-data']
    ];
    for (const step of steps) {
      program.run(project, ...step);
      expectSound(project);
    }
    expect(git(project, 'log', '--format=%s')).toBe('first\n');
  });

  it('git-lfs lists our assets and finds every pointer canonical', () => {
    const project = newProject(program);
    const bytes = randomBytes(200_000);
    write(project, 'data/a.parquet', bytes);
    write(project, 'data/notes.md', '# notes\n');
    program.run(project, 'snapshot', '-m', 'first');
    expect(git(project, 'lfs', 'ls-files', '--long', '--name-only')).toBe('data/a.parquet\n');
    expect(git(project, 'lfs', 'ls-files', '--long')).toContain(sha256(bytes));
    const pointer = join(temporaryDirectory(), 'pointer');
    writeFileSync(pointer, git(project, 'cat-file', 'blob', 'HEAD:data/a.parquet'));
    expect(git(project, 'lfs', 'pointer', '--check', '--strict', `--file=${pointer}`)).toBe('');
    expect(git(project, 'lfs', 'fsck', '--pointers')).toContain('Git LFS fsck OK');
  });

  it('plain git add and commit store an asset, and checkout brings it back', () => {
    const project = newProject(program);
    write(project, 'README.md', 'hello\n');
    program.run(project, 'snapshot', '-m', 'first');
    const first = randomBytes(3_000_000);
    write(project, 'models/m.pt', first);
    git(project, 'add', '-A');
    git(project, 'commit', '-q', '-m', 'by plain git');
    expect(git(project, 'cat-file', 'blob', 'HEAD:models/m.pt')).toContain(
      `oid sha256:${sha256(first)}\nsize 3000000\n`
    );
    const second = randomBytes(10);
    write(project, 'models/m.pt', second);
    git(project, 'commit', '-q', '-a', '-m', 'again');

    git(project, 'checkout', '-q', 'HEAD~1');
    expect(sha256(readFileSync(join(project, 'models/m.pt')))).toBe(sha256(first));
    git(project, 'checkout', '-q', 'main');
    rmSync(join(project, 'models/m.pt'));
    git(project, 'checkout', '-q', '--', 'models/m.pt');
    expect(readFileSync(join(project, 'models/m.pt'))).toEqual(second);
    expectSound(project);

    const { versions } = program.json<{ versions: { subject: string; size: number }[] }>(
      project,
      'versions',
      'models/m.pt'
    );
    expect(versions.map(({ subject, size }) => [subject, size])).toEqual([
      ['again', 10],
      ['by plain git', 3_000_000]
    ]);
    expect(program.run(project, 'check', '--read-data')).toContain('All is well');
  });

  it('the filters for one file do the same as the process', () => {
    const project = newProject(program);
    git(project, 'config', '--unset', 'filter.lfs.process');
    const bytes = randomBytes(100_000);
    write(project, "data/it's a $(name) %f.bin", bytes);
    git(project, 'add', '-A');
    git(project, 'commit', '-q', '-m', 'one by one');
    expect(git(project, 'show', "HEAD:data/it's a $(name) %f.bin")).toContain(sha256(bytes));
    rmSync(join(project, 'data'), { recursive: true });
    git(project, 'checkout', '-q', '--', '.');
    expect(readFileSync(join(project, "data/it's a $(name) %f.bin"))).toEqual(bytes);
  });

  it('an empty asset and a committed pointer pass through', () => {
    const project = newProject(program);
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;
    write(project, 'data/empty.csv', '');
    write(project, 'data/elsewhere.csv', pointer);
    git(project, 'add', '-A');
    git(project, 'commit', '-q', '-m', 'pointers');
    expect(git(project, 'show', 'HEAD:data/empty.csv')).toBe('');
    expect(git(project, 'show', 'HEAD:data/elsewhere.csv')).toBe(pointer);
    rmSync(join(project, 'data'), { recursive: true });
    git(project, 'checkout', '-q', '--', '.');
    expect(readFileSync(join(project, 'data/elsewhere.csv'), 'utf8')).toBe(pointer);
    expect(program.try(project, 'check').code).toBe(1);
  });

  it('git clone gives a repository that becomes a project with its own init', () => {
    const project = newProject(program);
    write(project, 'data/a.csv', 'x\n1\n');
    program.run(project, 'snapshot', '-m', 'first');
    const clone = join(temporaryDirectory(), 'clone');
    git(project, 'clone', '-q', project, clone);
    expect(readFileSync(join(clone, 'data/a.csv'), 'utf8')).toContain('git-lfs');
    expect(program.fail(clone, 'status')).toMatchObject({ exit: 1, code: 'NOT_A_PROJECT' });
    program.run(clone, 'init');
    expect(git(clone, 'status', '--porcelain')).toBe('');
    expect(program.json<{ assets: { here: boolean }[] }>(clone, 'assets').assets).toMatchObject([{ here: false }]);
  });

  it('init takes over a repository that git-lfs manages', () => {
    const project = temporaryDirectory();
    git(project, 'init', '-q', '-b', 'trunk');
    git(project, 'config', 'user.name', 'Ada');
    git(project, 'config', 'user.email', 'ada@example.org');
    git(project, 'lfs', 'install', '--local');
    git(project, 'lfs', 'track', '*.weights');
    const [old, recent] = [randomBytes(50_000), randomBytes(60_000)];
    for (const bytes of [old, recent]) {
      write(project, 'm.weights', bytes);
      git(project, 'add', '-A');
      git(project, 'commit', '-q', '-m', 'by git-lfs');
    }
    const result = program.json<{ branch: string; patterns: string[] }>(project, 'init');
    expect(result.branch).toBe('trunk');
    expect(result.patterns).toContain('*.weights');
    program.run(project, 'snapshot', '-m', 'adopt');
    program.run(project, 'restore', 'm.weights@~2');
    expect(readFileSync(join(project, 'm.weights'))).toEqual(old);
    expect(program.run(project, 'check')).toContain('All is well');
  });

  it('a damaged stored chunk is named by git checkout and by check, and never written', () => {
    const project = newProject(program);
    const bytes = randomBytes(400_000);
    write(project, 'data/a.bin', bytes);
    program.run(project, 'snapshot', '-m', 'first');
    const damaged = onlyFileBelow(join(project, '.git/branchbook/xorbs'));
    const content = readFileSync(damaged);
    content[Math.floor(content.length / 2)]! ^= 0xff;
    rmSync(damaged, { force: true });
    writeFileSync(damaged, content);
    rmSync(join(project, 'data/a.bin'));
    expect(() => git(project, 'checkout', '--', 'data/a.bin')).toThrow(/data\/a\.bin/);
    expect(existsSync(join(project, 'data/a.bin')) && readFileSync(join(project, 'data/a.bin')).length > 0).toBe(false);
    expect(program.try(project, 'check', '--read-data').code).toBe(1);
  });
});
