/** Projects made by the real git-lfs come here, and ours go back to it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MigrateResult } from '../../src/core/model/maintenance';
import { commandLine } from '../support/in-process';
import { git } from '../support/program';
import { randomBytes } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';

const program = commandLine();

function write(project: string, path: string, content: string | Buffer): void {
  mkdirSync(join(project, path, '..'), { recursive: true });
  writeFileSync(join(project, path), content);
}

function commit(project: string, message: string): void {
  git(project, 'add', '-A');
  git(project, 'commit', '-q', '-m', message);
}

function filesBelow(folder: string): readonly string[] {
  return existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name))
    : [];
}

/** Three versions of a file on two branches and a tag, by plain git-lfs, with a remote that has everything. */
function lfsProject(): { readonly project: string; readonly versions: readonly Buffer[] } {
  const project = join(temporaryDirectory(), 'project');
  const remote = join(temporaryDirectory(), 'remote.git');
  git('/', 'init', '-q', '--bare', '-b', 'main', remote);
  git('/', 'init', '-q', '-b', 'main', project);
  git(project, 'config', 'user.name', 'Ada');
  git(project, 'config', 'user.email', 'ada@example.org');
  git(project, 'lfs', 'install', '--local');
  git(project, 'lfs', 'track', '*.bin');
  const shared = randomBytes(900_000);
  const versions = [1, 2, 3].map(version => Buffer.concat([shared, randomBytes(1000 * version)]));
  write(project, 'a.bin', versions[0]!);
  commit(project, 'one');
  git(project, 'tag', 'v1');
  write(project, 'a.bin', versions[1]!);
  commit(project, 'two');
  git(project, 'switch', '-q', '-c', 'side');
  write(project, 'folder/b.bin', versions[2]!);
  commit(project, 'three');
  git(project, 'switch', '-q', 'main');
  git(project, 'remote', 'add', 'origin', remote);
  git(project, 'push', '-q', 'origin', 'main', 'side', 'v1');
  return { project, versions };
}

const migrate = (project: string, ...args: readonly string[]): Promise<MigrateResult> =>
  program.json<MigrateResult>(project, 'migrate', ...args);

describe('migrate --from lfs', { timeout: 240_000 }, () => {
  it('stores every version of all branches once, and deletes the copies when told to', async () => {
    const { project, versions } = lfsProject();
    const history = git(project, 'log', '--all', '--format=%H');
    await program.run(project, 'init');
    const plan = await migrate(project, '--from', 'lfs', '--dry-run');
    expect(plan).toMatchObject({ dryRun: true, versions: 3, files: 2, newBytes: 0, missing: [] });
    expect(filesBelow(join(project, '.git/branchbook/xorbs'))).toEqual([]);
    const done = await migrate(project, '--from', 'lfs');
    expect(done).toMatchObject({ versions: 3, missing: [], dropped: 0 });
    expect(done.bytes).toBe(versions.reduce((sum, bytes) => sum + bytes.length, 0));
    // The versions share most of their bytes.
    expect(done.newBytes).toBeLessThan(done.bytes / 2);
    expect(filesBelow(join(project, '.git/lfs/objects'))).toHaveLength(3);
    const dropped = await migrate(project, '--from', 'lfs', '--drop-source');
    expect(dropped).toMatchObject({ newBytes: 0, dropped: done.bytes, missing: [] });
    expect(filesBelow(join(project, '.git/lfs/objects'))).toEqual([]);
    expect(git(project, 'log', '--all', '--format=%H')).toBe(history);
    await program.run(project, 'snapshot', '-m', 'attributes');
    await program.run(project, 'switch', 'side');
    expect(readFileSync(join(project, 'folder/b.bin'))).toEqual(versions[2]);
    expect(git(project, 'status', '--porcelain')).toBe('');
    expect(await program.run(project, 'check', '--read-data')).toContain('All is well');
  });

  it('fetches what a clone does not have, and lists what no remote has', async () => {
    const { project } = lfsProject();
    const clone = join(temporaryDirectory(), 'clone');
    const remote = git(project, 'remote', 'get-url', 'origin').trim();
    git('/', '-c', 'filter.lfs.smudge=cat', '-c', 'filter.lfs.process=', 'clone', '-q', remote, clone);
    await program.run(clone, 'init', '--name', 'Ada', '--email', 'ada@example.org');
    expect(await migrate(clone, '--from', 'lfs')).toMatchObject({ versions: 3, missing: [], notices: [/own copies/] });
    rmSync(join(remote, 'lfs'), { recursive: true });
    const other = join(temporaryDirectory(), 'other');
    git('/', '-c', 'filter.lfs.smudge=cat', '-c', 'filter.lfs.process=', 'clone', '-q', remote, other);
    await program.run(other, 'init', '--name', 'Ada', '--email', 'ada@example.org');
    const { missing, versions, notices } = await migrate(other, '--from', 'lfs');
    expect(versions).toBe(0);
    expect(missing.map(({ path }) => path).sort()).toEqual(['a.bin', 'a.bin', 'folder/b.bin']);
    expect(notices).toEqual([expect.stringContaining('git lfs fetch --all')]);
  });

  it('does not take a damaged file, nor delete it', async () => {
    const { project } = lfsProject();
    git(project, 'remote', 'remove', 'origin');
    const [file] = filesBelow(join(project, '.git/lfs/objects'));
    const size = readFileSync(file!).length;
    rmSync(file!);
    writeFileSync(file!, randomBytes(size));
    await program.run(project, 'init');
    const { missing, versions } = await migrate(project, '--from', 'lfs', '--drop-source');
    expect(versions).toBe(2);
    expect(missing).toMatchObject([
      { object: file!.slice(-64), reason: expect.stringContaining('damaged') as unknown }
    ]);
    expect(filesBelow(join(project, '.git/lfs/objects'))).toEqual([file]);
  });
});

