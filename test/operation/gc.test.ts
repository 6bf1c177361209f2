import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { encodeLine, encodePackets, FLUSH_PACKET } from '../../src/core/format/pkt-line';
import { describe, expect, it } from 'vitest';
import type { GcResult } from '../../src/core/model/maintenance';
import { buildProgram, environment } from '../support/program';
import { temporaryDirectory } from '../support/temporary-directory';
import { asset, createRepository } from './fixture';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';

Object.assign(process.env, environment);
const program = await buildProgram();

/** A project with one version of one asset; plain git stores through us, and its reflogs forget at once. */
async function scene(): Promise<
  Verbal & { gc: (args?: object) => Promise<GcResult>; sha256: (path: string) => string }
> {
  const root = createRepository();
  const verbal = await openVerbs(root);
  await verbal.run('init', {});
  const own = `'${process.execPath}' '${program.file}'`;
  verbal.git('config', 'filter.lfs.process', `${own} filter-process`);
  verbal.git('config', 'filter.lfs.clean', `${own} filter-clean -- %f`);
  verbal.git('config', 'filter.lfs.smudge', `${own} filter-smudge -- %f`);
  await verbal.snapshot({ 'data/a.bin': asset('a') }, 'a');
  return {
    ...verbal,
    gc: args => verbal.run('gc', { grace: '0d', expire: '0d', ...args }),
    sha256: path => /oid sha256:([0-9a-f]{64})/.exec(verbal.git('show', path))![1]!
  };
}

/** Forget everything but what the test is about. */
function forget({ git, project, root }: Verbal): void {
  rmSync(join(root, '.git/ORIG_HEAD'), { force: true });
  git('reflog', 'expire', '--expire=all', '--expire-unreachable=all', '--all');
  rmSync(join(project.home, 'operations'), { recursive: true, force: true });
}

async function isReadable({ project }: Verbal, sha256: string): Promise<boolean> {
  try {
    for await (const piece of project.store.read(sha256)) {
      void piece;
    }
    return true;
  } catch {
    return false;
  }
}

describe('gc keeps what is named by', () => {
  const b = asset('b');
  const cases: { readonly [what: string]: (scene: Verbal) => Promise<string | void> | string | void } = {
    'a branch': async s => {
      await s.run('branch', { action: 'create', name: 'other', switch: true });
      await s.snapshot({ 'data/a.bin': b });
      await s.run('switch', { branch: 'main' });
      forget(s);
    },
    'a tag of an older version': async s => {
      await s.snapshot({ 'data/a.bin': b });
      s.git('tag', '-a', '-m', 'release', 'v1');
      s.git('reset', '--hard', '-q', 'HEAD~1');
      forget(s);
    },
    'a remote branch': async s => {
      await s.snapshot({ 'data/a.bin': b });
      s.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
      s.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/gone');
      s.git('reset', '--hard', '-q', 'HEAD~1');
      forget(s);
    },
    'packed refs': async s => {
      await s.run('branch', { action: 'create', name: 'other', switch: true });
      await s.snapshot({ 'data/a.bin': b });
      await s.run('switch', { branch: 'main' });
      s.git('pack-refs', '--all');
      s.git('gc', '-q');
      forget(s);
    },
    'a stash': async s => {
      s.write({ 'data/a.bin': b });
      s.git('stash', '-q');
      forget(s);
      s.git('stash', 'list');
    },
    'the reflog': async s => {
      await s.snapshot({ 'data/a.bin': b });
      s.git('reset', '--hard', '-q', 'HEAD~1');
      rmSync(join(s.project.home, 'operations'), { recursive: true });
    },
    'the index': s => {
      s.write({ 'data/a.bin': b });
      s.git('add', 'data/a.bin');
      forget(s);
    },
    'an unmerged path': async s => {
      await s.run('branch', { action: 'create', name: 'other', switch: true });
      await s.snapshot({ 'data/a.bin': b });
      await s.run('switch', { branch: 'main' });
      await s.snapshot({ 'data/a.bin': asset('c') });
      try {
        s.git('merge', '-q', 'other');
      } catch {
        // The conflict that is wanted.
      }
      s.git('branch', '-D', 'other');
      rmSync(join(s.root, '.git', 'MERGE_HEAD'), { force: true });
      forget(s);
    },
    'the index of another work tree': s => {
      const other = join(temporaryDirectory(), 'other');
      s.git('worktree', 'add', '-q', '--detach', other);
      writeFileSync(join(other, 'data/a.bin'), b);
      s.git('-C', other, 'add', 'data/a.bin');
      forget(s);
    },
    'HEAD of a work tree that is not there now': async s => {
      const other = join(temporaryDirectory(), 'other');
      s.git('worktree', 'add', '-q', '--detach', other);
      writeFileSync(join(other, 'data/a.bin'), b);
      s.git('-C', other, 'commit', '-q', '-am', 'b');
      rmSync(other, { recursive: true });
      forget(s);
    },
    'an operation that can be undone': async s => {
      s.write({ 'data/a.bin': b });
      await s.run('restore', { addresses: ['data/a.bin'] });
      s.git('reflog', 'expire', '--expire=all', '--all');
    }
  };

  it.each(Object.entries(cases))(
    '%s',
    async (_, make) => {
      const s = await scene();
      await make(s);
      const { createHash } = await import('node:crypto');
      const name = createHash('sha256').update(b).digest('hex');
      expect(await isReadable(s, name)).toBe(true);
      await s.gc();
      expect(await isReadable(s, name)).toBe(true);
      expect((await s.run('check', { readData: true })).findings).toEqual([]);
    },
    60_000
  );
});

