/** Every write of a change is made to fail once, and to be the last before the process dies. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BranchbookError } from '../../../src/core/error';
import type { IGit, IProcesses } from '../../../src/core/port';
import type { Interference } from '../../../src/node/fault/faulty-file-system';
import { createFaultyFileSystem, dieAt, failAt } from '../../../src/node/fault/faulty-file-system';
import { disk } from '../../../src/node/fs/disk';
import { fileError } from '../../../src/node/fs/file-error';
import { openGit } from '../../../src/node/git/repository';
import { environment, Sandbox } from './sandbox';

let template: Sandbox;
let next = '';

beforeAll(async () => {
  template = new Sandbox();
  template.write('data/x', 'old');
  template.write('y', 'y');
  template.commit('old');
  ['side', 'gone', 'other/gone'].forEach(name => template.git('branch', name));
  template.git('pack-refs', '--all');
  template.git('branch', 'loose');
  template.write('data/x', 'new');
  const git = await template.open();
  next = await makeCommit(git);
});
afterAll(() => template.dispose());

async function makeCommit(git: IGit): Promise<string> {
  const head = await git.resolve('HEAD');
  const oid = await git.writeBlob(Buffer.from('new'));
  const { tree: base } = await git.readCommit(head);
  const tree = await git.writeTree(base, new Map([['data/x', { mode: '100644' as const, oid }]]));
  const who = { name: 'Ada', email: 'ada@example.org', time: 1_800_000_000, offset: 0 };
  return git.writeCommit({ tree, parents: [head], author: who, committer: who, message: 'new\n' });
}

type Scenario = (git: IGit, root: string) => Promise<void>;

const scenarios: { readonly [name: string]: Scenario } = {
  'committing index and branches': async (git, root) => {
    const head = await git.resolve('HEAD');
    const transaction = await git.begin();
    const oid = await git.hashBlob(Buffer.from('new'));
    transaction.set({ path: 'data/x', mode: '100644', oid }, await disk.lstat(join(root, 'data/x')));
    const refs = [
      { name: 'refs/heads/main', from: head, to: next },
      { name: 'refs/heads/fresh', from: null, to: next }
    ];
    await transaction.commit({ refs, reflog: 'commit: new' });
  },
  'switching HEAD': async git => {
    const commit = await git.resolve('side');
    const transaction = await git.begin();
    await transaction.commit({ head: { kind: 'branch', branch: 'side', commit }, reflog: 'checkout: moving' });
  },
  'moving, making and deleting refs': async git => {
    const head = await git.resolve('HEAD');
    const refs = [
      { name: 'refs/heads/side', from: head, to: next },
      { name: 'refs/heads/gone', from: head, to: null },
      { name: 'refs/heads/loose', from: head, to: null },
      { name: 'refs/heads/made/new', from: null, to: next }
    ];
    await git.updateRefs(refs, 'branch: changed');
  },
  'writing objects and moving a branch to them': async git => {
    const from = await git.resolve('HEAD');
    const oid = await git.writeBlob(Buffer.from('another'));
    const { tree: base } = await git.readCommit(from);
    const tree = await git.writeTree(base, new Map([['data/deep/z', { mode: '100644' as const, oid }]]));
    const who = { name: 'Ada', email: 'ada@example.org', time: 1_800_000_001, offset: 0 };
    const to = await git.writeCommit({ tree, parents: [from], author: who, committer: who, message: 'z' });
    await git.updateRefs([{ name: 'refs/heads/side', from, to }], 'commit: z');
  },
  'changing a setting': git => git.setConfig('branch.side.remote', 'origin')
};

/** Named like a process of this machine that is not there any more. */
const dead: IProcesses = {
  self: { pid: spawnSync('true').pid, start: 'boot/1' },
  host: hostname(),
  isAlive: async candidate => candidate.pid === process.pid
};