describe('migrate --to lfs', { timeout: 240_000 }, () => {
  it('leaves a project that git and git-lfs work with alone', async () => {
    const project = join(temporaryDirectory(), 'project');
    mkdirSync(project);
    await program.run(project, 'init', '--name', 'Ada', '--email', 'ada@example.org');
    const versions = [randomBytes(400_000), randomBytes(300_000)];
    write(project, 'data/a.parquet', versions[0]!);
    write(project, 'data/empty.parquet', '');
    await program.run(project, 'snapshot', '-m', 'first');
    await program.run(project, 'switch', '-c', 'side');
    write(project, 'data/a.parquet', versions[1]!);
    await program.run(project, 'snapshot', '-m', 'second');
    expect(await migrate(project, '--to', 'lfs', '--dry-run')).toMatchObject({ versions: 2, newBytes: 0 });
    expect(filesBelow(join(project, '.git/lfs/objects'))).toEqual([]);
    expect(await migrate(project, '--to', 'lfs')).toMatchObject({ versions: 2, newBytes: 700_000, missing: [] });
    expect(await migrate(project, '--to', 'lfs')).toMatchObject({ newBytes: 0 });
    rmSync(join(project, '.git/branchbook'), { recursive: true });
    expect(git(project, 'lfs', 'fsck')).toContain('Git LFS fsck OK');
    expect(git(project, 'config', 'filter.lfs.process').trim()).toBe('git-lfs filter-process');
    expect(git(project, 'status', '--porcelain')).toBe('');
    git(project, 'switch', '-q', 'main');
    expect(readFileSync(join(project, 'data/a.parquet'))).toEqual(versions[0]);
    const remote = join(temporaryDirectory(), 'remote.git');
    git('/', 'init', '-q', '--bare', '-b', 'main', remote);
    git(project, 'remote', 'add', 'origin', remote);
    git(project, 'push', '-q', 'origin', 'main', 'side');
    const clone = join(temporaryDirectory(), 'clone');
    git('/', 'clone', '-q', '-b', 'side', remote, clone);
    git(clone, 'lfs', 'install', '--local');
    git(clone, 'lfs', 'pull');
    expect(readFileSync(join(clone, 'data/a.parquet'))).toEqual(versions[1]);
  });

  it('tells what the store does not have, and leaves a hook of the user alone', async () => {
    const project = join(temporaryDirectory(), 'project');
    mkdirSync(project);
    await program.run(project, 'init', '--name', 'Ada', '--email', 'ada@example.org');
    write(project, 'data/a.parquet', randomBytes(4000));
    await program.run(project, 'snapshot', '-m', 'first');
    rmSync(join(project, '.git/branchbook/xorbs'), { recursive: true });
    rmSync(join(project, '.git/branchbook/shards'), { recursive: true });
    write(project, '.git/hooks/pre-push', '#!/bin/sh\nexit 0\n');
    const { missing, notices } = await migrate(project, '--to', 'lfs');
    expect(missing).toMatchObject([{ path: 'data/a.parquet' }]);
    expect(notices.join('\n')).toContain('Your pre-push hook was left alone');
    expect(readFileSync(join(project, '.git/hooks/pre-push'), 'utf8')).toBe('#!/bin/sh\nexit 0\n');
  });
});

describe('migrate', () => {
  it('refuses what it cannot understand', async () => {
    const project = temporaryDirectory();
    await program.run(project, 'init', '--name', 'Ada', '--email', 'ada@example.org');
    const bad = [[], ['--from', 'lfs', '--to', 'lfs'], ['--from', 'svn'], ['--from', 'dvc', '--drop-source']];
    for (const args of [...bad, ['--from', 'git', '--above', 'much'], ['--from', 'lfs', '--include', '*.bin']]) {
      expect(await program.fail(project, 'migrate', ...args)).toMatchObject({ exit: 2, code: 'USAGE' });
    }
  });
});