it('waits for git to end, which refers to what it stored only then', async () => {
  const s = await scene();
  const filter = spawn(process.execPath, [program.file, 'filter-process'], {
    cwd: s.root,
    stdio: ['pipe', 'pipe', 'inherit']
  });
  const lines = (...texts: readonly string[]): Buffer =>
    Buffer.concat([...texts.map(text => encodeLine(text)), FLUSH_PACKET]);
  filter.stdin.write(lines('git-filter-client', 'version=2'));
  filter.stdin.write(lines('capability=clean', 'capability=smudge'));
  filter.stdin.write(lines('command=clean', 'pathname=data/b.bin'));
  filter.stdin.write(Buffer.concat([encodePackets(Buffer.from(asset('b'))), FLUSH_PACKET]));
  // Listens to the end: a filter whose answers nobody reads would stop.
  let answer = '';
  await new Promise<void>(resolve =>
    filter.stdout.on('data', piece => {
      answer += String(piece);
      if (/oid sha256:[0-9a-f]{64}/.test(answer)) {
        resolve();
      }
    })
  );
  const name = /oid sha256:([0-9a-f]{64})/.exec(answer)![1]!;
  expect(await s.fail('gc', { grace: '0d' })).toMatchObject({ code: 'LOCKED' });
  expect(await isReadable(s, name)).toBe(true);
  filter.stdin.end();
  await once(filter, 'exit');
  expect((await s.gc()).removed.contents).toBe(1);
  expect(await isReadable(s, name)).toBe(false);
}, 120_000);

describe('gc', () => {
  it('deletes what nothing names, in the store and of what is kept ready', async () => {
    const s = await scene();
    await s.snapshot({ 'data/a.bin': asset('b', 500_000) }, 'b');
    const name = s.sha256('HEAD:data/a.bin');
    await s.run('restore', { addresses: ['data/a.bin@~1'] });
    await s.run('snapshot', { message: 'a again' });
    s.git('reset', '-q', '--hard', 'HEAD~2');
    expect((await s.gc({ noCompress: true })).removed.contents).toBe(0);
    forget(s);
    const dry = await s.gc({ dryRun: true });
    expect(dry).toMatchObject({ dryRun: true, removed: { contents: 1 }, needed: 1 });
    expect(await isReadable(s, name)).toBe(true);
    expect((await s.gc({ grace: undefined, noCompress: true })).young.contents).toBe(1);
    const done = await s.gc();
    expect(done.freed).toBeGreaterThan(200_000);
    expect(await isReadable(s, name)).toBe(false);
    const ready = existsSync(join(s.project.home, 'materialized'))
      ? readdirSync(join(s.project.home, 'materialized'))
      : [];
    expect(ready.filter(file => file.startsWith(name))).toEqual([]);
    expect((await s.run('check', { readData: true })).findings).toEqual([]);
  });

  it('keeps the last hundred operations, and of older ones those younger than asked for', async () => {
    const s = await scene();
    for (let i = 0; i < 60; i++) {
      await s.run('branch', { action: 'create', name: `b${i}` });
      await s.run('branch', { action: 'delete', name: `b${i}` });
    }
    expect((await s.gc({ expire: '90d' })).expired).toBe(0);
    const before = readdirSync(join(s.project.home, 'operations')).length;
    expect((await s.gc({ expire: '0d' })).expired).toBe(before - 100);
    expect(readdirSync(join(s.project.home, 'operations'))).toHaveLength(100);
    expect((await s.run('undo', {})).undone).not.toBeNull();
  });

  it.each(['0', '3 weeks', '-1d', ''])('refuses %j as a length of time', async text => {
    const s = await scene();
    expect(await s.fail('gc', { grace: text })).toMatchObject({ code: 'USAGE', data: { argument: 'grace' } });
  });

  it.each<readonly [string, (s: Verbal) => void]>([
    ['a branch is damaged', s => writeFileSync(join(s.root, '.git/refs/heads/main'), 'rubbish\n')],
    ['a branch names nothing', s => writeFileSync(join(s.root, '.git/refs/heads/other'), `${'1'.repeat(40)}\n`)],
    ['the index is damaged', s => appendFileSync(join(s.root, '.git/index'), 'x')],
    [
      'an operation is damaged',
      s => {
        const folder = join(s.project.home, 'operations');
        writeFileSync(join(folder, readdirSync(folder)[0]!), '{');
      }
    ],
    [
      'a git object is missing',
      s => {
        const tree = s.git('rev-parse', 'HEAD^{tree}').trim();
        rmSync(join(s.root, '.git/objects', tree.slice(0, 2), tree.slice(2)));
      }
    ],
    ['a manifest is missing', s => rmSync(join(s.project.home, 'shards'), { recursive: true })],
    [
      'a pack is missing',
      s => {
        const [folder] = readdirSync(join(s.project.home, 'xorbs'));
        rmSync(join(s.project.home, 'xorbs', folder!), { recursive: true });
      }
    ]
  ])('deletes nothing when %s', async (_, damage) => {
    const s = await scene();
    await s.snapshot({ 'data/b.bin': asset('b') });
    s.git('reset', '-q', '--hard', 'HEAD~1');
    s.git('add', '.');
    damage(s);
    const fresh = await openVerbs(s.root);
    const packs = (): readonly string[] =>
      readdirSync(join(s.project.home, 'xorbs'), { recursive: true, encoding: 'utf8' });
    const before = packs();
    const failure = await fresh.fail('gc', { grace: '0d', expire: '0d' });
    expect(failure.code).toBe('PROJECT_DAMAGED');
    expect(failure.hint).toContain('branchbook check');
    expect(packs()).toEqual(before);
    expect(existsSync(join(s.project.home, 'collecting'))).toBe(false);
    expect(readFileSync(join(s.root, 'data/a.bin'), 'utf8')).toBe(asset('a'));
  });
});
