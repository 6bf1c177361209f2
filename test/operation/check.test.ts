import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../src/core/model/maintenance';
import { branchOperation } from '../../src/core/operation/branch';
import { check } from '../../src/core/operation/check';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { statusOperation } from '../../src/core/operation/status';
import { switchOperation } from '../../src/core/operation/switch-branch';
import { createFaultyFileSystem, dieAt } from '../../src/node/fault/faulty-file-system';
import { disk } from '../../src/node/fs/disk';
import { fileError } from '../../src/node/fs/file-error';
import { splitmix64 } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';
import { asset, createRepository, expectHealthy, openSandbox } from './fixture';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';

const messages = ({ findings }: CheckResult): readonly string[] => findings.map(({ message }) => message);

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
}

/** The largest pack: that of the first snapshot, in these tests. */
function largestPack({ project }: Verbal): string {
  const packs = filesBelow(join(project.home, 'xorbs'));
  return [...packs].sort((a, b) => statSync(b).size - statSync(a).size)[0]!;
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 1;
  writeFileSync(path, bytes);
}

describe('check', () => {
  it('reaches stashes, what is staged, and other work trees', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ 'a.bin': asset('first') });
    await verbs.run('branch', { action: 'create', name: 'beside' });
    const beside = join(temporaryDirectory(), 'beside');
    verbs.git('worktree', 'add', '-q', beside, 'beside');
    const pointer = (digit: string): string =>
      `version https://git-lfs.github.com/spec/v1\noid sha256:${digit.repeat(64)}\nsize 12345\n`;
    const stage = (root: string, name: string, digit: string): void => {
      writeFileSync(join(verbs.root, 'pointer.txt'), pointer(digit));
      const oid = verbs.git('hash-object', '-w', '--no-filters', 'pointer.txt').trim();
      rmSync(join(verbs.root, 'pointer.txt'));
      verbs.git('-C', root, 'update-index', '--add', '--cacheinfo', `100644,${oid},${name}`);
    };
    for (const digit of ['1', '2']) {
      stage(verbs.root, `stashed-${digit}.bin`, digit);
      const tree = verbs.git('write-tree').trim();
      const commit = verbs.git('commit-tree', '-p', 'HEAD', '-m', 'stash', tree).trim();
      verbs.git('stash', 'store', '-m', 'work', commit);
      verbs.git('reset', '-q');
    }
    stage(verbs.root, 'staged.bin', '3');
    stage(beside, 'elsewhere.bin', '4');
    const found = messages(await verbs.run('check', {})).join('\n');
    for (const name of ['stashed-1.bin', 'stashed-2.bin', 'staged.bin', 'elsewhere.bin']) {
      expect(found).toContain(name);
    }
  });

  it('reads a part at a time; the parts are everything', async () => {
    const verbs = await openVerbs();
    for (let n = 0; n < 6; n++) {
      writeFileSync(join(verbs.root, `${n}.bin`), splitmix64(n, 20_000));
      await verbs.snapshot({}, `version ${n}`);
    }
    const packs = filesBelow(join(verbs.project.home, 'xorbs'));
    packs.forEach(pack => flip(pack, 5000));
    const found: number[] = [];
    for (let n = 1; n <= 3; n++) {
      filesBelow(join(verbs.project.home, 'xorbs')).forEach(path => path.endsWith('.damaged') && rmSync(path));
      const { findings } = await verbs.run('check', { part: `${n}/3` });
      found.push(findings.filter(({ message }) => message.includes('of the pack')).length);
    }
    expect(found.reduce((sum, count) => sum + count)).toBe(packs.length);
    for (const part of ['0/3', '4/3', 'x', '1/0', '1/2/3']) {
      expect(await verbs.fail('check', { part })).toMatchObject({ code: 'USAGE' });
    }
  });

  it('stops when asked', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ 'a.bin': asset('first') });
    const signal = AbortSignal.abort();
    await expect(check(verbs.project, { readData: true }, { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('check --repair', () => {
  it('puts a pack together again from a file that was edited since', async () => {
    const verbs = await openVerbs();
    const bytes = Buffer.from(splitmix64(7, 400_000));
    writeFileSync(join(verbs.root, 'a.bin'), bytes);
    await verbs.snapshot({}, 'first');
    flip(largestPack(verbs), 300_000);
    // Most of the first version is still in the file, the damaged chunk among it.
    bytes.fill(0, 0, 1000);
    writeFileSync(join(verbs.root, 'a.bin'), bytes);
    expect(messages(await verbs.run('check', { readData: true })).join()).toContain('not what was stored');
    const { findings, repaired } = await verbs.run('check', { readData: true, repair: true });
    expect(findings).toEqual([]);
    expect(repaired[0]?.from).toContain('a.bin');
    await verbs.run('restore', { addresses: ['a.bin'] });
    expect(Buffer.compare(readFileSync(join(verbs.root, 'a.bin')), splitmix64(7, 400_000))).toBe(0);
  });

  it('takes away a mark that is not true (any more)', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ 'a.bin': asset('first') });
    writeFileSync(`${largestPack(verbs)}.damaged`, '');
    expect((await verbs.run('check', {})).findings.length).toBeGreaterThan(0);
    const { findings, repaired } = await verbs.run('check', { repair: true });
    expect([findings.length, repaired.length]).toEqual([0, 1]);
  });

  it('believes no remote: what has another hash is not taken', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ 'a.bin': asset('first') });
    const remote = join(temporaryDirectory(), 'remote');
    cpSync(verbs.root, remote, { recursive: true });
    for (const pack of filesBelow(join(remote, '.git/branchbook/xorbs'))) {
      flip(pack, 100);
    }
    verbs.git('remote', 'add', 'origin', `file://${remote}`);
    rmSync(join(verbs.root, 'a.bin'));
    rmSync(join(verbs.project.home, 'xorbs'), { recursive: true });
    mkdirSync(join(verbs.project.home, 'xorbs'));
    const before = filesBelow(remote).length;
    const { findings } = await verbs.run('check', { repair: true });
    expect(findings.filter(({ severity }) => severity === 'error')).not.toEqual([]);
    expect(filesBelow(remote).length).toBe(before);
  });

  it('moves a journal that cannot be read out of the way, with the files it had taken', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ 'a.txt': 'a' });
    const { home } = verbs.project;
    mkdirSync(join(home, 'journal'), { recursive: true });
    writeFileSync(join(home, 'journal/aa.json'), '{"version":1,"id":');
    mkdirSync(join(home, 'staging/aa'), { recursive: true });
    writeFileSync(join(home, 'staging/aa/work.txt'), 'precious');
    verbs.write({ 'b.txt': 'b' });
    expect(await verbs.fail('snapshot', { message: 'no' })).toMatchObject({
      code: 'FORMAT_INVALID',
      hint: expect.stringContaining('check --repair')
    });
    expect(messages(await verbs.run('check', {})).join()).toContain('aa.json');
    await verbs.run('check', { repair: true });
    await verbs.run('snapshot', { message: 'yes' });
    const rescued = filesBelow(join(home, 'rescued')).map(path => readFileSync(path, 'utf8'));
    expect(rescued).toContain('precious');
  });
});

