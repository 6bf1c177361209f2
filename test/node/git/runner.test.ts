/** T12: whatever users name things, git never takes a name for an option, and nobody else's git is started. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkRefName } from '../../../src/core/model/ref-name';
import { disk } from '../../../src/node/fs/disk';
import { runGit } from '../../../src/node/git/runner';
import { addWorktree } from '../../../src/node/git/worktrees';
import { count, patience, times } from '../../torture/support/budget';
import { Sandbox } from './sandbox';

const RUNS = times(60, 50_000);
afterAll(() => count('T12', { 'argument vectors': 2 * RUNS, violations: 0 }));

let folder = '';
let path: string | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bb-runner-'));
  path = process.env['PATH'];
});
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true, force: true });
});

/** A program `git` in a folder of its own. */
function fakeGit(script: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'git'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, 'git'), 0o755);
  return `${bin}${delimiter}${path}`;
}

/** A git that writes down its arguments, each ended by NUL, and its environment. */
function recordingGit(): { readonly argv: () => readonly string[]; readonly path: string } {
  const record = join(folder, 'argv');
  const search = fakeGit(`printf '%s\\0' "$@" > '${record}'; env > '${record}.env'`);
  return { argv: () => readFileSync(record, 'utf8').split('\0').slice(0, -1), path: search };
}

const run = (operands: readonly string[], environment: { readonly [name: string]: string | undefined }) =>
  runGit({ files: disk, cwd: folder, command: ['worktree', 'add'], operands, environment });