function run(root: string, ...argv: readonly string[]): string {
  const { stdout, stderr } = spawnSync('git', argv, { cwd: root, env: environment, encoding: 'utf8' });
  return `${stdout}${stderr}`.trimEnd();
}

type State = { readonly refs: string; readonly index: string; readonly head: string };

function stateOf(root: string): State {
  return {
    refs: run(root, 'for-each-ref', '--format=%(refname) %(objectname)'),
    index: run(root, 'ls-files', '--stage'),
    head: readFileSync(join(root, '.git/HEAD'), 'utf8')
  };
}

async function inCopy<T>(work: (root: string) => Promise<T>): Promise<T> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'bb-fault-')));
  try {
    cpSync(template.root, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    return await work(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function attempt(scenario: Scenario, root: string, interfere: Interference, processes?: IProcesses): Promise<unknown> {
  const files = createFaultyFileSystem(disk, interfere);
  return openGit(root, files, { environment, ...(processes && { processes }) })
    .then(git => scenario(git, root))
    .then(
      () => null,
      (error: unknown) => error
    );
}

/** Opened again, the repository is sound, without locks, and plain git can go on. */
async function expectUsable(root: string): Promise<void> {
  await openGit(root, disk, { environment });
  const names = readdirSync(join(root, '.git'), { recursive: true, encoding: 'utf8' });
  expect(names.filter(name => name.endsWith('.lock') || name.includes('branchbook/locks/'))).toEqual([]);
  expect(run(root, 'fsck', '--full', '--strict', '--no-dangling')).toBe('');
  expect(run(root, 'commit', '-q', '--allow-empty', '-m', 'goes on')).toBe('');
}

/** Every ref is as before or as after. */
function expectMixture(found: State, before: State, after: State): void {
  const allowed = new Set([...before.refs.split('\n'), ...after.refs.split('\n')]);
  expect(found.refs.split('\n').filter(line => !allowed.has(line))).toEqual([]);
  const kept = before.refs.split('\n').filter(line => after.refs.includes(line));
  expect(kept.filter(line => !found.refs.includes(line))).toEqual([]);
  expect([before.index, after.index]).toContain(found.index);
  expect([before.head, after.head]).toContain(found.head);
}

describe.each(Object.entries(scenarios))('%s', (_, scenario) => {
  let before: State;
  let after: State;
  let writes = 0;

  beforeAll(async () => {
    before = stateOf(template.root);
    await inCopy(async root => {
      const count: Interference = operation => void (writes += operation.mutates ? 1 : 0);
      expect(await attempt(scenario, root, count)).toBe(null);
      after = stateOf(root);
    });
    expect(writes).toBeGreaterThan(4);
  });

  it('failing at any write: all or nothing, or an unknown outcome', async () => {
    for (let nth = 0; nth < writes; nth += 1) {
      const errno = nth % 2 === 0 ? 'EIO' : 'ENOSPC';
      await inCopy(async root => {
        const error = await attempt(scenario, root, failAt(nth, fileError(errno, '/faulty', 'write')));
        const code = error && (error as BranchbookError).code;
        expect([null, 'OUTCOME_UNKNOWN', errno === 'EIO' ? 'IO' : 'DISK_FULL']).toContain(code);
        const found = stateOf(root);
        if (code === 'OUTCOME_UNKNOWN') {
          expectMixture(found, before, after);
        } else {
          expect([nth, found]).toEqual([nth, code === null ? after : before]);
        }
        await expectUsable(root);
      });
    }
  });

  it('killed at any write: opened again, all is sound', async () => {
    for (let nth = 0; nth < writes; nth += 1) {
      await inCopy(async root => {
        const error = await attempt(scenario, root, dieAt(nth, fileError('EIO', '/dead', 'write')), dead);
        const found = stateOf(root);
        expectMixture(found, before, after);
        // Only clearing up was left to do.
        expect(error !== null || JSON.stringify(found) === JSON.stringify(after)).toBe(true);
        await expectUsable(root);
      });
    }
  });
});
