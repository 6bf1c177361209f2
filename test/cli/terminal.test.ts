/** What a person at a terminal meets: help, progress, Ctrl-C; and what a script meets: exit codes and JSON. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readdirSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandLine, createProject } from '../support/in-process';
import { photograph } from '../support/photograph';
import { buildProgram, environment, git, newProject } from '../support/program';
import type { Program } from '../support/program';
import { randomBytes } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';

const MEBIBYTE = 1024 * 1024;
const verbs =
  'init status track snapshot branch switch merge compare diff versions assets show restore get undo check'.split(' ');

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});
const inProcess = commandLine();

/** A file that takes seconds to store: nothing in it repeats. */
function writeLarge(path: string, mebibytes: number): void {
  const file = openSync(path, 'w');
  for (let written = 0; written < mebibytes; written += 16) {
    writeSync(file, randomBytes(16 * MEBIBYTE));
  }
  truncateSync(path, mebibytes * MEBIBYTE);
}

describe('help', () => {
  it.each([...verbs, 'serve'])('of %s has examples that name it', async verb => {
    const { code, stdout } = await inProcess.try(temporaryDirectory(), verb, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\n  branchbook ${verb}`));
    expect(stdout).toContain(`Usage: branchbook ${verb}`);
  });
});

describe('--json', () => {
  it('answers every verb', async () => {
    const project = await createProject(inProcess);
    writeFileSync(join(project, 'a.csv'), 'x\n1\n');
    const calls: readonly (readonly [string, ...string[]])[] = [
      ['init'],
      ['status'],
      ['track'],
      ['snapshot', '-m', 'first'],
      ['branch', 'other'],
      ['switch', 'other'],
      ['merge', 'main'],
      ['compare', 'main', 'other'],
      ['diff', 'main', 'other'],
      ['versions', 'a.csv'],
      ['assets'],
      ['show', 'a.csv@main'],
      ['restore', 'a.csv@main'],
      ['get', 'a.csv@main'],
      ['check'],
      ['undo']
    ];
    expect(new Set(calls.map(([verb]) => verb))).toEqual(new Set(verbs));
    for (const call of calls) {
      expect(await inProcess.json(project, ...call), call[0]).toBeTypeOf('object');
    }
  });

  it('answers every failure, also of a command line that cannot be understood', async () => {
    const project = await createProject(inProcess);
    for (const [call, exit, code] of [
      [['snapshot', '--nonsense'], 2, 'USAGE'],
      [['switch'], 2, 'USAGE'],
      [['versions', 'a', '-n', 'many'], 2, 'USAGE'],
      [['nonsense'], 2, 'USAGE'],
      [['show', '@nobody'], 1, 'REVISION_UNKNOWN'],
      [['undo'], 1, 'NOTHING_TO_UNDO']
    ] as const) {
      const { hint, message, ...failure } = await inProcess.fail(project, ...call);
      expect(failure, call.join(' ')).toMatchObject({ exit, code });
      expect(message, call.join(' ')).not.toBe('');
      expect(hint, call.join(' ')).not.toBe('');
    }
  });
});

describe('a long snapshot', () => {
  it('ends cleanly on Ctrl-C', async () => {
    const project = newProject(program);
    writeFileSync(join(project, 'small.txt'), 'small\n');
    program.run(project, 'snapshot', '-m', 'first');
    writeLarge(join(project, 'large.bin'), 256);
    const before = photograph(project);
    const child = spawn(process.execPath, [program.file, 'snapshot', '-m', 'long', '--json'], {
      cwd: project,
      env: environment
    });
    let stderr = '';
    child.stderr.on('data', text => (stderr += String(text)));
    const ended = once(child, 'exit');
    await untilStoring(project);
    child.kill('SIGINT');
    expect(await ended).toEqual([1, null]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'CANCELLED' } });
    expect(photograph(project)).toEqual(before);
    expect(program.run(project, 'status')).toContain('large.bin');
    expect(program.run(project, 'check', '--read-data')).toContain('All is well');
    expect(git(project, 'fsck', '--full', '--strict', '--no-dangling')).toBe('');
    expect(existsSync(join(project, '.git/index.lock'))).toBe(false);
    rmSync(join(project, 'large.bin'));
    writeFileSync(join(project, 'small.txt'), 'changed\n');
    program.run(project, 'snapshot', '-m', 'goes on');
  }, 180_000);

  it('tells on a terminal how far it is, and cleans the line up', () => {
    const project = newProject(program);
    // Longer than the second after which something is told, in memory too.
    writeLarge(join(project, 'large.bin'), 1024);
    const command = `'${process.execPath}' '${program.file}' snapshot -m long`;
    const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      cwd: project,
      env: { ...environment, TERM: 'xterm' },
      encoding: 'utf8'
    });
    expect(status).toBe(0);
    // eslint-disable-next-line no-control-regex
    expect(stdout).toMatch(/\r\u001b\[K[a-zA-Z]+: [0-9.]+ [kMG]?B of 1.1 GB · \d+ %[^\r]* {2}\(Ctrl-C cancels\)/);
    // eslint-disable-next-line no-control-regex
    expect(stdout).toMatch(/\r\u001b\[K\u001b\[1m[0-9a-f]{8}/);
    expect(program.try(project, 'snapshot', '-m', 'again').stderr).not.toContain('\u001b');
  }, 180_000);
});

/** Until the snapshot has begun to write a pack. */
async function untilStoring(project: string): Promise<void> {
  const home = join(project, '.git/branchbook');
  const names = (): readonly string[] => readdirSync(home, { recursive: true, encoding: 'utf8' });
  const before = names().length;
  for (let waited = 0; waited < 60_000; waited += 20) {
    if (names().some(name => name.startsWith('lock')) && names().length > before + 1) {
      await new Promise(resolve => setTimeout(resolve, 200));
      return;
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  throw new Error('The snapshot did not begin.');
}