describe('arguments', () => {
  const word = fc.oneof(
    fc.constantFrom('-x', '--upload-pack=touch pwned', '$(touch pwned)', '`id`', 'a;b', 'a\nb', '', '--', '-'),
    fc.string({ maxLength: 30 }).filter(text => !text.includes('\0'))
  );

  it('of users stand behind --end-of-options, unchanged and one by one', { timeout: patience }, async () => {
    const recorder = recordingGit();
    const property = fc.asyncProperty(fc.array(word, { maxLength: 4 }), async operands => {
      await run(operands, { PATH: recorder.path });
      const argv = recorder.argv();
      const at = argv.indexOf('--end-of-options');
      expect(argv.slice(at + 1)).toEqual(operands);
      expect(argv.slice(at - 2, at)).toEqual(['worktree', 'add']);
      // Before them: pairs of -c and a setting of ours.
      expect(argv.slice(0, at - 2).filter((_, index) => index % 2 === 0)).toEqual(
        new Array((at - 2) / 2).fill('-c') as string[]
      );
    });
    await fc.assert(property, { numRuns: RUNS });
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  it(
    'of a new work tree are a path and a checked branch name, or git is not started',
    { timeout: patience },
    async () => {
      const recorder = recordingGit();
      process.env['PATH'] = recorder.path;
      const from = { root: folder, commonDir: join(folder, '.git') };
      mkdirSync(from.commonDir);
      const property = fc.asyncProperty(word, word, async (root, branch) => {
        rmSync(join(folder, 'argv'), { force: true });
        const started = await addWorktree(disk, from, `/x/${root}`, branch).then(
          () => true,
          () => false
        );
        expect(started).toBe(checkRefName(branch) === null);
        expect(existsSync(join(folder, 'argv'))).toBe(started);
        expect(started ? recorder.argv().slice(-3) : []).toEqual(
          started ? ['--end-of-options', `/x/${root}`, branch] : []
        );
      });
      await fc.assert(property, { numRuns: RUNS });
    }
  );

  it('are understood by the real git', async () => {
    const box = new Sandbox();
    try {
      box.write('x', 'x');
      box.commit('start');
      const branches = await runGit({ files: disk, cwd: box.root, command: ['rev-parse'], operands: ['main'] });
      expect(branches).toContain(box.git('rev-parse', 'main'));
    } finally {
      box.dispose();
    }
  });
});

describe('the program', () => {
  it('is never taken from a relative folder of the search path', async () => {
    fakeGit('touch pwned');
    const pwned = { PATH: ['bin', '.', '', path].join(delimiter) };
    await expect(run(['x'], pwned)).rejects.toMatchObject({ code: 'IO' });
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  it('is told to be missing, with the command that installs it', async () => {
    await expect(run(['x'], { PATH: folder })).rejects.toMatchObject({
      code: 'REPOSITORY_UNSUPPORTED',
      hint: expect.stringMatching(/^Install it: \S+/) as string
    });
  });

  it('gets no variable that would lead it elsewhere or start something', async () => {
    const recorder = recordingGit();
    const bad = [
      'DIR',
      'WORK_TREE',
      'INDEX_FILE',
      'SSH_COMMAND',
      'EXEC_PATH',
      'EXTERNAL_DIFF',
      'CONFIG_COUNT',
      'TRACE'
    ];
    const environment = Object.fromEntries(bad.map(name => [`GIT_${name}`, 'evil']));
    await run([], { ...environment, PATH: recorder.path, GIT_AUTHOR_NAME: 'Ada' });
    const seen = readFileSync(join(folder, 'argv.env'), 'utf8');
    expect(seen).not.toContain('evil');
    expect(seen).toContain('GIT_AUTHOR_NAME=Ada');
    expect(seen).toContain('GIT_TERMINAL_PROMPT=0');
  });

  it('fails with its own last words', async () => {
    await expect(run([], { PATH: fakeGit('echo "fatal: no such thing" >&2; exit 128') })).rejects.toMatchObject({
      code: 'IO',
      message: 'git worktree add failed: fatal: no such thing'
    });
  });

  it('is stopped when it says too much', async () => {
    const PATH = fakeGit('while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done');
    const chatty = runGit({
      files: disk,
      cwd: folder,
      command: ['log'],
      operands: [],
      maxOutput: 1000,
      environment: { PATH }
    });
    await expect(chatty).rejects.toMatchObject({ code: 'IO' });
  });
});

describe('what git started', () => {
  /** A git whose child outlives it unless the whole group is killed. */
  function forkingGit(before = ':'): { readonly path: string; readonly child: () => string } {
    const file = join(folder, 'child');
    return {
      path: fakeGit(`${before}; sleep 600 & echo $! > '${file}'; wait`),
      child: () => readFileSync(file, 'utf8').trim()
    };
  }

  async function expectGone(pid: string): Promise<void> {
    // A zombie that nobody has waited for yet is gone as well.
    const state = (): string => spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' }).stdout.trim();
    await expect.poll(() => /^Z?$/.test(state().slice(0, 1)), { timeout: 5000 }).toBe(true);
  }

  it('ends with it when time is up', async () => {
    const git = forkingGit();
    const slow = runGit({
      files: disk,
      cwd: folder,
      command: ['x'],
      operands: [],
      timeout: 1500,
      environment: { PATH: git.path }
    });
    await expect(slow).rejects.toMatchObject({ code: 'IO', message: expect.stringContaining('1500 ms') as string });
    await expectGone(git.child());
  });

  it('is asked before it is forced, so that no lock stays', async () => {
    const git = forkingGit(`trap 'rm ${folder}/child.lock; exit 1' TERM; touch ${folder}/child.lock`);
    const abort = new AbortController();
    const environment = { PATH: git.path };
    const slow = runGit({ files: disk, cwd: folder, command: ['x'], operands: [], signal: abort.signal, environment });
    await expect.poll(() => existsSync(join(folder, 'child')) && git.child() !== '', { timeout: 5000 }).toBe(true);
    abort.abort();
    await expect(slow).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(existsSync(join(folder, 'child.lock'))).toBe(false);
    await expectGone(git.child());
  });

  it('ends with it when the user cancels, also before it began', async () => {
    const git = forkingGit();
    const abort = new AbortController();
    const environment = { PATH: git.path };
    const slow = runGit({ files: disk, cwd: folder, command: ['x'], operands: [], signal: abort.signal, environment });
    await expect.poll(() => existsSync(join(folder, 'child')) && git.child() !== '', { timeout: 5000 }).toBe(true);
    abort.abort();
    await expect(slow).rejects.toMatchObject({ code: 'CANCELLED' });
    await expectGone(git.child());
    const late = runGit({ files: disk, cwd: folder, command: ['x'], operands: [], signal: abort.signal, environment });
    await expect(late).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
