import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MigrateResult } from '../../src/core/model/maintenance';
import { commandLine } from '../support/in-process';
import { git } from '../support/program';
import { randomBytes } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';

const program = commandLine();

function write(root: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function commit(root: string, message: string): void {
  git(root, 'add', '-A');
  git(root, 'commit', '-q', '-m', message);
}

const migrate = (root: string, ...args: readonly string[]): Promise<MigrateResult> =>
  program.json<MigrateResult>(root, 'migrate', '--from', 'git', ...args);

/** Large files in plain git, on a branch and in the past; the project's own attributes do not speak of them. */
async function plainProject(): Promise<{ readonly root: string; readonly versions: readonly Buffer[] }> {
  const root = temporaryDirectory();
  git('/', 'init', '-q', '-b', 'main', root);
  git(root, 'config', 'user.name', 'Grace');
  git(root, 'config', 'user.email', 'grace@example.org');
  const versions = [randomBytes(60_000), randomBytes(70_000), randomBytes(80_000)];
  write(root, 'raw/big.dat', versions[0]!);
  write(root, 'notes.md', 'small\n');
  commit(root, 'one');
  git(root, 'switch', '-q', '-c', 'side');
  write(root, 'raw/big.dat', versions[1]!);
  commit(root, 'two');
  git(root, 'switch', '-q', 'main');
  write(root, 'more/deep/other.dat', versions[2]!);
  write(root, 'book.ipynb', JSON.stringify({ cells: [], data: 'x'.repeat(60_000) }));
  commit(root, 'three');
  await program.run(root, 'init');
  await program.run(root, 'snapshot', '-m', 'branchbook');
  return { root, versions };
}

describe('migrate --from git', { timeout: 240_000 }, () => {
  it(
    'turns large files of all commits into assets, and undo gives the old history back',
    { timeout: 240_000 },
    async () => {
      const { root, versions } = await plainProject();
      const before = git(root, 'rev-parse', 'main', 'side');
      const plan = await migrate(root, '--above', '50kB', '--dry-run');
      expect(plan).toMatchObject({ commits: 4, files: 2, versions: 3, newBytes: 0, bytes: 210_000 });
      expect(git(root, 'rev-parse', 'main', 'side')).toBe(before);
      const done = await migrate(root, '--above', '50kB');
      expect(done).toMatchObject({ commits: 4, files: 2, versions: 3, newBytes: 210_000, missing: [] });
      expect(git(root, 'log', '--format=%s', 'main')).toBe('branchbook\nthree\none\n');
      expect(git(root, 'status', '--porcelain')).toBe('');
      expect(git(root, 'fsck', '--full', '--strict', '--no-dangling')).toBe('');
      for (const revision of ['main', 'main~1', 'main~2', 'side']) {
        expect(git(root, 'show', `${revision}:raw/big.dat`)).toContain('git-lfs');
        expect(git(root, 'show', `${revision}:.gitattributes`)).toContain('/raw/big.dat filter=lfs');
      }
      expect(git(root, 'show', 'main:book.ipynb').length).toBeGreaterThan(60_000);
      expect(readFileSync(join(root, 'more/deep/other.dat'))).toEqual(versions[2]);
      await program.run(root, 'switch', 'side');
      expect(readFileSync(join(root, 'raw/big.dat'))).toEqual(versions[1]);
      expect(await program.run(root, 'check', '--read-data')).toContain('All is well');
      expect(git(root, 'rev-parse', 'refs/branchbook/before-migrate/heads/main').trim()).toBe(before.split('\n')[0]);
      await program.run(root, 'undo');
      await program.run(root, 'undo');
      expect(git(root, 'rev-parse', 'main', 'side')).toBe(before);
      expect(git(root, 'status', '--porcelain')).toBe('');
      expect(readFileSync(join(root, 'raw/big.dat'))).toEqual(versions[0]);
    }
  );

  it('takes files by pattern, and finds nothing the second time', async () => {
    const { root } = await plainProject();
    expect(await migrate(root, '--include', 'more/**')).toMatchObject({ files: 1, versions: 1, commits: 2 });
    expect(git(root, 'show', 'main:.gitattributes')).toContain('more/** filter=lfs');
    expect(git(root, 'show', 'main~2:raw/big.dat')).not.toContain('git-lfs');
    expect(await migrate(root, '--include', 'more/**')).toMatchObject({ files: 0, commits: 0, refs: [] });
  });

  it('refuses a detached HEAD, other work trees and a shallow clone', async () => {
    const { root } = await plainProject();
    const fail = (folder: string): ReturnType<typeof program.fail> => program.fail(folder, 'migrate', '--from', 'git');
    git(root, 'worktree', 'add', '-q', '--detach', join(temporaryDirectory(), 'tree'));
    expect(await fail(root)).toMatchObject({ code: 'BRANCH_IN_USE' });
    const clone = join(temporaryDirectory(), 'clone');
    git('/', 'clone', '-q', '--depth', '1', `file://${root}`, clone);
    await program.run(clone, 'init', '--name', 'Ada', '--email', 'ada@example.org');
    expect(await fail(clone)).toMatchObject({ code: 'REPOSITORY_UNSUPPORTED' });
    git(root, 'switch', '-q', '--detach');
    expect(await fail(root)).toMatchObject({ code: 'DETACHED_HEAD' });
  });

  it('keeps what a commit says byte for byte, but for its signature', async () => {
    const { root } = await plainProject();
    const tree = git(root, 'rev-parse', 'main^{tree}').trim();
    const parent = git(root, 'rev-parse', 'main').trim();
    const raw = [
      `tree ${tree}`,
      `parent ${parent}`,
      'author Zoë  <z@example.org> 1700000000 +0545',
      'committer Zoë <z@example.org> 1700000001 -0330',
      'gpgsig -----BEGIN PGP SIGNATURE-----',
      ' ',
      ' abc',
      ' -----END PGP SIGNATURE-----',
      'encoding ISO-8859-1',
      '',
      'm\u00e9ssage without line end'
    ].join('\n');
    const file = join(temporaryDirectory(), 'commit');
    writeFileSync(file, Buffer.from(raw, 'latin1'));
    const strange = git(root, 'hash-object', '-t', 'commit', '-w', '--literally', file).trim();
    git(root, 'update-ref', 'refs/heads/strange', strange);
    const { refs } = await migrate(root, '--above', '50kB');
    const rewritten = refs.find(({ name }) => name === 'refs/heads/strange')!.to!;
    git(root, 'cat-file', 'commit', rewritten);
    const expected = raw.replace(/gpgsig[^]*?-----END PGP SIGNATURE-----\n/, '');
    const now = git(root, 'cat-file', 'commit', rewritten);
    expect(now.split('\n').slice(2, 5)).toEqual(expected.split('\n').slice(2, 5).map(toReplaced));
    expect(now).not.toContain('gpgsig');
    expect(now.endsWith('without line end')).toBe(true);
  });
});

/** Latin 1 read as UTF-8. */
function toReplaced(line: string): string {
  return Buffer.from(line, 'latin1').toString('utf8');
}