describe('a project that was moved after a crash', () => {
  it('is completed where it is now', async () => {
    let interrupted = 0;
    for (let nth = 6; nth < 34; nth += 6) {
      const root = createRepository();
      const sandbox = await openSandbox(root);
      const main = { 'a.txt': 'main', 'data.bin': asset('main') };
      sandbox.write(main);
      await sandbox.run(snapshotOperation, {});
      sandbox.git('checkout', '-q', '-b', 'other');
      sandbox.write({ 'a.txt': 'other', 'data.bin': asset('other'), 'more.bin': asset('more') });
      await sandbox.run(snapshotOperation, {});
      await sandbox.run(switchOperation, { branch: 'main' });
      const dying = createFaultyFileSystem(disk, dieAt(nth, fileError('EIO', '/', 'anything')));
      const dead = await openSandbox(root, dying);
      await dead.run(switchOperation, { branch: 'other' }).catch(() => undefined);
      interrupted += filesBelow(join(root, '.git/branchbook/journal')).length;
      const moved = join(temporaryDirectory(), 'moved');
      renameSync(root, moved);
      const after = await openSandbox(moved);
      await after.run(branchOperation, { action: 'create', name: 'third' });
      const status = await after.run(statusOperation, {});
      expect(status.clean, `stopped at change ${nth}`).toBe(true);
      expect(after.read()['data.bin']).toBe(asset(after.git('branch', '--show-current').trim()));
      await expectHealthy(after);
    }
    expect(interrupted).toBeGreaterThan(1);
  }, 300_000);
});
