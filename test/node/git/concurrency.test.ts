/** Several writers at once: nothing that was acknowledged may be lost, and no lock may stay. */
import { execFile, fork, spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { disk } from '../../../src/node/fs/disk';
import { environment, Sandbox } from './sandbox';

const writer = join(tmpdir(), `bb-git-writer-${process.pid}.cjs`);
let box: Sandbox;

beforeAll(() => {
  const source = resolve(__dirname, 'writer.ts');
  buildSync({ entryPoints: [source], outfile: writer, bundle: true, platform: 'node', format: 'cjs' });
});
afterAll(() => rmSync(writer, { force: true }));
beforeEach(() => {
  box = new Sandbox();
  box.write('file', 'start');
  box.commit('start');
});
afterEach(() => box.dispose());

/** Run the writer; the subjects that it acknowledged. */
function startWriter(mode: 'refs' | 'index', name: string, count: number): Promise<string[]> {
  return new Promise((done, fail) => {
    const child = fork(writer, [mode, box.root, name, String(count)], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc']
    });
    let output = '';
    child.stdout?.on('data', chunk => (output += String(chunk)));
    child.on('exit', code =>
      code === 0 ? done(output.trim().split('\n')) : fail(new Error(`the writer ended with ${code}`))
    );
  });
}

function tryGit(argv: readonly string[]): Promise<boolean> {
  return new Promise(done => execFile('git', [...argv], { cwd: box.root, env: environment }, error => done(!error)));
}

/** Plain `git add` and `git commit`, trying again while somebody else has a lock. */
async function plainCommits(name: string, count: number): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let number = 0; acknowledged.length < count && number < count * 200; number += 1) {
    const subject = `${name}-${number}`;
    box.write(`${name}.txt`, subject);
    if (
      (await tryGit(['add', `${name}.txt`])) &&
      (await tryGit(['commit', '-q', '-m', subject, '--', `${name}.txt`]))
    ) {
      acknowledged.push(subject);
    }
  }
  return acknowledged;
}

function expectAllPresent(acknowledged: readonly string[], count: number): void {
  expect(acknowledged).toHaveLength(count);
  const subjects = new Set(box.git('log', '--format=%s').split('\n'));
  expect(acknowledged.filter(subject => !subjects.has(subject))).toEqual([]);
  expect(box.git('fsck', '--full', '--no-dangling')).toBe('');
  expect(readdirSync(join(box.root, '.git')).filter(name => name.endsWith('.lock'))).toEqual([]);
  expect(readdirSync(join(box.root, '.git/branchbook/locks'))).toEqual([]);
}

describe('concurrent writers', () => {
  it('lose nothing when four move one branch', async () => {
    const writers = ['a', 'b', 'c', 'd'].map(name => startWriter('refs', name, 50));
    expectAllPresent((await Promise.all(writers)).flat(), 200);
  });

  it('lose nothing beside plain git add and commit', async () => {
    const all = await Promise.all([
      startWriter('index', 'ours', 25),
      startWriter('index', 'more', 25),
      plainCommits('plain', 15)
    ]);
    expectAllPresent(all.flat(), 65);
    expect(box.git('status', '--porcelain')).toBe('');
    expect(box.git('reflog', '--format=%gs', 'main').split('\n')).toHaveLength(66);
  });
});

describe('locks', () => {
  const claims = (): string => join(box.root, '.git/branchbook/locks');

  function leaveLock(owner: readonly string[]): void {
    mkdirSync(claims(), { recursive: true });
    const claim = join(claims(), `${owner.map(encodeURIComponent).join('+')}+1-x`);
    writeFileSync(claim, '');
    linkSync(claim, join(box.root, '.git/index.lock'));
  }

  it('of our own dead process are cleaned up', async () => {
    const dead = spawnSync('true').pid;
    leaveLock([hostname(), String(dead), 'boot/1']);
    const transaction = await (await box.open()).begin();
    await transaction.rollback();
    expect(existsSync(join(box.root, '.git/index.lock'))).toBe(false);
    expect(readdirSync(claims())).toEqual([]);
  });

  it.each([
    ['another program', null],
    ['another machine', ['elsewhere', '1', 'x']]
  ])('of %s are respected', async (_, owner) => {
    if (owner) {
      leaveLock(owner);
    } else {
      writeFileSync(join(box.root, '.git/index.lock'), '');
    }
    const failure = { code: 'LOCKED', data: { path: join(box.root, '.git/index.lock') } };
    await expect((await box.open()).begin()).rejects.toMatchObject(failure);
    expect(existsSync(join(box.root, '.git/index.lock'))).toBe(true);
  });

  it('are not mistaken for ours when git took its own after our process died', async () => {
    leaveLock([hostname(), String(spawnSync('true').pid), 'boot/1']);
    rmSync(join(box.root, '.git/index.lock'));
    writeFileSync(join(box.root, '.git/index.lock'), '');
    await expect((await box.open()).begin()).rejects.toMatchObject({ code: 'LOCKED' });
    expect((await disk.lstat(join(box.root, '.git/index.lock')))?.kind).toBe('file');
  });
});
