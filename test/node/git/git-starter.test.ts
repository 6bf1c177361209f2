import { build } from 'esbuild';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { disk } from '../../../src/node/fs/disk';
import { GitStarter } from '../../../src/node/git/git-starter';
import { startHere } from '../../../src/node/git/start';
import type { StartGit } from '../../../src/node/git/start';

let folder: string;
let starter: GitStarter;
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'branchbook-')));
  const outfile = join(folder, 'git-starter.cjs');
  const entryPoints = [resolve(__dirname, '../../../src/node/git/git-starter-process.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', logLevel: 'error' });
  starter = await GitStarter.open(disk, outfile);
});
afterAll(async () => {
  await starter.close();
  rmSync(folder, { recursive: true, force: true });
});

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const piece of stream) {
    text += String(piece);
  }
  return text;
}

/** A shell does here what git does: reads, asks, writes. */
const shell = (script: string): Parameters<StartGit>[0] => ({
  program: '/bin/sh',
  argv: ['-c', script],
  cwd: folder,
  env: { PATH: process.env['PATH'], WORD: 'hello' }
});

it.each<readonly [string, StartGit]>([
  ['from here', startHere],
  ['by the small process', git => starter.start(git)]
])('starts a program that is spoken with, %s', { timeout: 60_000 }, async (_name, start) => {
  const script = 'echo question >&3; read -r answer <&4; echo "$WORD $answer"; cat; pwd; echo complaint >&2; exit 3';
  const git = await start(shell(script));
  expect(String(await once(git.questions, 'data'))).toBe('question\n');
  git.answers.write('answer\n');
  const large = 'x'.repeat(1_000_000);
  git.input.end(`${large}\n`);
  const [said, complaint] = await Promise.all([textOf(git.output), textOf(git.complaints)]);
  expect(said).toBe(`hello answer\n${large}\n${folder}\n`);
  expect([complaint, await git.ended]).toEqual(['complaint\n', 3]);
});

it('starts many at once, each with its own channels', async () => {
  const all = Array.from({ length: 10 }, async (_, each) => {
    const git = await starter.start(shell(`echo ${each}; cat`));
    git.input.end(`for ${each}`);
    return textOf(git.output);
  });
  expect(await Promise.all(all)).toEqual(Array.from({ length: 10 }, (_, each) => `${each}\nfor ${each}`));
});

it('ends a program with all that it started', async () => {
  const git = await starter.start(shell(`(sleep 100; touch late) & echo begun; wait`));
  for await (const piece of git.output) {
    expect(String(piece)).toBe('begun\n');
    git.kill();
  }
  expect(await git.ended).toBe(null);
  expect(existsSync(join(folder, 'late'))).toBe(false);
});

it('says that what is not there cannot be started, and starts the next', async () => {
  await expect(starter.start({ ...shell(''), program: '/nowhere/git' })).rejects.toMatchObject({ code: 'IO' });
  const git = await starter.start(shell('echo well'));
  expect(await textOf(git.output)).toBe('well\n');
});
